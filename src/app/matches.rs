//! Matches of a listing, saved or not: asked of the index in memory, off the HTTP workers.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::listings::{ListingView, posting_enterprise, views};
use super::market::Frozen;
use super::posting::{Reading, today_at};
use super::{App, Caller, Error};
use crate::db::{self, Connection};
use crate::domain::listing::{ListingStatus, Terms, Visibility};
use crate::matching::{Item, Match, NearMiss, Outcome};

/// The most matches anybody is shown.
pub const MOST_MATCHES: usize = 100;
const TOP_MATCHES: usize = 3;

/// Matches with the listings they name.
#[derive(Clone)]
pub struct MatchList {
    pub matches: Vec<(Match, ListingView)>,
    pub near_misses: Vec<(NearMiss, ListingView)>,
    pub frozen: Frozen,
}

impl App {
    /// Ranked counterparts of a listing, for those who act for its enterprise.
    pub async fn find_matches(self: &Arc<Self>, caller: &Caller, id: Uuid, limit: usize) -> Result<MatchList, Error> {
        let view = self.find_asking(caller, id).await?;
        self.rank_and_read(caller, self.query_item(&view), limit).await
    }

    /// A listing that can still be asked about, for those who act for its enterprise.
    pub(super) async fn find_asking(&self, caller: &Caller, id: Uuid) -> Result<ListingView, Error> {
        let view = self.find_listing(Some(caller), id).await?;
        if !view.own {
            return Err(Error::Forbidden("not_member"));
        }
        let status = view.listing.status_at(Utc::now());
        if !matches!(status, ListingStatus::Draft | ListingStatus::PendingReview | ListingStatus::Published) {
            let status = <&str>::from(status).to_owned();
            let allowed = "draft, pending_review, published".to_owned();
            return Err(Error::conflict("state_conflict", [("status", status), ("allowed", allowed)]));
        }
        Ok(view)
    }

    /// The best three for a listing being published, on the connection of that transaction; none when the engine is too
    /// busy to be waited for: the posting counts more.
    pub async fn top_matches(
        self: &Arc<Self>,
        connection: &mut Connection,
        caller: &Caller,
        view: &ListingView,
    ) -> Result<Option<MatchList>, Error> {
        match self.rank(self.query_item(view), TOP_MATCHES).await {
            Ok((outcome, frozen)) => Ok(Some(with_listings(connection, caller, outcome, frozen).await?)),
            Err(Error::Busy(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn query_item(&self, view: &ListingView) -> Item {
        let listing = &view.listing;
        let mut query = self.item_of_terms(listing.id, &view.enterprise, listing.terms.clone(), listing.created_at);
        query.version = listing.version;
        query.confirmed_at = listing.confirmed_at;
        query.remaining = view.balance.map(|balance| balance.remaining);
        query
    }

    /// Ranked counterparts of terms that are not saved; an enterprise lends its place and standing where one is named.
    pub async fn preview_matches(
        self: &Arc<Self>,
        caller: &Caller,
        enterprise_id: Option<Uuid>,
        document: Map<String, Value>,
        limit: usize,
    ) -> Result<MatchList, Error> {
        let (terms, enterprise) = {
            let mut connection = self.database.get().await?;
            let enterprise = posting_enterprise(&mut connection, caller, enterprise_id).await?;
            let now = Utc::now();
            let knowledge = self.knowledge();
            let (terms, _) = Reading::new(&knowledge, Some(&enterprise), now).complete(document, &[])?;
            let terms: Terms =
                terms.check(&knowledge.reference, now, today_at(&enterprise, now)).or_else_value(terms)?;
            (terms, enterprise)
        };
        let query = self.item_of_terms(Uuid::now_v7(), &enterprise, terms, Utc::now());
        self.rank_and_read(caller, query, limit).await
    }

    async fn rank_and_read(self: &Arc<Self>, caller: &Caller, query: Item, limit: usize) -> Result<MatchList, Error> {
        let (outcome, frozen) = self.rank(query, limit).await?;
        let mut connection = self.database.get().await?;
        with_listings(&mut connection, caller, outcome, frozen).await
    }

    async fn rank(self: &Arc<Self>, query: Item, limit: usize) -> Result<(Outcome, Frozen), Error> {
        let (app, frozen) = (Arc::clone(self), self.frozen());
        let (ranking, limit) = (frozen.clone(), limit.min(MOST_MATCHES));
        let rank = move || app.market.read(|market| market.find_matches(&query, limit, &ranking.context()));
        Ok((self.cpu.run(rank).await?, frozen))
    }
}

async fn with_listings(
    connection: &mut Connection,
    caller: &Caller,
    outcome: Outcome,
    frozen: Frozen,
) -> Result<MatchList, Error> {
    let Outcome { matches, near_misses } = outcome;
    let ids: Vec<Uuid> = matches.iter().map(|m| m.id).chain(near_misses.iter().map(|n| n.id)).collect();
    let mut found = views_by_id(connection, Some(caller), &ids).await?;
    let matches = matches.into_iter().filter_map(|m| found.remove(&m.id).map(|view| (m, view))).collect();
    let near_misses = near_misses.into_iter().filter_map(|n| found.remove(&n.id).map(|view| (n, view))).collect();
    Ok(MatchList { matches, near_misses, frozen })
}

pub(super) async fn views_by_id(
    connection: &mut Connection,
    caller: Option<&Caller>,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, ListingView>, Error> {
    let listings = db::listings::find_many(connection, ids).await?;
    let (views, now) = (views(connection, caller, listings).await?, Utc::now());
    // The index may be a moment behind: what has just been taken off the market is not shown from the database.
    let open = |view: &ListingView| view.listing.status_at(now) == ListingStatus::Published;
    let shown = |view: &ListingView| view.own || (open(view) && view.listing.terms.visibility != Visibility::Invited);
    Ok(views.into_iter().filter(shown).map(|view| (view.listing.id, view)).collect())
}
