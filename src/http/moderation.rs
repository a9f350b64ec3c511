//! `/v1/admin/moderation` and what moderators do with a listing.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, OptionalBody};
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::listing::Listing;
use super::wire::moderation::{
    BulkDecisionInput, BulkOutcome, GroundsInput, ModerationCase, ModerationStatistics, WaitingListing, WaitingPage,
};
use crate::app::idempotency::Answer;
use crate::app::listings::ListingView;
use crate::app::moderation as use_cases;
use crate::app::{self, Transaction};
use crate::domain::flag::ListingFlagCode;
use crate::domain::listing::Kind;
use crate::domain::moderation::{Grounds, ModerationDecision};
use crate::domain::violation::Violations;

fn render(view: &ListingView) -> Result<Answer, app::Error> {
    let listing = Listing::from(view.clone());
    answer::versioned(StatusCode::OK, listing.record.version, None, &listing)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    kind: Option<Kind>,
    /// A category with all below it.
    #[param(min_length = 1, max_length = 100, pattern = "^[a-z0-9_.-]+$")]
    category: Option<String>,
    /// Only with this flag.
    flag: Option<ListingFlagCode>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List what waits for a moderator
///
/// Listings in the regions the reader moderates, longest waiting first, with why each waits, what the program noticed, and who
/// has claimed it.
#[utoipa::path(tag = "moderation", operation_id = "list_waiting_listings", security(("bearer" = [])), params(QueueQuery),
    responses((status = 200, description = "A page.", body = WaitingPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/moderation")]
pub async fn list(
    request: HttpRequest,
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<QueueQuery>,
) -> Result<HttpResponse, Problem> {
    let QueueQuery { kind, category, flag, limit, cursor } = query.value;
    let paging = page::Paging::<(DateTime<Utc>, Uuid)>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let flag = flag.map(|flag| <&str>::from(flag).to_owned());
    let work = |app: std::sync::Arc<app::App>| async move {
        app.list_waiting(&caller.0, kind, category, flag, after, fetch).await
    };
    let waiting = api.read(work).await?;
    let (waiting, next_cursor) = paging.finish(&api, waiting, |one| (one.hold.since, one.hold.listing_id))?;
    let items = waiting.into_iter().map(|one| WaitingListing::render(one, reader.0)).collect();
    page::respond(&request, next_cursor.as_deref(), &WaitingPage { items, next_cursor: next_cursor.clone() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// Days in China, today included.
    #[param(minimum = 1, maximum = 92, default = 30)]
    days: Option<i32>,
}

/// How moderation stands
///
/// What waits and for how long, and what was decided on each of the last days, in the regions the reader moderates; for
/// administrators also by whom.
#[utoipa::path(tag = "moderation", operation_id = "find_moderation_statistics", security(("bearer" = [])), params(StatisticsQuery),
    responses((status = 200, description = "Counts.", body = ModerationStatistics),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/moderation/statistics")]
pub async fn statistics(
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<StatisticsQuery>,
) -> Result<HttpResponse, Problem> {
    let days = query.value.days.unwrap_or(30);
    let work = |app: std::sync::Arc<app::App>| async move { app.moderation_statistics(&caller.0, days).await };
    let (backlog, decided, names, as_of) = api.read(work).await?;
    answer::plain(&ModerationStatistics::new(backlog, &decided, names, as_of))
}

/// Read the moderation of a listing
///
/// Whatever its state: all decisions with what was seen, by whom and why, its flags, reports and appeals.
#[utoipa::path(tag = "moderation", operation_id = "find_moderation_case", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "The case.", body = ModerationCase),
        (status = 403, description = "`role_required` or `own_listing`.")))]
#[get("/v1/admin/listings/{id}/moderation")]
pub async fn find_case(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let case = api.read(|app| async move { app.find_case(&caller.0, path.value.id).await }).await?;
    answer::plain(&ModerationCase::render(case, reader.0))
}

/// Claim a listing that waits
///
/// For 15 minutes nobody else decides on it; claiming it again begins them anew.
#[utoipa::path(tag = "moderation", operation_id = "claim_listing", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "As it waits.", body = WaitingListing),
        (status = 403, description = "`role_required`, or `own_listing`: the caller acts for its enterprise."),
        (status = 409, description = "`claimed_by_another`, or `state_conflict`: it does not wait.")))]
#[post("/v1/admin/listings/{id}/claim")]
pub async fn claim(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let (id, language) = (path.value.id, reader.0);
    let render = move |waiting: &use_cases::Waiting| answer::done(&WaitingListing::render(waiting.clone(), language));
    api.write(write.command(&[0; 32]), async move |tx| use_cases::claim(tx, id).await, render).await
}

