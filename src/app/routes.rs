//! Routes of a need of transport: how one carrier, or several, get the load there.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::listings::{ShownListing, views_by_id};
use super::market::Frozen;
use super::{App, Caller, Error};
use crate::matching::{Considered, NoRoute, Route, find_routes};

/// The most routes anybody is shown.
pub const MOST_ROUTES: usize = 20;

/// Routes with the listings their legs name.
pub struct RoutePlan {
    pub routes: Vec<Route>,
    pub listings: HashMap<Uuid, ShownListing>,
    pub considered: Considered,
    pub frozen: Frozen,
}

impl App {
    /// For those who act for the need's enterprise.
    pub async fn find_routes(self: &Arc<Self>, caller: &Caller, id: Uuid, limit: usize) -> Result<RoutePlan, Error> {
        let view = self.find_asking(caller, id).await?;
        let (app, frozen, query) = (Arc::clone(self), self.frozen(), self.query_item(&view));
        let (asking, limit) = (frozen.clone(), limit.min(MOST_ROUTES));
        let find = move || app.market.read(|market| find_routes(market, &query, limit, &asking.context()));
        let list = self.cpu.run(find).await?.map_err(|reason| match reason {
            NoRoute::NotATransportNeed => Error::conflict("not_a_transport_need", []),
            NoRoute::StopsUnknown => Error::conflict("stops_required", []),
        })?;
        let mut ids: Vec<Uuid> = list.routes.iter().flat_map(|route| &route.legs).map(|leg| leg.listing).collect();
        ids.sort();
        ids.dedup();
        let mut connection = self.database.get().await?;
        let listings = views_by_id(&mut connection, Some(caller), &ids).await?;
        // The index may be a moment behind: a route over what has just been taken off the market is none.
        let stands = |route: &Route| route.legs.iter().all(|leg| listings.contains_key(&leg.listing));
        let routes = list.routes.into_iter().filter(stands).collect();
        Ok(RoutePlan { routes, listings, considered: list.considered, frozen })
    }
}
