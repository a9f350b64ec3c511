//! The job that notices things: follows the event log, one process at a time, and marks listings that came or changed. Where lists
//! or thresholds have changed since, every open listing is looked at again, some at a time.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use super::flags::event;
use super::posting::today_at;
use super::{App, Error, Knowledge};
use crate::db::{self, Connection};
use crate::domain::enterprise::Enterprise;
use crate::domain::event::{Author, Event};
use crate::domain::flag::{Cleared, Finding, ListingFlag};
use crate::domain::listing::{Listing, ListingStatus};
use crate::domain::moderation::ModerationPolicy;
use crate::domain::notification::{FlaggedParams, Notification, NotificationKind, NotificationParams};
use crate::screening::{self, Surroundings};

/// The name of this reader of the log.
const CONSUMER: &str = "flags";
/// Events, and listings, taken at a time.
const BATCH: i64 = 200;
/// Listings of like texts that one is compared with.
const LIKE: i64 = 50;
/// Enterprises of one phone number that are named.
const SHARING: i64 = 20;
/// Lists that findings depend on.
const SCHEMES: [&str; 3] = ["capacities", "price_baselines", "screening_words"];

/// What one round works with.
struct Round {
    knowledge: Arc<Knowledge>,
    policy: ModerationPolicy,
    /// Rises with every edition of a list and every version of the policy.
    edition: i64,
    now: DateTime<Utc>,
}

impl App {
    /// Looks at what the next events are about, else at listings that were looked at by older lists; returns whether there may be
    /// more. Does nothing while another process does.
    pub async fn screen_listings(&self) -> Result<bool, Error> {
        let screened = self
            .database
            .transaction(async |connection| {
                if !db::try_lock(connection, db::Lock::Screening as i64).await? {
                    return Ok(None);
                }
                let round = self.round(connection).await?;
                let position = db::events::position(connection, CONSUMER).await?;
                let events = db::events::list_after(connection, position, BATCH).await?;
                let ids = match events.last() {
                    Some(last) => {
                        db::events::set_position(connection, CONSUMER, last.seq).await?;
                        concerned(connection, &events).await?
                    }
                    None => db::flags::screened_before(connection, round.edition, BATCH).await?,
                };
                if ids.is_empty() && events.is_empty() {
                    return Ok(None);
                }
                Ok::<_, Error>(Some(round.screen(connection, &ids).await?))
            })
            .await?;
        if screened.is_some_and(|raised| raised > 0) {
            self.sequencer.notify_one();
        }
        Ok(screened.is_some())
    }

    async fn round(&self, connection: &mut Connection) -> Result<Round, Error> {
        let (knowledge, policy) = (self.knowledge(), db::moderation::policy(connection).await?);
        let edition = knowledge.version_of(&SCHEMES) + i64::from(policy.version);
        Ok(Round { knowledge, policy, edition, now: Utc::now().trunc_subsecs(6) })
    }
}

/// Listings that events are about, also those of enterprises.
async fn concerned(connection: &mut Connection, events: &[Event]) -> Result<Vec<Uuid>, Error> {
    let of =
        |entity: &str| events.iter().filter(|e| e.entity == entity).map(|e| e.entity_id).collect::<BTreeSet<Uuid>>();
    let enterprises: Vec<Uuid> = of("enterprise").into_iter().collect();
    let mut ids = of("listing");
    ids.extend(db::flags::screened_of(connection, &enterprises).await?);
    Ok(ids.into_iter().collect())
}

fn is_open(listing: &Listing, now: DateTime<Utc>) -> bool {
    matches!(listing.status_at(now), ListingStatus::Published | ListingStatus::PendingReview)
}

