//! Several suppliers for one need: computed for whoever acts for it, and kept.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::listings::{ListingView, ShownListing, views_by_id, views_of_held};
use super::market::Frozen;
use super::matches::find_acted_for;
use super::{App, Caller, Error, Transaction, access};
use crate::db::bundles::Bundle;
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::listing::ListingStatus;
use crate::domain::violation::Violations;
use crate::matching::{self, Bundles, Item, NoBundle, Objective};

pub const DEFAULT_SUPPLIERS: usize = 10;

/// Plans with the offers they name.
pub struct BundleList {
    pub bundles: Bundles,
    pub offers: HashMap<Uuid, ShownListing>,
    pub frozen: Frozen,
}

/// With the offers its reader may still see.
pub struct BundleView {
    pub bundle: Bundle,
    pub offers: HashMap<Uuid, ShownListing>,
}

impl App {
    /// The three plans for a need of an enterprise the caller acts for.
    pub async fn find_bundles(self: &Arc<Self>, caller: &Caller, id: Uuid, most: usize) -> Result<BundleList, Error> {
        let view = self.find_asking(caller, id).await?;
        let pool = self.bundle_pool(&view).await?;
        let offers = {
            let mut connection = self.database.get().await?;
            pool.offers_shown(&mut connection, caller).await?
        };
        self.bundle(pool, offers, most).await
    }

    /// The matches of a need when less than all of it will do.
    async fn bundle_pool(self: &Arc<Self>, view: &ListingView) -> Result<Pool, Error> {
        let mut need = self.query_item(view);
        Arc::make_mut(&mut need.terms).accepts_partial = true;
        NoBundle::of(&need).map_or(Ok(()), |refused| Err(refused_bundle(refused)))?;
        let (app, frozen) = (Arc::clone(self), self.frozen());
        let work = move || {
            let offers = app.market.read(|market| market.find_best(&need, matching::POOL, &frozen.context()));
            Pool { need, offers, frozen }
        };
        self.cpu.run(work).await
    }

    /// Out of those that may be shown.
    async fn bundle(&self, pool: Pool, offers: HashMap<Uuid, ShownListing>, most: usize) -> Result<BundleList, Error> {
        let Pool { need, offers: mut items, frozen } = pool;
        items.retain(|item| offers.contains_key(&item.id));
        let context = frozen.clone();
        let bundles = self.cpu.run(move || matching::bundle(&need, &items, most, &context.context())).await?;
        let bundles = bundles.map_err(refused_bundle)?;
        Ok(BundleList { bundles, offers, frozen })
    }

    pub async fn find_bundle(&self, caller: &Caller, id: Uuid) -> Result<BundleView, Error> {
        let mut connection = self.database.get().await?;
        let bundle = db::bundles::find(&mut connection, id).await?.ok_or(Error::NotFound)?;
        // Nobody else learns that it exists.
        access::role_in(&mut connection, caller, bundle.enterprise_id).await?.ok_or(Error::NotFound)?;
        let mut views = bundle_views(&mut connection, caller, vec![bundle]).await?;
        views.pop().ok_or(Error::NotFound)
    }

    /// Kept bundles of a need, newest first.
    pub async fn list_bundles(
        &self,
        caller: &Caller,
        listing_id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<BundleView>, Error> {
        let mut connection = self.database.get().await?;
        find_acted_for(&mut connection, caller, listing_id).await?;
        let bundles = db::bundles::list_of_listing(&mut connection, listing_id, before, limit).await?;
        bundle_views(&mut connection, caller, bundles).await
    }
}

fn refused_bundle(reason: NoBundle) -> Error {
    match reason {
        NoBundle::NotANeed => Error::conflict("not_a_need", []),
        NoBundle::QuantityUnknown => Error::conflict("quantity_unknown", []),
    }
}

struct Pool {
    need: Item,
    offers: Vec<Item>,
    frozen: Frozen,
}

impl Pool {
    /// Those of the offers the caller may see.
    async fn offers_shown(
        &self,
        connection: &mut Connection,
        caller: &Caller,
    ) -> Result<HashMap<Uuid, ShownListing>, Error> {
        let ids: Vec<Uuid> = self.offers.iter().map(|offer| offer.id).collect();
        let held = self.offers.iter().map(|offer| (offer.id, (offer.version, Arc::clone(&offer.terms)))).collect();
        views_of_held(connection, Some(caller), &ids, &held).await
    }
}

/// Which plan to keep.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub objective: Objective,
    pub most: usize,
}

