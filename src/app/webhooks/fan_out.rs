//! Follows the event log, one process at a time, and makes a delivery of each event for each endpoint that wants it. Rows and
//! position are one transaction: after a crash the same events are dealt with again, and nothing is there twice.

use std::collections::BTreeSet;

use chrono::{SubsecRound, Utc};
use uuid::Uuid;

use crate::app::{App, Error};
use crate::db::webhooks::Listener;
use crate::db::webhooks::deliveries::{self, NewRow};
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Event};
use crate::domain::webhook_event::{WebhookEventType, cloud_event};

/// The name of this reader of the log.
const CONSUMER: &str = "webhooks";
/// Events taken at a time.
const BATCH: i64 = 500;

/// An event with the enterprises that may see it: the rule of `db::audit::list_of_enterprise`, the other way round.
struct Told {
    event: Event,
    enterprises: BTreeSet<Uuid>,
}

impl App {
    /// Makes deliveries of the next events; returns whether there may be more. Does nothing while another process does.
    pub async fn make_webhook_deliveries(&self) -> Result<bool, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let made = self
            .database
            .transaction(async |connection| {
                if !db::try_lock(connection, db::Lock::Webhooks as i64).await? {
                    return Ok(None);
                }
                let position = db::events::position(connection, CONSUMER).await?;
                let events = db::events::list_after(connection, position, BATCH).await?;
                let Some(last) = events.last().map(|event| event.seq) else { return Ok(None) };
                let told = told(connection, events).await?;
                let enterprises: BTreeSet<Uuid> = told.iter().flat_map(|told| told.enterprises.clone()).collect();
                let enterprises: Vec<Uuid> = enterprises.into_iter().collect();
                let endpoints = db::webhooks::list_enabled(connection, &enterprises).await?;
                let row = |told: &Told, endpoint: &Listener| {
                    let body = cloud_event(&self.policy.event_source, &told.event, endpoint.enterprise_id);
                    NewRow::new(endpoint.id, told.event.event_id, &told.event.event_type, body, now)
                };
                let rows = told.iter().flat_map(|told| {
                    endpoints.iter().filter(|endpoint| told.concerns(endpoint)).map(|endpoint| row(told, endpoint))
                });
                let rows: Vec<NewRow> = rows.collect();
                deliveries::insert_many(connection, &rows).await?;
                db::events::set_position(connection, CONSUMER, last).await?;
                Ok::<_, Error>(Some(rows.len()))
            })
            .await?;
        if made.is_some_and(|made| made > 0) {
            self.webhook_sender.notify_one();
        }
        Ok(made.is_some())
    }
}

impl Told {
    /// Whether it is for that endpoint: nothing from before it was made.
    fn concerns(&self, endpoint: &Listener) -> bool {
        let kinds = &endpoint.event_types;
        self.enterprises.contains(&endpoint.enterprise_id)
            && (kinds.is_empty() || kinds.contains(&self.event.event_type))
            && self.event.at >= endpoint.created_at
    }
}

async fn told(connection: &mut Connection, events: Vec<Event>) -> Result<Vec<Told>, Error> {
    let seen = events.into_iter().filter(|event| event.audience != Audience::Staff);
    let known: Vec<Event> = seen.filter(|event| event.event_type.parse::<WebhookEventType>().is_ok()).collect();
    let listings: BTreeSet<Uuid> =
        known.iter().filter(|event| event.entity == "listing").map(|event| event.entity_id).collect();
    let listings: Vec<Uuid> = listings.into_iter().collect();
    let owners = db::webhooks::owners_of_listings(connection, &listings).await?;
    let told = |event: Event| {
        let mut enterprises: BTreeSet<Uuid> = match &event.audience {
            Audience::Enterprises(ids) => ids.iter().copied().collect(),
            Audience::Public | Audience::Staff => BTreeSet::new(),
        };
        match event.entity.as_str() {
            "enterprise" => enterprises.extend([event.entity_id]),
            "listing" => enterprises.extend(owners.get(&event.entity_id)),
            _ => {}
        }
        Told { event, enterprises }
    };
    Ok(known.into_iter().map(told).collect())
}
