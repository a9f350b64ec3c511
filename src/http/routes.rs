//! `/v1/listings/{id}/routes`

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::core::answer;
use super::core::api::Api;
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::wire::routes::RoutePage;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RouteQuery {
    /// Routes to show.
    #[param(minimum = 1, maximum = 20, default = 5)]
    limit: Option<usize>,
}

const DEFAULT_LIMIT: usize = 5;

/// Routes of a transport need
///
/// How the whole load gets from its first stop to its last by published offers: one carrier by road, or legs by road, rail,
/// sea and air one after the other, by their timetables. No route found is better than one shown in arrival, price and
/// number of legs at once. Those in time and within the price cap come first. For those who act for the need's enterprise.
#[utoipa::path(tag = "matches", operation_id = "find_routes", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The need."), RouteQuery),
    responses((status = 200, description = "Routes, and the listings of their legs.", body = RoutePage),
        (status = 403, description = "`not_member`: somebody else's listing."),
        (status = 409, description = "`not_a_transport_need`; `stops_required`: from where to where is not known; \
            `state_conflict`: the listing has ended.")))]
#[get("/v1/listings/{id}/routes")]
pub async fn find(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<RouteQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, limit) = (path.value.id, query.value.limit.unwrap_or(DEFAULT_LIMIT));
    let plan = api.read(|app| async move { app.find_routes(&caller.0, id, limit).await }).await?;
    answer::plain(&RoutePage::render(plan, reader.0))
}
