//! `/v1/listings`: posting, changing, reading, and what becomes of them.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, OptionalBody, Patch};
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, MaybeAuthenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::explain::Explainer;
use super::wire::listing::{CloseInput, Listing, ListingInput, ListingPage, ListingPatch, RenewInput, UnderstoodField};
use super::wire::matches::render_matches;
use super::wire::message::{Drafts, ListingBatch, ListingBatchInput, MessageInput};
use crate::app::idempotency::Answer;
use crate::app::listings::{self as use_cases, ListingView, OwnFilter, Posting};
use crate::app::posting::Understood;
use crate::app::{self, Transaction};
use crate::domain::listing::{ListingStatus, Terms};

fn render(view: &ListingView) -> Result<Answer, app::Error> {
    let listing = Listing::from(view.clone());
    answer::versioned(StatusCode::OK, listing.record.version, None, &listing)
}

/// Post a listing
///
/// The shortest posting is `{side, title}` by a member of one enterprise: kind, category, unit, place and validity are
/// understood or defaulted, and `understood` says so. With `publish` the answer also has the best three matches.
#[utoipa::path(tag = "listings", operation_id = "create_listing", security(("bearer" = [])), params(RetryHeaders),
    request_body = ListingInput, responses((status = 201, description = "The listing.", body = Listing),
        (status = 403, description = "`not_trader`: the caller may not post for the enterprise."),
        (status = 409, description = "`external_id_taken`, or `unverified_cap_reached` on publishing.")))]
#[post("/v1/listings")]
pub async fn create(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    body: Body<ListingInput>,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let (posting, language) = (body.value.map(Posting::from), reader.0);
    let app = Arc::clone(&api.app);
    let work = async move |tx: &mut Transaction<'_>| {
        let (view, understood) = use_cases::create(tx, posting).await?;
        let top = match view.listing.status {
            ListingStatus::Published => app.top_matches(tx.connection, &tx.caller, &view).await?,
            _ => None,
        };
        Ok((view, understood, top))
    };
    api.write(command, work, move |(view, understood, top)| {
        let mut listing = posted_listing(view, understood);
        listing.record.top_matches = top.as_ref().map(|top| {
            let explainer = Explainer { reference: &top.frozen.knowledge.reference, language };
            render_matches(top.matches.clone(), explainer)
        });
        let location = Some(format!("/v1/listings/{}", listing.record.id));
        answer::versioned(StatusCode::CREATED, listing.record.version, location, &listing)
    })
    .await
}

/// Post several listings
///
/// All or none: a fault in one keeps out all, and `errors` names every fault of each. What is left out is understood as in
/// a single posting. Drafts of `POST /v1/listings/understand` can be posted as they are.
#[utoipa::path(tag = "listings", operation_id = "create_listings", security(("bearer" = [])), params(RetryHeaders),
    request_body = ListingBatchInput, responses((status = 201, description = "The listings.", body = ListingBatch),
        (status = 403, description = "`not_trader`: the caller may not post for the enterprise."),
        (status = 409, description = "`unverified_cap_reached` on publishing.")))]
#[post("/v1/listings/batch")]
pub async fn create_many(
    api: web::Data<Api>,
    write: Write,
    body: Body<ListingBatchInput>,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let postings = body.value.map(Vec::<Posting>::from);
    api.write(
        command,
        async move |tx| use_cases::create_many(tx, postings).await,
        |posted| {
            let items = posted.iter().map(|(view, understood)| posted_listing(view, understood)).collect();
            answer::created(&ListingBatch { items })
        },
    )
    .await
}

/// Understand a message
///
/// Reads one pasted message as drafts, one for each thing it asks for or offers, and says of every field how surely it was
/// understood and from which characters. Saves nothing.
#[utoipa::path(tag = "listings", operation_id = "understand_message", security(("bearer" = [])),
    request_body = MessageInput, responses((status = 200, description = "The drafts.", body = Drafts),
        (status = 403, description = "`not_trader`: the caller may not post for the enterprise.")))]
#[post("/v1/listings/understand")]
pub async fn understand(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    body: Body<MessageInput>,
) -> Result<HttpResponse, Problem> {
    let message = body.value.map_err(Problem::invalid)?.into();
    let drafts = api.read(|app| async move { app.understand_message(&caller.0, message).await }).await?;
    answer::plain(&Drafts::render(drafts, reader.0))
}

fn posted_listing(view: &ListingView, understood: &[Understood]) -> Listing {
    let mut listing = Listing::from(view.clone());
    listing.record.understood = understood.iter().cloned().map(UnderstoodField::from).collect();
    listing
}

