//! Matches of a listing, saved or not: asked of the index in memory, off the HTTP workers.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Utc;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::listings::{ListingView, ShownListing, find_readable, posting_enterprise, views_of_held};
use super::market::Frozen;
use super::posting::{Reading, today_at};
use super::{App, Caller, Error, access};
use crate::db::listings::HeldTerms;
use crate::db::{self, Connection};
use crate::domain::listing::{ListingStatus, Terms};
use crate::matching::{
    Check, Counterfactual, ExplainLevel, Explained, Item, Match, NearMiss, Outcome, Pool, find_explained,
};

/// The most matches anybody is shown.
pub const MOST_MATCHES: usize = 100;
const TOP_MATCHES: usize = 3;

/// Matches with the listings they name.
#[derive(Clone)]
pub struct MatchList {
    pub matches: Vec<(Match, ShownListing)>,
    pub near_misses: Vec<(NearMiss, ShownListing)>,
    /// By the listing they are about.
    pub counterfactuals: BTreeMap<Uuid, Vec<Counterfactual>>,
    pub pools: BTreeMap<Uuid, Pool>,
    /// What the listing itself fails whoever comes.
    pub blockers: Vec<Check>,
    pub level: ExplainLevel,
    pub frozen: Frozen,
}

/// How many matches, and how much of an explanation.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub limit: usize,
    pub level: ExplainLevel,
}

impl App {
    /// Ranked counterparts of a listing, for those who act for its enterprise.
    pub async fn find_matches(self: &Arc<Self>, caller: &Caller, id: Uuid, wanted: Wanted) -> Result<MatchList, Error> {
        let view = self.find_asking(caller, id).await?;
        self.rank_and_read(caller, self.query_item(&view), wanted).await
    }

    /// A listing the caller may ask the market for: their enterprise's, and not ended.
    pub(super) async fn find_asking(&self, caller: &Caller, id: Uuid) -> Result<ListingView, Error> {
        let mut connection = self.database.get().await?;
        let view = find_acted_for(&mut connection, caller, id).await?;
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
        let wanted = Wanted { limit: TOP_MATCHES, level: ExplainLevel::Short };
        match self.rank(self.query_item(view), wanted).await {
            Ok((found, frozen)) => Ok(Some(with_listings(connection, caller, found, (wanted.level, frozen)).await?)),
            Err(Error::Busy(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn query_item(&self, view: &ListingView) -> Item {
        let remaining = view.balance.map(|balance| balance.remaining);
        self.knowledge().listed(view.listing.clone(), &view.enterprise, remaining)
    }

    /// Ranked counterparts of terms that are not saved; an enterprise lends its place and standing where one is named.
    pub async fn preview_matches(
        self: &Arc<Self>,
        caller: &Caller,
        enterprise_id: Option<Uuid>,
        document: Map<String, Value>,
        wanted: Wanted,
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
        self.rank_and_read(caller, query, wanted).await
    }

    async fn rank_and_read(self: &Arc<Self>, caller: &Caller, query: Item, wanted: Wanted) -> Result<MatchList, Error> {
        let (found, frozen) = self.rank(query, wanted).await?;
        let mut connection = self.database.get().await?;
        with_listings(&mut connection, caller, found, (wanted.level, frozen)).await
    }

    async fn rank(self: &Arc<Self>, query: Item, wanted: Wanted) -> Result<(Explained, Frozen), Error> {
        let (app, frozen) = (Arc::clone(self), self.frozen());
        let (ranking, limit) = (frozen.clone(), wanted.limit.min(MOST_MATCHES));
        let rank = move || {
            let look =
                |market: &_| find_explained(market, &query, limit, MOST_MATCHES, wanted.level, &ranking.context());
            app.market.read(look)
        };
        Ok((self.cpu.run(rank).await?, frozen))
    }
}

/// A listing the caller acts for, as far as the engine asks: see [`db::listings::find_of_member`].
pub(super) async fn find_acted_for(
    connection: &mut Connection,
    caller: &Caller,
    id: Uuid,
) -> Result<ListingView, Error> {
    if let Some(view) = db::listings::find_of_member(connection, caller.account_id, id).await? {
        return caller.require(view.role).map(|()| view);
    }
    let view = find_readable(connection, Some(caller), id, Utc::now()).await?.ok_or(Error::NotFound)?;
    // What a mandate lets them read another may not let them do.
    let role = access::role_in(connection, caller, view.enterprise.id).await?;
    caller.require(role).map(|()| view)
}

async fn with_listings(
    connection: &mut Connection,
    caller: &Caller,
    found: Explained,
    (level, frozen): (ExplainLevel, Frozen),
) -> Result<MatchList, Error> {
    let Explained { outcome: Outcome { matches, near_misses }, counterfactuals, pools, blockers, terms } = found;
    let versions = matches.iter().map(|m| (m.id, m.version)).chain(near_misses.iter().map(|n| (n.id, n.version)));
    let held: HeldTerms = versions.filter_map(|(id, version)| Some((id, (version, terms.get(&id)?.clone())))).collect();
    let ids: Vec<Uuid> = held.keys().copied().collect();
    let mut views = views_of_held(connection, Some(caller), &ids, &held).await?;
    let matches = matches.into_iter().filter_map(|m| views.remove(&m.id).map(|view| (m, view))).collect();
    let near_misses = near_misses.into_iter().filter_map(|n| views.remove(&n.id).map(|view| (n, view))).collect();
    Ok(MatchList { matches, near_misses, counterfactuals, pools, blockers, level, frozen })
}