/// Give a claim back
///
/// Where the caller has none, nothing happens.
#[utoipa::path(tag = "moderation", operation_id = "unclaim_listing", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "As it waits.", body = WaitingListing),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`claimed_by_another` or `state_conflict`.")))]
#[post("/v1/admin/listings/{id}/unclaim")]
pub async fn unclaim(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let (id, language) = (path.value.id, reader.0);
    let render = move |waiting: &use_cases::Waiting| answer::done(&WaitingListing::render(waiting.clone(), language));
    api.write(write.command(&[0; 32]), async move |tx| use_cases::unclaim(tx, id).await, render).await
}

async fn decide(
    api: &Api,
    write: Write,
    id: Uuid,
    decision: ModerationDecision,
    grounds: Result<Grounds, Violations>,
    digest: [u8; 32],
) -> Result<HttpResponse, Problem> {
    let work = async move |tx: &mut Transaction<'_>| use_cases::decide(tx, id, decision, grounds).await;
    api.write(write.command(&digest), work, render).await
}

/// Approve a listing that waits
///
/// It appears on the market at once, and its poster is told. `If-Match` names the version that was seen.
#[utoipa::path(tag = "moderation", operation_id = "approve_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = Option<GroundsInput>,
    responses((status = 200, description = "The listing, `published`.", body = Listing),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`claimed_by_another` or `state_conflict`.")))]
#[post("/v1/admin/listings/{id}/approve")]
pub async fn approve(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: OptionalBody<GroundsInput>,
) -> Result<HttpResponse, Problem> {
    let grounds = body.value.map(|input| input.map(Grounds::from).unwrap_or_default());
    decide(&api, write, path.value.id, ModerationDecision::Approved, grounds, body.digest).await
}

/// Reject a listing that waits
///
/// For good, with at least one reason; its poster is told and may appeal.
#[utoipa::path(tag = "moderation", operation_id = "reject_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = GroundsInput,
    responses((status = 200, description = "The listing, `rejected`.", body = Listing),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`claimed_by_another` or `state_conflict`.")))]
#[post("/v1/admin/listings/{id}/reject")]
pub async fn reject(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<GroundsInput>,
) -> Result<HttpResponse, Problem> {
    let grounds = body.value.map(Grounds::from);
    decide(&api, write, path.value.id, ModerationDecision::Rejected, grounds, body.digest).await
}

/// Ask for changes of a listing that waits
///
/// With at least one reason. It is a draft again; published anew it waits anew, whatever the policy says.
#[utoipa::path(tag = "moderation", operation_id = "request_listing_changes", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = GroundsInput,
    responses((status = 200, description = "The listing, a `draft`.", body = Listing),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`claimed_by_another` or `state_conflict`.")))]
#[post("/v1/admin/listings/{id}/request-changes")]
pub async fn request_changes(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<GroundsInput>,
) -> Result<HttpResponse, Problem> {
    let grounds = body.value.map(Grounds::from);
    decide(&api, write, path.value.id, ModerationDecision::ChangesRequested, grounds, body.digest).await
}

/// Take a listing off the market
///
/// With at least one reason. It leaves search and matches at once; its poster is told and may appeal.
#[utoipa::path(tag = "moderation", operation_id = "suspend_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = GroundsInput,
    responses((status = 200, description = "The listing, `suspended`.", body = Listing),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`state_conflict`: it is neither published nor expired.")))]
#[post("/v1/admin/listings/{id}/suspend")]
pub async fn suspend(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<GroundsInput>,
) -> Result<HttpResponse, Problem> {
    let grounds = body.value.map(Grounds::from);
    decide(&api, write, path.value.id, ModerationDecision::Suspended, grounds, body.digest).await
}

/// Decide on several listings
///
/// At most 100, each by itself and with the version that was seen: what one is refused for is told in its outcome, and the others
/// stand.
#[utoipa::path(tag = "moderation", operation_id = "decide_listings", security(("bearer" = [])), params(RetryHeaders),
    request_body = BulkDecisionInput,
    responses((status = 200, description = "What became of each.", body = BulkOutcome),
        (status = 403, description = "`role_required`.")))]
#[post("/v1/admin/moderation/decisions")]
pub async fn decide_many(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    body: Body<BulkDecisionInput>,
) -> Result<HttpResponse, Problem> {
    let (command, language) = (write.command(&body.digest), reader.0);
    let decisions = body.value.map(Vec::from);
    let work = async move |tx: &mut Transaction<'_>| use_cases::decide_many(tx, decisions).await;
    api.write(command, work, move |outcomes| answer::done(&BulkOutcome::render(outcomes, language))).await
}
