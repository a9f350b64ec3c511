//! `/v1/accounts/me/export` and `/v1/accounts/me/erasure`

use actix_web::http::header;
use actix_web::{HttpResponse, get, post, web};

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::device;
use super::core::problem::Problem;
use super::core::write::{Authenticated, Write};
use super::credentials::nothing;
use super::wire::account::ProofInput;
use super::wire::personal_data::AccountExport;
use crate::app::{Transaction, personal_data as use_cases};

/// Export one's data
///
/// Everything kept of the person, across all tables, as it stands there: the account, its roles, memberships and sessions, what
/// was agreed to, asked, decided and seen, the log of what the account did with the addresses it came from, what others changed of
/// it, and the entries among its enterprises' contacts that name the person. Secrets, and hashes of secrets, are not handed out.
#[utoipa::path(tag = "accounts", operation_id = "export_account", security(("bearer" = [])),
    responses((status = 200, description = "By tables.", body = AccountExport)))]
#[get("/v1/accounts/me/export")]
pub async fn export(api: web::Data<Api>, caller: Authenticated) -> Result<HttpResponse, Problem> {
    let export = api.read(|app| async move { app.export_account(&caller.0).await }).await?;
    let mut response = answer::plain(&AccountExport::from(export))?;
    let attachment = header::HeaderValue::from_static("attachment; filename=\"duijie-account.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment);
    Ok(response)
}

/// Erase one's data
///
/// With the password, or with a code sent just now. The trade record stays without the person: the account keeps its id and
/// nothing else, all sessions end, memberships and roles go, entries that name the person leave the contacts of its
/// enterprises, and the details of the log of what the account did are erased. It cannot be undone. Not while an enterprise
/// would be left without an owner (hand it over or close it first), nor the platform without an administrator.
#[utoipa::path(tag = "accounts", operation_id = "erase_account", security(("bearer" = [])), request_body = ProofInput,
    responses((status = 204, description = "Erased."),
        (status = 409, description = "`last_owner`, naming the enterprises; or `last_admin`.")))]
#[post("/v1/accounts/me/erasure")]
pub async fn erase(
    api: web::Data<Api>,
    write: Write,
    device: device::From,
    body: Body<ProofInput>,
) -> Result<HttpResponse, Problem> {
    let proof = body.value.and_then(ProofInput::parse).map_err(Problem::invalid)?;
    let caller = write.caller.clone();
    api.read(|app| async move { app.prove(&caller, proof).await }).await?;
    let work = async move |tx: &mut Transaction<'_>| use_cases::erase(tx, device.0.language).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}
