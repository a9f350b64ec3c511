//! `/v1/listings/{id}/matches` and `/v1/matches/preview`

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::wire::listing::ListingInput;
use super::wire::matches::MatchPage;
use crate::app::listings::Posting;
use crate::app::matches::Wanted;
use crate::matching::ExplainLevel;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MatchQuery {
    /// Matches to show.
    #[param(minimum = 1, maximum = 100, default = 10)]
    limit: Option<usize>,
    /// `none`: scores and quantities, and the codes of what near misses fail. `short`, the default: factors and checks with
    /// their sentences. `full`: also counterfactuals (of the first 20 matches and of near misses) and what else entered each
    /// factor; takes longer.
    explain: Option<ExplainLevel>,
}

const DEFAULT_LIMIT: usize = 10;

impl MatchQuery {
    fn wanted(&self) -> Wanted {
        Wanted { limit: self.limit.unwrap_or(DEFAULT_LIMIT), level: self.explain.unwrap_or_default() }
    }
}

/// Matches of a listing
///
/// Ranked counterparts, best first, each with its factors (points that sum to the score) and checks; then near misses,
/// which fail exactly one check. For those who act for the listing's enterprise.
#[utoipa::path(tag = "matches", operation_id = "find_matches", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The listing."), MatchQuery),
    responses((status = 200, description = "Matches and near misses.", body = MatchPage),
        (status = 403, description = "`not_member`: somebody else's listing."),
        (status = 409, description = "`state_conflict`: the listing has ended.")))]
#[get("/v1/listings/{id}/matches")]
pub async fn find(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<MatchQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, wanted) = (path.value.id, query.value.wanted());
    let list = api.read(|app| async move { app.find_matches(&caller.0, id, wanted).await }).await?;
    answer::plain(&MatchPage::render(list, reader.0))
}

/// Matches of a listing not yet saved
///
/// Takes what `POST /v1/listings` takes and saves nothing.
#[utoipa::path(tag = "matches", operation_id = "preview_matches", security(("bearer" = [])), params(MatchQuery),
    request_body = ListingInput,
    responses((status = 200, description = "Matches and near misses.", body = MatchPage),
        (status = 403, description = "`not_trader`: the caller may not post for the enterprise.")))]
#[post("/v1/matches/preview")]
pub async fn preview(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<MatchQuery>,
    body: Body<ListingInput>,
) -> Result<HttpResponse, Problem> {
    let Posting { enterprise_id, document, .. } = body.value.map_err(Problem::invalid)?.into();
    let wanted = query.value.wanted();
    let list =
        api.read(|app| async move { app.preview_matches(&caller.0, enterprise_id, document, wanted).await }).await?;
    answer::plain(&MatchPage::render(list, reader.0))
}
