//! `/v1/enterprises/{id}/invitations`, and how they are answered.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Utc;
use serde::Deserialize;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::credentials::nothing;
use super::members::PageQuery;
use super::wire::member::{Invitation, InvitationAnswer, InvitationInput, InvitationPage, Joining};
use crate::app::Transaction;
use crate::app::idempotency::Answer;
use crate::app::invitations::{self as use_cases, Wanted};
use crate::domain::account::parse_login;
use crate::domain::member;
use crate::domain::message::Language;
use crate::domain::violation::Violations;

#[derive(Deserialize)]
pub struct InvitationPath {
    id: Uuid,
    invitation_id: Uuid,
}

fn wanted(input: InvitationInput, language: Language) -> Result<Wanted, Violations> {
    let (mut violations, role) = (Violations::new(), input.role);
    let invited = parse_login(input.email.as_deref(), input.mobile.as_deref(), &mut violations);
    invited.map(|invited| Wanted { invited, role, language }).ok_or(violations)
}

fn render(view: &member::Invitation) -> Result<Answer, crate::app::Error> {
    answer::done(&Invitation::at(view.clone(), Utc::now()))
}

/// Invite a person
///
/// By an owner. The person asked gets a token by mail or text message, in the language of this request, and answers with it
/// within seven days. An address has one open invitation at a time.
#[utoipa::path(tag = "enterprises", operation_id = "create_invitation", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = InvitationInput,
    responses((status = 201, description = "The invitation, `pending`.", body = Invitation),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`invitation_pending` or `too_many_invitations`."),
        (status = 429, description = "`invited_too_often`, or `rate_limited`.")))]
#[post("/v1/enterprises/{id}/invitations")]
pub async fn create(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<InvitationInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let wanted = body.value.and_then(|input| wanted(input, reader.0));
    let created = |view: &member::Invitation| answer::created(&Invitation::at(view.clone(), view.created_at));
    api.write(command, async move |tx| use_cases::create(tx, id, wanted).await, created).await
}

/// List invitations
///
/// For owners, newest first, whatever became of them.
#[utoipa::path(tag = "enterprises", operation_id = "list_invitations", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = InvitationPage),
        (status = 403, description = "`not_owner`.")))]
#[get("/v1/enterprises/{id}/invitations")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let found = api.read(|app| async move { app.list_invitations(&caller.0, id, before, fetch).await }).await?;
    let (found, next_cursor) = paging.finish(&api, found, |invitation| invitation.id)?;
    let now = Utc::now();
    let items = found.into_iter().map(|invitation| Invitation::at(invitation, now)).collect();
    page::respond(&request, next_cursor.as_deref(), &InvitationPage { items, next_cursor: next_cursor.clone() })
}

/// Revoke an invitation
///
/// By an owner, while nobody has answered it.
#[utoipa::path(tag = "enterprises", operation_id = "revoke_invitation", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."),
    ("invitation_id" = Uuid, Path, description = "The invitation.")),
    responses((status = 200, description = "The invitation, `revoked`.", body = Invitation),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`invitation_state_conflict`: it is answered, revoked or expired.")))]
#[post("/v1/enterprises/{id}/invitations/{invitation_id}/revoke")]
pub async fn revoke(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<InvitationPath>,
) -> Result<HttpResponse, Problem> {
    let InvitationPath { id, invitation_id } = path.value;
    let work = async move |tx: &mut Transaction<'_>| use_cases::revoke(tx, id, invitation_id).await;
    api.write(write.command(&[0; 32]), work, render).await
}

/// Accept an invitation
///
/// By whoever holds its token: the caller becomes a member, once. The token stands in the body, for addresses are written
/// into logs.
#[utoipa::path(tag = "enterprises", operation_id = "accept_invitation", security(("bearer" = [])), params(RetryHeaders),
    request_body = InvitationAnswer, responses((status = 200, description = "What the caller joined.", body = Joining),
        (status = 404, description = "No invitation has this token."),
        (status = 409, description = "`invitation_state_conflict`, `already_member` or `too_many_members`.")))]
#[post("/v1/invitations/accept")]
pub async fn accept(api: web::Data<Api>, write: Write, body: Body<InvitationAnswer>) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let token = body.value.map(|answer| answer.token);
    let render = |joined: &use_cases::Joined| answer::done(&Joining::from(joined));
    api.write(command, async move |tx| use_cases::accept(tx, token).await, render).await
}

/// Decline an invitation
///
/// By whoever holds its token.
#[utoipa::path(tag = "enterprises", operation_id = "decline_invitation", security(("bearer" = [])), params(RetryHeaders),
    request_body = InvitationAnswer, responses((status = 204, description = "Declined."),
        (status = 404, description = "No invitation has this token."),
        (status = 409, description = "`invitation_state_conflict`.")))]
#[post("/v1/invitations/decline")]
pub async fn decline(api: web::Data<Api>, write: Write, body: Body<InvitationAnswer>) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let token = body.value.map(|answer| answer.token);
    api.write(command, async move |tx| use_cases::decline(tx, token).await, nothing).await
}
