//! What apps ask for each day: counted in memory, written down every few seconds and before a total is read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDate, Utc};
use uuid::Uuid;

use super::find_visible;
use crate::app::{App, Caller, Error};
use crate::db;
use crate::domain::app::DailyUsage;

/// Days shown.
const DAYS: i64 = 90;

/// Of this process, not yet written down.
#[derive(Default)]
pub struct Counters(Mutex<HashMap<(Uuid, NaiveDate), Count>>);

#[derive(Clone, Copy, Default)]
struct Count {
    requests: i64,
    refused: i64,
}

impl Counters {
    /// One request; `refused` where it was over the quota.
    pub fn add(&self, app_id: Uuid, refused: bool) {
        self.put_back(app_id, Utc::now().date_naive(), Count { requests: 1, refused: i64::from(refused) });
    }

    fn put_back(&self, app_id: Uuid, day: NaiveDate, more: Count) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((app_id, day)).or_default();
        count.requests += more.requests;
        count.refused += more.refused;
    }

    fn take(&self) -> HashMap<(Uuid, NaiveDate), Count> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Writes down what was counted; what cannot be written is kept for the next time.
    pub async fn write_usage(&self) -> Result<(), Error> {
        let counted = self.app_usage.take();
        if counted.is_empty() {
            return Ok(());
        }
        let mut failed = None;
        for ((app_id, day), Count { requests, refused }) in counted {
            let written = async {
                let mut connection = self.database.get().await?;
                db::apps::add_usage(&mut connection, app_id, DailyUsage { day, requests, refused }).await
            };
            if let Err(error) = written.await {
                self.app_usage.put_back(app_id, day, Count { requests, refused });
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Newest day first; what other processes counted in the last seconds may be missing.
    pub async fn list_app_usage(&self, caller: &Caller, app_id: Uuid) -> Result<Vec<DailyUsage>, Error> {
        let app = {
            let mut connection = self.database.get().await?;
            find_visible(&mut connection, caller, app_id).await?
        };
        self.write_usage().await?;
        let mut connection = self.database.get().await?;
        Ok(db::apps::list_usage(&mut connection, app.id, DAYS).await?)
    }
}
