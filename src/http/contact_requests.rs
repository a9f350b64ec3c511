//! `/v1/contact-requests`, and asking from a listing.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, OptionalBody};
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::contact::{ContactRequest, ContactRequestInput, ContactRequestPage, DeclineInput};
use crate::app::contact_requests::{self as use_cases, RequestFilter, RequestView};
use crate::app::idempotency::Answer;
use crate::app::{self, Transaction};
use crate::domain::contact_request::{ContactDirection, ContactRequestStatus, NewContactRequest};

fn render(view: &RequestView) -> Result<Answer, app::Error> {
    let request = ContactRequest::from(view.clone());
    answer::versioned(StatusCode::OK, request.version, None, &request)
}

/// Ask for contact
///
/// An enterprise asks the poster of a listing it can see: with a message, and a quantity where it knows one. Unanswered it
/// lapses after 7 days. One open request for a listing and enterprise, none again within 7 days of a refusal, 50 a day.
#[utoipa::path(tag = "contact", operation_id = "create_contact_request", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = ContactRequestInput,
    responses((status = 201, description = "The request, `pending`.", body = ContactRequest),
        (status = 403, description = "`not_trader`: the caller may not trade for the enterprise that asks."),
        (status = 409, description = "`contact_request_open`, `contact_request_accepted`, `contact_request_declined`, \
            `contact_not_possible`, `counterpart_is_self` or `state_conflict`."),
        (status = 429, description = "`too_many_contact_requests`, or `rate_limited`.")))]
#[post("/v1/listings/{id}/contact-requests")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<ContactRequestInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let asked = body.value.map(NewContactRequest::from);
    let render = |view: &RequestView| {
        let request = ContactRequest::from(view.clone());
        let location = Some(format!("/v1/contact-requests/{}", request.id));
        answer::versioned(StatusCode::CREATED, request.version, location, &request)
    };
    api.write(command, async move |tx| use_cases::create(tx, id, asked).await, render).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RequestQuery {
    /// Only what the reader's enterprises sent, or only what they received.
    direction: Option<ContactDirection>,
    status: Option<ContactRequestStatus>,
    listing_id: Option<Uuid>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List requests for contact
///
/// Sent and received by all enterprises the reader acts for, newest first.
#[utoipa::path(tag = "contact", operation_id = "list_contact_requests", security(("bearer" = [])), params(RequestQuery),
    responses((status = 200, description = "A page.", body = ContactRequestPage)))]
#[get("/v1/contact-requests")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<RequestQuery>,
) -> Result<HttpResponse, Problem> {
    let RequestQuery { direction, status, listing_id, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (filter, fetch) = (RequestFilter { direction, status, listing_id, before: paging.after }, paging.limit + 1);
    let views = api.read(|app| async move { app.list_contact_requests(&caller.0, filter, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.request.id)?;
    let items = views.into_iter().map(ContactRequest::from).collect();
    page::respond(&request, next_cursor.as_deref(), &ContactRequestPage { items, next_cursor: next_cursor.clone() })
}

/// Read a request for contact
///
/// For members of either side.
#[utoipa::path(tag = "contact", operation_id = "find_contact_request", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The request.")),
    responses((status = 200, description = "The request.", body = ContactRequest),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/contact-requests/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    let view = api.read(|app| async move { app.find_contact_request(&caller.0, id).await }).await?;
    let found = ContactRequest::from(view);
    answer::read(&request, found.version, &found)
}

/// Accept a request for contact
///
/// By a trader of the poster: from now on each side sees the other's contacts (`GET …/contacts`).
#[utoipa::path(tag = "contact", operation_id = "accept_contact_request", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The request.")),
    responses((status = 200, description = "The request, `accepted`.", body = ContactRequest),
        (status = 403, description = "`not_trader`: visible, but not the caller's to answer."),
        (status = 409, description = "`contact_request_state_conflict`: it is not pending; or `contact_not_possible`.")))]
#[post("/v1/contact-requests/{id}/accept")]
pub async fn accept(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let (id, decision) = (path.value.id, ContactRequestStatus::Accepted);
    let work = async move |tx: &mut Transaction<'_>| use_cases::decide(tx, id, decision, Ok(None)).await;
    api.write(write.command(&[0; 32]), work, render).await
}

/// Decline a request for contact
///
/// By a trader of the poster, with a reason or without.
#[utoipa::path(tag = "contact", operation_id = "decline_contact_request", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The request.")), request_body = Option<DeclineInput>,
    responses((status = 200, description = "The request, `declined`.", body = ContactRequest),
        (status = 403, description = "`not_trader`: visible, but not the caller's to answer."),
        (status = 409, description = "`contact_request_state_conflict`: it is not pending.")))]
#[post("/v1/contact-requests/{id}/decline")]
pub async fn decline(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: OptionalBody<DeclineInput>,
) -> Result<HttpResponse, Problem> {
    let (id, decision, command) = (path.value.id, ContactRequestStatus::Declined, write.command(&body.digest));
    let reason = body.value.map(|input| input.and_then(|input| input.reason));
    let work = async move |tx: &mut Transaction<'_>| use_cases::decide(tx, id, decision, reason).await;
    api.write(command, work, render).await
}
