//! Which listings wait for a moderator before they appear: whatever puts a listing on the market asks here.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::moderation::{record_of, region_of};
use super::{App, Error, Knowledge, Transaction};
use crate::db::{self, Connection};
use crate::domain::enterprise::Enterprise;
use crate::domain::listing::{Listing, ListingStatus};
use crate::domain::moderation::{DecisionRecord, Hold, HoldReason, Moderation, ModerationDecision, ModerationPolicy};

/// The policy as it stands, for as many listings as are to be admitted.
pub(super) struct Admission {
    policy: ModerationPolicy,
    preset: Moderation,
    knowledge: Arc<Knowledge>,
    now: DateTime<Utc>,
}

/// Why a listing waits, by which version of the policy.
#[derive(Debug, Clone, Copy)]
struct Held {
    reason: HoldReason,
    policy_version: i32,
}

impl App {
    /// For what is put on the market past the API.
    pub(super) async fn admission(&self, connection: &mut Connection, now: DateTime<Utc>) -> Result<Admission, Error> {
        let policy = db::moderation::policy(connection).await?;
        Ok(Admission { policy, preset: self.policy.moderation, knowledge: self.knowledge(), now })
    }
}

impl Admission {
    fn holds(&self, listing: &Listing, enterprise: &Enterprise) -> Option<Held> {
        let categories = &self.knowledge.reference.categories;
        let reason = self.policy.holds(self.preset, &listing.terms, enterprise.status, categories)?;
        Some(Held { reason, policy_version: self.policy.version })
    }

    /// Writes a new listing in the state in which it may appear.
    pub(super) async fn insert(
        &self,
        connection: &mut Connection,
        listing: &mut Listing,
        enterprise: &Enterprise,
    ) -> Result<(), Error> {
        let held = self.holds(listing, enterprise);
        (listing.status, listing.published_at) = match held {
            Some(_) => (ListingStatus::PendingReview, None),
            None => (ListingStatus::Published, Some(self.now)),
        };
        db::listings::insert(connection, listing).await?;
        match held {
            Some(held) => hold(connection, listing, enterprise, held, self.now).await,
            None => Ok(()),
        }
    }
}

/// Sets the state in which the policy lets a listing appear: published, or waiting for a moderator. The caller saves it.
pub(super) async fn admit(
    transaction: &mut Transaction<'_>,
    listing: &mut Listing,
    enterprise: &Enterprise,
) -> Result<(), Error> {
    let policy = db::moderation::policy(transaction.connection).await?;
    let (preset, now, policy_version) = (transaction.policy.moderation, transaction.now, policy.version);
    let admission = Admission { policy, preset, knowledge: Arc::clone(&transaction.knowledge), now };
    let mut held = admission.holds(listing, enterprise);
    // Nobody gets round a moderator by publishing the same again.
    if held.is_none() && listing.status == ListingStatus::Draft && listing.version > 1 {
        let newest = db::moderation::newest_decisions(transaction.connection, &[listing.id]).await?.pop();
        let asked = newest.is_some_and(|record| record.decision == ModerationDecision::ChangesRequested);
        held = asked.then_some(Held { reason: HoldReason::ChangesWereRequested, policy_version });
    }
    let Some(held) = held else {
        listing.status = ListingStatus::Published;
        return Ok(());
    };
    listing.status = ListingStatus::PendingReview;
    listing.published_at = None;
    // As it will be saved.
    let seen = Listing { version: listing.version + 1, ..listing.clone() };
    hold(transaction.connection, &seen, enterprise, held, now).await
}

async fn hold(
    connection: &mut Connection,
    listing: &Listing,
    enterprise: &Enterprise,
    Held { reason, policy_version }: Held,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let region_code = region_of(listing, enterprise).map(str::to_owned);
    let hold = Hold { listing_id: listing.id, region_code, reason, policy_version, since: now, claim: None };
    db::moderation::hold(connection, &hold).await?;
    let record = record_of(listing, enterprise, ModerationDecision::Held, now);
    let record = DecisionRecord { held_because: Some(reason), policy_version, ..record };
    Ok(db::moderation::insert_decision(connection, &record).await?)
}

/// A listing that waits was changed: it goes on waiting, for the moderators of where it now lies.
pub(super) async fn keep_waiting(
    transaction: &mut Transaction<'_>,
    listing: &Listing,
    enterprise: &Enterprise,
) -> Result<(), Error> {
    if let Some(hold) = db::moderation::lock_hold(transaction.connection, listing.id).await? {
        let region_code = region_of(listing, enterprise).map(str::to_owned);
        db::moderation::hold(transaction.connection, &Hold { region_code, ..hold }).await?;
    }
    Ok(())
}

/// It waits no more.
pub(super) async fn release(transaction: &mut Transaction<'_>, listing: &Listing) -> Result<(), Error> {
    if listing.status == ListingStatus::PendingReview {
        db::moderation::release(transaction.connection, listing.id).await?;
    }
    Ok(())
}