/// Read a listing
///
/// Published public listings are open to everybody; members see all states of their own.
#[utoipa::path(tag = "listings", operation_id = "find_listing", security((), ("bearer" = [])),
    params(("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "The listing.", body = Listing),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/listings/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: MaybeAuthenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let view = api.read(|app| async move { app.find_listing(caller.0.as_ref(), path.value.id).await }).await?;
    let listing = Listing::from(view);
    answer::read(&request, listing.record.version, &listing)
}

/// Change a listing
///
/// RFC 7396 merge patch of its terms, as a draft or while it is published. Quantity and unit are frozen while anything
/// of it is held.
#[utoipa::path(tag = "listings", operation_id = "update_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")),
    request_body(content((ListingPatch = "application/merge-patch+json"), (ListingPatch = "application/json"))),
    responses((status = 200, description = "The listing.", body = Listing),
        (status = 403, description = "`not_trader`: visible, but not the caller's to change."),
        (status = 409, description = "`state_conflict`, `quantity_held` or `external_id_taken`.")))]
#[patch("/v1/listings/{id}")]
pub async fn update(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Patch,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let (checking, id) = (api.clone(), path.value.id);
    let change = move |present: &Terms| body.apply(&checking, present);
    api.write(command, async move |tx| use_cases::update(tx, id, change).await, render).await
}

/// Publish a draft
///
/// It appears at once, or waits for a moderator where the policy says so.
#[utoipa::path(tag = "listings", operation_id = "publish_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "The listing, `published` or `pending_review`.", body = Listing),
        (status = 403, description = "`not_trader`: visible, but not the caller's."),
        (status = 409, description = "`state_conflict`, or `unverified_cap_reached`.")))]
#[post("/v1/listings/{id}/publish")]
pub async fn publish(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::publish(tx, id).await, render).await
}

/// Withdraw a listing
///
/// Takes it off the market without saying how it ended.
#[utoipa::path(tag = "listings", operation_id = "withdraw_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "The listing, `withdrawn`.", body = Listing),
        (status = 403, description = "`not_trader`: visible, but not the caller's."),
        (status = 409, description = "`state_conflict`.")))]
#[post("/v1/listings/{id}/withdraw")]
pub async fn withdraw(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::withdraw(tx, id).await, render).await
}

/// Renew a listing
///
/// One call says that it still holds: until `valid_until`, or 30 days from now. An expired listing comes back.
#[utoipa::path(tag = "listings", operation_id = "renew_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = Option<RenewInput>,
    responses((status = 200, description = "The listing, `published`.", body = Listing),
        (status = 403, description = "`not_trader`: visible, but not the caller's."),
        (status = 409, description = "`state_conflict`, or `unverified_cap_reached` when it comes back.")))]
#[post("/v1/listings/{id}/renew")]
pub async fn renew(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: OptionalBody<RenewInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let until = body.value.map(|input| input.and_then(|input| input.valid_until));
    api.write(command, async move |tx| use_cases::renew(tx, id, until).await, render).await
}

/// Confirm a need's urgency
///
/// By an officer, moderator or administrator in whose region the need lies. Until then more than `normal` counts as `normal`;
/// stating another urgency takes it back.
#[utoipa::path(tag = "administration", operation_id = "confirm_urgency", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "The listing, confirmed.", body = Listing),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`needs_only`, or `state_conflict`.")))]
#[post("/v1/admin/listings/{id}/confirm-urgency")]
pub async fn confirm_urgency(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&[0; 32]));
    api.write(command, async move |tx| use_cases::confirm_urgency(tx, id).await, render).await
}

/// Close a listing
///
/// Says how it ended: met here, met elsewhere (both `fulfilled`), or no longer needed (`withdrawn`).
#[utoipa::path(tag = "listings", operation_id = "close_listing", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = CloseInput,
    responses((status = 200, description = "The listing, `fulfilled` or `withdrawn`.", body = Listing),
        (status = 403, description = "`not_trader`: visible, but not the caller's."),
        (status = 409, description = "`state_conflict`.")))]
#[post("/v1/listings/{id}/close")]
pub async fn close(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<CloseInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let closing = body.value.map(|input| (input.outcome, input.counterpart_id));
    api.write(command, async move |tx| use_cases::close(tx, id, closing).await, render).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnQuery {
    status: Option<ListingStatus>,
    /// The poster's own number.
    #[param(min_length = 1, max_length = 100)]
    external_id: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List an enterprise's own listings
///
/// All states, newest first, for its members.
#[utoipa::path(tag = "listings", operation_id = "list_enterprise_listings", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise."), OwnQuery),
    responses((status = 200, description = "A page.", body = ListingPage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/listings")]
pub async fn list_of_enterprise(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<OwnQuery>,
) -> Result<HttpResponse, Problem> {
    let OwnQuery { status, external_id, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (filter, fetch) = (OwnFilter { status, external_id, before: paging.after }, paging.limit + 1);
    let id = path.value.id;
    let views = api.read(|app| async move { app.list_enterprise_listings(&caller.0, id, filter, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.listing.id)?;
    let items = views.into_iter().map(Listing::from).collect();
    let listed = ListingPage { items, next_cursor: next_cursor.clone(), facets: None, understood: vec![] };
    page::respond(&request, next_cursor.as_deref(), &listed)
}
