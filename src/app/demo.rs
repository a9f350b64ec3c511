//! The demo market: invented enterprises of one industrial city and their listings, from `data/demo/`.

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::admission::Admission;
use super::listings::insert_admitted;
use super::posting::{Reading, today_at};
use super::{App, Error};
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, Profile};
use crate::domain::event::{Audience, Author, Detail, NewEvent};

/// By theme, in the order they are loaded.
const FILES: [&str; 7] = [
    include_str!("../../data/demo/health.json"),
    include_str!("../../data/demo/protection.json"),
    include_str!("../../data/demo/industry.json"),
    include_str!("../../data/demo/food.json"),
    include_str!("../../data/demo/life.json"),
    include_str!("../../data/demo/transport.json"),
    include_str!("../../data/demo/services.json"),
];

#[derive(Deserialize)]
struct Demo {
    enterprises: Vec<DemoEnterprise>,
    listings: Vec<DemoListing>,
}

#[derive(Deserialize)]
struct DemoEnterprise {
    key: String,
    verified: bool,
    profile: Profile,
}

/// Dates count from the day it is loaded.
#[derive(Deserialize)]
struct DemoListing {
    enterprise: String,
    terms: Map<String, Value>,
    needed_by_days: Option<u64>,
    available_from_days: Option<u64>,
    valid_days: Option<i64>,
    delivery_period_days: Option<[u64; 2]>,
}

impl App {
    /// Loads the demo market once; returns how many listings were new.
    pub async fn load_demo(&self) -> Result<usize, Error> {
        let read =
            |file: &&str| serde_json::from_str(file).map_err(|error| Error::Fault(format!("data/demo: {error}")));
        let themes: Vec<Demo> = FILES.iter().map(read).collect::<Result<_, _>>()?;
        let now = Utc::now().trunc_subsecs(6);
        self.database
            .transaction(async |connection| {
                let mut new = 0;
                let admission = self.admission(connection, now).await?;
                for (theme, member) in themes.iter().flat_map(|theme| theme.enterprises.iter().map(move |m| (theme, m)))
                {
                    let Some(enterprise) = insert_enterprise(connection, member, now).await? else { continue };
                    for listing in theme.listings.iter().filter(|listing| listing.enterprise == member.key) {
                        self.insert_demo_listing(connection, &admission, listing, &enterprise, now).await?;
                        new += 1;
                    }
                }
                Ok(new)
            })
            .await
    }

    async fn insert_demo_listing(
        &self,
        connection: &mut Connection,
        admission: &Admission,
        demo: &DemoListing,
        enterprise: &Enterprise,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let knowledge = self.knowledge();
        let today = today_at(enterprise, now);
        let (terms, _) = Reading::new(&knowledge, Some(enterprise), now).complete(demo.dated(today, now), &[])?;
        terms.check(&knowledge.reference, now, today).or_else_value(())?;
        insert_admitted(connection, admission, enterprise, terms, Author::system("command:demo"), now).await?;
        Ok(())
    }
}

impl DemoListing {
    fn dated(&self, today: NaiveDate, now: DateTime<Utc>) -> Map<String, Value> {
        let mut terms = self.terms.clone();
        let day = |days: u64| json!(today + Days::new(days));
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                terms.insert(name.to_owned(), value);
            }
        };
        set("needed_by", self.needed_by_days.map(day));
        set("available_from", self.available_from_days.map(day));
        set(
            "delivery_period",
            self.delivery_period_days.map(|[start, end]| json!({ "start": day(start), "end": day(end) })),
        );
        let until = |days: i64| (now + TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
        set("valid_until", self.valid_days.map(|days| until(days).into()));
        terms
    }
}

/// `None` when it is there already.
async fn insert_enterprise(
    connection: &mut Connection,
    member: &DemoEnterprise,
    now: DateTime<Utc>,
) -> Result<Option<Enterprise>, Error> {
    if db::enterprises::exists_named(connection, &member.profile.legal_name).await? {
        return Ok(None);
    }
    let status = if member.verified { EnterpriseStatus::Verified } else { EnterpriseStatus::Pending };
    let enterprise = Enterprise {
        id: Uuid::now_v7(),
        status,
        profile: member.profile.clone(),
        standing: Default::default(),
        merged_into: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    db::enterprises::insert(connection, &enterprise).await?;
    let created = NewEvent {
        event_type: "enterprise.created",
        entity: "enterprise",
        entity_id: enterprise.id,
        version: 1,
        audience: Audience::Staff,
        changed: json!({}),
        detail: Detail::created(&enterprise.profile),
    };
    db::events::append(connection, created, Author::system("command:demo"), now).await?;
    Ok(Some(enterprise))
}
