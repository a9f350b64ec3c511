//! `GET /v1/listings`: the open market, filtered, sorted, counted.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::page;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::core::write::MaybeAuthenticated;
use super::wire::listing::{Listing, ListingPage, UnderstoodField};
use super::wire::matches::rounded;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::domain::violation::Violations;
use crate::matching::{Measures, SearchKey, SearchQuery, SearchSort};
use actix_web::http::StatusCode;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MarketQuery {
    /// Words, in Chinese, English or both; names of goods are understood across both. A place and a highest price among them
    /// become `region_code` and `price_max` where those are left out, and `understood` says so; a place at which nothing is found
    /// is let go again.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    side: Option<Side>,
    kind: Option<Kind>,
    /// With all below it.
    #[param(min_length = 1, max_length = 100, pattern = "^[a-z0-9_.-]+$")]
    category: Option<String>,
    /// With all below it.
    #[param(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    region_code: Option<String>,
    /// `longitude,latitude` in WGS-84.
    #[param(
        max_length = 50,
        pattern = r"^-?(180(\.0{1,9})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,9})?),-?(90(\.0{1,9})?|[1-8]?[0-9](\.[0-9]{1,9})?)$",
        example = "112.45,34.62"
    )]
    near: Option<String>,
    /// Only with `near`.
    #[param(exclusive_minimum = 0, maximum = 20100)]
    radius_km: Option<f64>,
    /// Offers asking, or needs paying, at most this per unit; of labor the pay for a worker's day.
    #[param(value_type = Option<String>, pattern = r"^(0|[1-9]\d{0,12})(\.\d{1,6})?$", max_length = 20)]
    price_max: Option<Decimal>,
    /// Of `price_max` and of the order by price.
    #[param(pattern = "^[A-Z]{3}$", max_length = 3, default = "CNY")]
    currency: Option<String>,
    /// Offers available on that day: from then or earlier on, and not over by then.
    available_by: Option<NaiveDate>,
    enterprise_id: Option<Uuid>,
    sort: Option<SearchSort>,
    /// Count what the filters leave by side, kind, category and province.
    #[param(default = false)]
    facets: Option<bool>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

impl MarketQuery {
    fn read(self) -> Result<(SearchQuery, Option<String>), Violations> {
        let mut violations = Violations::new();
        if self.near.is_none() && self.radius_km.is_some() {
            violations.add("radius_km", "near_required");
        }
        if self.near.is_none() && self.sort == Some(SearchSort::Distance) {
            violations.add("sort", "near_required");
        }
        violations.or_else_value(())?;
        let query = SearchQuery {
            side: self.side,
            kind: self.kind,
            category: self.category,
            region_code: self.region_code,
            near: self.near.as_deref().and_then(point),
            radius_km: self.radius_km,
            price_max: self.price_max,
            currency: self.currency,
            available_by: self.available_by,
            enterprise_id: self.enterprise_id,
            sort: self.sort.unwrap_or_default(),
            facets: self.facets.unwrap_or(false),
            ..SearchQuery::default()
        };
        Ok((query, self.q))
    }
}

/// Of a text of the parameter's pattern.
fn point(text: &str) -> Option<Point> {
    let (longitude, latitude) = text.split_once(',')?;
    Point::new(longitude.parse().ok()?, latitude.parse().ok()?)
}

/// Search the open market
///
/// Public listings for everybody; members of verified enterprises also see those meant for them. Sorted by relevance
/// (of `q`, else newest first), age, price or distance.
#[utoipa::path(tag = "listings", operation_id = "search_listings", security((), ("bearer" = [])), params(MarketQuery),
    responses((status = 200, description = "A page.", body = ListingPage)))]
#[get("/v1/listings")]
pub async fn search(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: MaybeAuthenticated,
    query: Parameters<MarketQuery>,
) -> Result<HttpResponse, Problem> {
    let (limit, cursor) = (query.value.limit, query.value.cursor.clone());
    let paging = page::Paging::<SearchKey>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (mut wanted, words) = query.value.read().map_err(Problem::bad_parameters)?;
    let measures = Measures::of(&api.app.frozen().context());
    if paging.after.as_ref().and_then(|key| key.measures).is_some_and(|then| then != measures) {
        return Err(Problem::new(StatusCode::GONE, "cursor_expired"));
    }
    (wanted.after, wanted.limit) = (paging.after.clone(), usize::try_from(paging.limit).unwrap_or(20));
    let (found, views, understood) =
        api.read(|app| async move { app.search_listings(caller.0.as_ref(), wanted, words).await }).await?;
    let items = views.into_iter().map(|view| {
        let mut listing = Listing::from(view);
        if let Some(hit) = found.items.iter().find(|hit| hit.id == listing.record.id) {
            (listing.record.distance_km, listing.record.relevance) =
                (hit.distance_km.map(rounded), hit.relevance.map(rounded));
        }
        listing
    });
    let items = items.collect();
    let next_cursor = found.next.map(|key| paging.cursor(&api, key)).transpose()?;
    let understood = understood.into_iter().map(UnderstoodField::from).collect();
    let facets = found.facets.map(Into::into);
    let listed = ListingPage { items, next_cursor: next_cursor.clone(), facets, understood };
    page::respond(&request, next_cursor.as_deref(), &listed)
}
