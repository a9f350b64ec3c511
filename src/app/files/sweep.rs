//! What nobody refers to any more: files that prove nothing, and bytes of uploads that came to no end.

use chrono::{SubsecRound, TimeDelta, Utc};
use futures_util::StreamExt;
use serde_json::json;
use uuid::Uuid;

use super::{Place, told};
use crate::app::{App, Error};
use crate::db;
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::evidence::UNUSED_LIFETIME;

/// Taken at a time.
const BATCH: usize = 500;
/// An upload under way has no row yet, and none takes as long.
const UPLOADING: TimeDelta = TimeDelta::hours(1);

impl App {
    /// Deletes files nothing has referred to for a week, and bytes without a row; returns how many of both.
    pub async fn sweep_files(&self) -> Result<usize, Error> {
        Ok(self.sweep_unused().await? + self.sweep_strays().await?)
    }

    /// Rows first: bytes without a row are found again, a row without bytes would promise what is not there.
    async fn sweep_unused(&self) -> Result<usize, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let files = self
            .database
            .transaction(async |connection| {
                let files = db::files::lock_unused(connection, now - UNUSED_LIFETIME, BATCH as i64).await?;
                for file in &files {
                    db::files::delete(connection, file.id).await?;
                    let event = NewEvent {
                        event_type: "file.deleted",
                        entity: "file",
                        entity_id: file.id,
                        version: 1,
                        audience: Audience::Enterprises(vec![file.enterprise_id]),
                        changed: json!({ "enterprise_id": file.enterprise_id, "unused": true }),
                        detail: Detail::deleted(&told(file)),
                    };
                    db::events::append(connection, event, Author::system("job:sweep"), now).await?;
                }
                Ok::<_, Error>(files)
            })
            .await?;
        if !files.is_empty() {
            self.sequencer.notify_one();
        }
        for file in &files {
            self.files.delete(file.place()).await?;
        }
        Ok(files.len())
    }

    async fn sweep_strays(&self) -> Result<usize, Error> {
        let mut batches = self.files.list_older(Utc::now() - UPLOADING).chunks(BATCH);
        let mut swept = 0;
        while let Some(places) = batches.next().await {
            let places = places.into_iter().collect::<Result<Vec<Place>, Error>>()?;
            let ids: Vec<Uuid> = places.iter().map(|place| place.id).collect();
            let known = {
                let mut connection = self.database.get().await?;
                db::files::existing(&mut connection, &ids).await?
            };
            for stray in places.into_iter().filter(|place| !known.contains(&place.id)) {
                self.files.delete(stray).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