/// Computes the plan anew and keeps it.
pub async fn create(
    app: &Arc<App>,
    transaction: &mut Transaction<'_>,
    listing_id: Uuid,
    wish: Result<Wish, Violations>,
) -> Result<BundleView, Error> {
    let view = super::listings::own(transaction, listing_id).await?;
    transaction.once().await?;
    let Wish { objective, most } = wish?;
    let status = view.listing.status_at(transaction.now);
    if status != ListingStatus::Published {
        let status = <&str>::from(status).to_owned();
        return Err(Error::conflict("state_conflict", [("status", status), ("allowed", "published".to_owned())]));
    }
    let pool = app.bundle_pool(&view).await?;
    let offers = pool.offers_shown(transaction.connection, &transaction.caller).await?;
    let BundleList { bundles, offers, frozen } = app.bundle(pool, offers, most).await?;
    let Bundles { needed, unit_code, plans, .. } = bundles;
    let plan = plans.into_iter().find(|plan| plan.objective == objective && !plan.lines.is_empty());
    let plan = plan.ok_or_else(|| Error::conflict("bundle_empty", []))?;
    let bundle = Bundle {
        id: Uuid::now_v7(),
        listing_id,
        enterprise_id: view.enterprise.id,
        needed,
        unit_code,
        plan,
        policy_version: frozen.policy.version,
        stats_version: frozen.statistics.version,
        as_of: frozen.context().as_of,
        created_by: transaction.caller.account_id,
        created_at: transaction.now,
    };
    db::bundles::insert(transaction.connection, &bundle).await?;
    let detail = Detail::created(&told(&bundle));
    transaction.record(NewEvent { detail, ..event("bundle.created", &bundle) }).await?;
    Ok(BundleView { bundle, offers })
}

pub async fn delete(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let bundle = db::bundles::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    let role = access::role_in(transaction.connection, &transaction.caller, bundle.enterprise_id).await?;
    transaction.caller.require(Some(role.ok_or(Error::NotFound)?))?;
    transaction.once().await?;
    transaction.expect_version(1)?;
    db::bundles::delete(transaction.connection, id).await?;
    let detail = Detail::deleted(&told(&bundle));
    transaction.record(NewEvent { detail, ..event("bundle.deleted", &bundle) }).await
}

/// What auditors read of it.
fn told(bundle: &Bundle) -> serde_json::Value {
    let Bundle { listing_id, needed, unit_code, plan, .. } = bundle;
    let lines = plan.lines.iter().map(|line| line.listing_id);
    let offers: Vec<Uuid> = lines.collect();
    json!({ "listing_id": listing_id, "needed": needed, "unit_code": unit_code, "offers": offers })
}

fn event(event_type: &'static str, bundle: &Bundle) -> NewEvent {
    NewEvent {
        event_type,
        entity: "bundle",
        entity_id: bundle.id,
        version: 1,
        audience: Audience::Enterprises(vec![bundle.enterprise_id]),
        changed: json!({}),
        detail: Detail::default(),
    }
}

async fn bundle_views(
    connection: &mut Connection,
    caller: &Caller,
    bundles: Vec<Bundle>,
) -> Result<Vec<BundleView>, Error> {
    let named = bundles.iter().flat_map(|bundle| &bundle.plan.lines).map(|line| line.listing_id);
    let mut ids: Vec<Uuid> = named.collect();
    ids.sort_unstable();
    ids.dedup();
    let views = views_by_id(connection, Some(caller), &ids).await?;
    let with_offers = |bundle: Bundle| {
        let lines = bundle.plan.lines.iter();
        let offers = lines.filter_map(|line| Some((line.listing_id, views.get(&line.listing_id)?.clone())));
        BundleView { offers: offers.collect(), bundle }
    };
    Ok(bundles.into_iter().map(with_offers).collect())
}
