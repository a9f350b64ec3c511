//! Hourly versions of the market's statistics: made by whichever process finds them old, used by all.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use serde_json::json;

use super::secrets::sha256;
use super::{App, Error};
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::matching::Statistics;

/// The entity of the events that tell of a new version.
pub const ENTITY: &str = "matching_statistics";
/// Older versions keep their number and hour, by which matches name them, and let go of their content.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Writes `made` as the version after the newest, unless somebody was faster.
pub(super) async fn store(connection: &mut Connection, made: Statistics) -> Result<(), Error> {
    db::transaction(connection, async |connection| {
        db::lock(connection, db::Lock::Statistics).await?;
        let newest = db::market::find_statistics(connection).await?;
        if newest.as_ref().is_some_and(|newest| newest.as_of >= made.as_of) {
            return Ok(());
        }
        let made = Statistics { version: newest.as_ref().map_or(0, |newest| newest.version) + 1, ..made };
        db::market::insert_statistics(connection, &made).await?;
        // Other processes have read a version only where there was one.
        if let Some(newest) = &newest {
            db::events::append(connection, event(newest, &made), Author::system("job:statistics"), Utc::now()).await?;
        }
        Ok(())
    })
    .await
}

fn event(before: &Statistics, made: &Statistics) -> NewEvent {
    let told = |one: &Statistics| json!({ "version": one.version, "as_of": one.as_of });
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(ENTITY.as_bytes())[..16]);
    NewEvent {
        event_type: "matching_statistics.created",
        entity: ENTITY,
        entity_id: uuid::Builder::from_custom_bytes(bytes).into_uuid(),
        version: made.version,
        audience: Audience::Public,
        changed: json!({ "as_of": made.as_of }),
        detail: Detail::changed(&told(before), &told(made)),
    }
}

impl App {
    /// Takes the newest version into use.
    pub(super) async fn take_statistics(&self, connection: &mut Connection) -> Result<(), Error> {
        let _one_at_a_time = self.market.renewing.lock().await;
        if let Some(newest) = db::market::find_statistics(connection).await? {
            self.market.use_statistics(Arc::new(newest));
        }
        Ok(())
    }

    /// Lets go of the content of old versions.
    pub async fn prune_statistics(&self) -> Result<(), Error> {
        let mut connection = self.database.get().await?;
        Ok(db::market::prune_statistics(&mut connection, Utc::now() - KEPT).await?)
    }
}
