//! Daily figures for those who answer to the city: what stood at the end of a day, in a region, and the rows behind it.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use uuid::Uuid;

use super::access::{require_platform, required_grants};
use super::{App, Caller, Error};
pub use crate::db::briefs::{Count, Gap, QueueAge};
use crate::db::{self, Connection};
use crate::domain::brief::{BriefFigure, BriefRow, RowFilter, ZONE, end_of};
use crate::domain::platform::Reach;
use crate::domain::violation::Violations;

/// The most categories with units that gaps are told of.
const MOST_GAPS: i64 = 2000;

#[derive(Debug, Clone)]
pub struct Brief {
    pub date: NaiveDate,
    pub region_code: Option<String>,
    /// The end of the day, or the present where it is not over.
    pub as_of: DateTime<Utc>,
    pub complete: bool,
    /// What is older was made from what was there then.
    pub exact_since: Option<DateTime<Utc>>,
    pub enterprises: Vec<Count>,
    pub listings: Vec<Count>,
    pub needs: Vec<Count>,
    pub gaps: Vec<Gap>,
    pub contacts: i64,
    pub queue: QueueAge,
}

impl App {
    /// Figures of a region with all below it; without one, of everything, for those whose role reaches everywhere.
    pub async fn find_brief(
        &self,
        caller: &Caller,
        date: NaiveDate,
        region_code: Option<String>,
    ) -> Result<Brief, Error> {
        let mut connection = self.database.get().await?;
        let now = Utc::now().trunc_subsecs(6);
        let reach = self.brief_reach(&mut connection, caller, date, region_code.as_deref(), now).await?;
        let as_of = end_of(date, now);
        let connection = &mut *connection;
        let contacts = db::briefs::counts(connection, &reach, as_of, BriefFigure::Contacts).await?;
        Ok(Brief {
            date,
            region_code,
            as_of,
            complete: as_of < now,
            exact_since: db::briefs::exact_since(connection).await?,
            enterprises: db::briefs::counts(connection, &reach, as_of, BriefFigure::Enterprises).await?,
            listings: db::briefs::counts(connection, &reach, as_of, BriefFigure::Listings).await?,
            needs: db::briefs::counts(connection, &reach, as_of, BriefFigure::Needs).await?,
            gaps: db::briefs::gaps(connection, &reach, as_of, MOST_GAPS).await?,
            contacts: contacts.iter().map(|count| count.count).sum(),
            queue: db::briefs::queue_age(connection, &reach, as_of).await?,
        })
    }

    /// What a figure counts, by id.
    pub async fn list_brief_rows(
        &self,
        caller: &Caller,
        date: NaiveDate,
        region_code: Option<&str>,
        filter: &RowFilter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<BriefRow>, Error> {
        let mut connection = self.database.get().await?;
        let now = Utc::now().trunc_subsecs(6);
        let reach = self.brief_reach(&mut connection, caller, date, region_code, now).await?;
        Ok(db::briefs::rows(&mut connection, &reach, end_of(date, now), filter, after, limit).await?)
    }

    async fn brief_reach(
        &self,
        connection: &mut Connection,
        caller: &Caller,
        date: NaiveDate,
        region_code: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Reach, Error> {
        let knowledge = self.knowledge();
        let regions = &knowledge.reference.regions;
        required_grants(connection, caller).await?;
        let mut violations = Violations::new();
        if date > now.with_timezone(&ZONE).date_naive() {
            violations.add("date", "in_the_future");
        }
        if region_code.is_some_and(|code| regions.get(code).is_none()) {
            violations.add("region", "region_unknown");
        }
        violations.or_else_value(()).map_err(Error::InvalidParameters)?;
        require_platform(connection, caller, region_code, regions).await?;
        Ok(region_code.map_or(Reach::EVERYWHERE, |code| Reach::of_region(code, regions)))
    }
}
