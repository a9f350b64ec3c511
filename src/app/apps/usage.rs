//! What apps ask for each day: counted in memory, written down every few seconds and before a total is read. The sums are all
//! processes' together, and so the quota of a day is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDate, Utc};
use uuid::Uuid;

use super::find_visible;
use crate::app::{App, Caller, Error};
use crate::db;
use crate::domain::app::DailyUsage;

/// Days shown.
const DAYS: i64 = 90;

/// Of this process, not yet written down; and what all processes granted today, as far as was known at the last writing.
#[derive(Default)]
pub struct Counters(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    here: HashMap<(Uuid, NaiveDate), Count>,
    everywhere: HashMap<Uuid, (NaiveDate, i64)>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    requests: i64,
    refused: i64,
}

impl Counters {
    /// One request; `refused` where it was over a quota.
    pub fn add(&self, app_id: Uuid, refused: bool) {
        self.put_back(app_id, Utc::now().date_naive(), Count { requests: 1, refused: i64::from(refused) });
    }

    /// Requests granted to it today: what other processes granted in the last seconds is missing.
    pub fn granted_today(&self, app_id: Uuid) -> i64 {
        let (today, counted) = (Utc::now().date_naive(), self.lock());
        let here = counted.here.get(&(app_id, today)).map_or(0, |count| count.requests - count.refused);
        let everywhere =
            counted.everywhere.get(&app_id).filter(|(day, _)| *day == today).map_or(0, |(_, known)| *known);
        here + everywhere
    }

    fn put_back(&self, app_id: Uuid, day: NaiveDate, more: Count) {
        let mut counted = self.lock();
        let count = counted.here.entry((app_id, day)).or_default();
        count.requests += more.requests;
        count.refused += more.refused;
    }

    fn take(&self) -> HashMap<(Uuid, NaiveDate), Count> {
        std::mem::take(&mut self.lock().here)
    }

    /// Those that asked for something here today.
    fn known(&self, today: NaiveDate) -> Vec<Uuid> {
        let mut counted = self.lock();
        counted.everywhere.retain(|_, (day, _)| *day == today);
        counted.everywhere.keys().copied().collect()
    }

    fn learn(&self, app_id: Uuid, day: NaiveDate, granted: i64) {
        self.lock().everywhere.insert(app_id, (day, granted));
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Writes down what was counted; what cannot be written is kept for the next time. Then reads what all processes granted
    /// today.
    pub async fn write_usage(&self) -> Result<(), Error> {
        let (mut failed, today) = (None, Utc::now().date_naive());
        for ((app_id, day), Count { requests, refused }) in self.app_usage.take() {
            // Until the sum is read it counts as known: meanwhile nothing is granted twice.
            let before = self.app_usage.granted_today(app_id);
            if day == today {
                self.app_usage.learn(app_id, today, before + requests - refused);
            }
            let written = async {
                let mut connection = self.database.get().await?;
                db::apps::add_usage(&mut connection, app_id, DailyUsage { day, requests, refused }).await
            };
            if let Err(error) = written.await {
                self.app_usage.learn(app_id, today, before);
                self.app_usage.put_back(app_id, day, Count { requests, refused });
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        let known = self.app_usage.known(today);
        if !known.is_empty() {
            let mut connection = self.database.get().await?;
            for (app_id, granted) in db::apps::granted_on(&mut connection, &known, today).await? {
                self.app_usage.learn(app_id, today, granted);
            }
        }
        Ok(())
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