impl Round {
    /// Returns how many flags were raised.
    async fn screen(&self, connection: &mut Connection, ids: &[Uuid]) -> Result<usize, Error> {
        let listings = db::listings::find_many(connection, ids).await?;
        let owners: Vec<Uuid> = listings.iter().map(|listing| listing.enterprise_id).collect();
        let enterprises = db::enterprises::find_many(connection, &owners).await?;
        let enterprises: HashMap<Uuid, Enterprise> = enterprises.into_iter().map(|e| (e.id, e)).collect();
        let mut sharing: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        let mut raised = 0;
        for listing in &listings {
            let Some(enterprise) = enterprises.get(&listing.enterprise_id) else { continue };
            if !is_open(listing, self.now) {
                db::flags::forget_prints(connection, listing.id).await?;
                continue;
            }
            let sharing_phone = match sharing.entry(enterprise.id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let phones = screening::phones(enterprise);
                    unknown.insert(db::flags::sharing_phone(connection, enterprise.id, &phones, SHARING).await?)
                }
            };
            raised += self.screen_one(connection, listing, enterprise, sharing_phone).await?;
        }
        Ok(raised)
    }

    async fn screen_one(
        &self,
        connection: &mut Connection,
        listing: &Listing,
        enterprise: &Enterprise,
        sharing_phone: &[Uuid],
    ) -> Result<usize, Error> {
        let bands = screening::prints(&listing.terms);
        db::flags::set_prints(connection, listing, &bands, self.edition).await?;
        let like = db::flags::like(connection, listing, &bands, LIKE).await?;
        let mut like = db::listings::find_many(connection, &like).await?;
        like.retain(|other| is_open(other, self.now));
        let around = Surroundings {
            enterprise,
            reference: &self.knowledge.reference,
            thresholds: &self.policy.flags,
            now: self.now,
            today: today_at(enterprise, self.now),
            sharing_phone,
            like: &like,
        };
        let found = screening::screen(listing, &around);
        self.keep(connection, listing, found).await
    }

    /// What stays as it was keeps its answer; what no longer holds is cleared; what is new is raised, and its poster told.
    async fn keep(&self, connection: &mut Connection, listing: &Listing, found: Vec<Finding>) -> Result<usize, Error> {
        let present = db::flags::lock_open(connection, listing.id).await?;
        let same = |flag: &ListingFlag, finding: &Finding| {
            (flag.finding.code, &flag.finding.subject, &flag.finding.params)
                == (finding.code, &finding.subject, &finding.params)
        };
        let gone = present.iter().filter(|flag| !found.iter().any(|finding| same(flag, finding)));
        let gone: Vec<&ListingFlag> = gone.collect();
        if !gone.is_empty() {
            self.clear(connection, listing, &gone).await?;
        }
        let mut raised = Vec::new();
        for finding in found {
            match present.iter().find(|flag| same(flag, &finding)) {
                Some(flag) if flag.finding.evidence != finding.evidence => {
                    db::flags::update_evidence(connection, flag.id, &finding.evidence).await?;
                }
                Some(_) => {}
                None => raised.push(self.flag(listing, finding)),
            }
        }
        if !raised.is_empty() {
            self.raise(connection, listing, &raised).await?;
        }
        Ok(raised.len())
    }

    /// What the listing says now does not call for them; they are kept, with the version they went with.
    async fn clear(&self, connection: &mut Connection, listing: &Listing, gone: &[&ListingFlag]) -> Result<(), Error> {
        let ids: Vec<Uuid> = gone.iter().map(|flag| flag.id).collect();
        let (listing_version, policy_version) = (Some(listing.version), Some(self.policy.version));
        let cleared = Cleared { at: self.now, listing_version, policy_version };
        db::flags::clear(connection, &ids, cleared).await?;
        for flag in gone {
            let after = ListingFlag { cleared: Some(cleared), ..(*flag).clone() };
            let event = event("listing_flag.cleared", Some(flag), &after);
            db::events::append(connection, event, Author::system("job:screening"), self.now).await?;
        }
        Ok(())
    }

    fn flag(&self, listing: &Listing, finding: Finding) -> ListingFlag {
        ListingFlag {
            id: Uuid::now_v7(),
            listing_id: listing.id,
            enterprise_id: listing.enterprise_id,
            finding,
            listing_version: listing.version,
            policy_version: Some(self.policy.version),
            raised_at: self.now,
            cleared: None,
            answer: None,
        }
    }

    async fn raise(&self, connection: &mut Connection, listing: &Listing, raised: &[ListingFlag]) -> Result<(), Error> {
        db::flags::insert_many(connection, raised).await?;
        for flag in raised {
            let event = event("listing_flag.raised", None, flag);
            db::events::append(connection, event, Author::system("job:screening"), self.now).await?;
        }
        let mut flags: Vec<_> = raised.iter().map(|flag| flag.finding.code).collect();
        flags.dedup();
        let notification = Notification {
            id: Uuid::now_v7(),
            enterprise_id: listing.enterprise_id,
            kind: NotificationKind::ListingFlagged,
            params: NotificationParams::Flagged(FlaggedParams { listing_id: listing.id, flags }),
            created_at: self.now,
            read_at: None,
        };
        Ok(db::notifications::insert_many(connection, &[notification]).await?)
    }
}
