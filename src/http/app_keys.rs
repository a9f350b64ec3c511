//! `/v1/apps/{id}/keys`

use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use uuid::Uuid;

use super::core::answer;
use super::core::api::Api;
use super::core::body::{Body, OptionalBody};
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::credentials::nothing;
use super::wire::app::{AppKeyInput, AppKeyList, AppKeyRotation, NewAppKey};
use crate::app::apps::keys as use_cases;
use crate::app::idempotency::Answer;

fn shown(key: &use_cases::ShownKey) -> Result<Answer, crate::app::Error> {
    answer::created(&NewAppKey::from(key))
}

/// Make a key
///
/// By an owner (an app of the platform: by an administrator). The answer shows the key this once; only its hash is kept, and
/// `Idempotency-Key` is ignored. If the answer is lost, revoke the key and make another.
#[utoipa::path(tag = "apps", operation_id = "create_app_key", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The app.")), request_body = AppKeyInput,
    responses((status = 201, description = "The key, with its secret.", body = NewAppKey),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`too_many_app_keys`, or `app_is_public`.")))]
#[post("/v1/apps/{id}/keys")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<AppKeyInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let wanted = body.value.map(Into::into);
    api.write(command, async move |tx| use_cases::create(tx, id, wanted).await, shown).await
}

/// List an app's keys
///
/// The newest hundred, revoked ones too, without their secrets. For members of its enterprise and administrators.
#[utoipa::path(tag = "apps", operation_id = "list_app_keys", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The app.")),
    responses((status = 200, description = "Keys, newest first.", body = AppKeyList)))]
#[get("/v1/apps/{id}/keys")]
pub async fn list(api: web::Data<Api>, caller: Authenticated, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let keys = api.read(|app| async move { app.list_app_keys(&caller.0, path.value.id).await }).await?;
    answer::plain(&AppKeyList { items: keys.into_iter().map(Into::into).collect() })
}

#[derive(Deserialize)]
pub struct KeyPath {
    id: Uuid,
    key_id: Uuid,
}

/// Replace a key
///
/// A new key with the name and scopes of the old one, which works on for the overlap. By an owner (an app of the platform: by
/// an administrator). Shown this once; `Idempotency-Key` is ignored.
#[utoipa::path(tag = "apps", operation_id = "rotate_app_key", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The app."), ("key_id" = Uuid, Path, description = "The old key.")),
    request_body = Option<AppKeyRotation>,
    responses((status = 201, description = "The new key, with its secret.", body = NewAppKey),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`app_key_ended`: revoked or expired; or `too_many_app_keys`.")))]
#[post("/v1/apps/{id}/keys/{key_id}/rotate")]
pub async fn rotate(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<KeyPath>,
    body: OptionalBody<AppKeyRotation>,
) -> Result<HttpResponse, Problem> {
    let (KeyPath { id, key_id }, command) = (path.value, write.command(&body.digest));
    let overlap = body.value.map(|given| AppKeyRotation::from(given).overlap());
    api.write(command, async move |tx| use_cases::rotate(tx, id, key_id, overlap).await, shown).await
}

/// Revoke a key
///
/// Neither it nor a token it gave is worth anything from the next request on. By an owner (an app of the platform: by an
/// administrator).
#[utoipa::path(tag = "apps", operation_id = "revoke_app_key", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The app."), ("key_id" = Uuid, Path, description = "The key.")),
    responses((status = 204, description = "Revoked, perhaps before."),
        (status = 403, description = "`not_owner`.")))]
#[delete("/v1/apps/{id}/keys/{key_id}")]
pub async fn revoke(api: web::Data<Api>, write: Write, path: Parameters<KeyPath>) -> Result<HttpResponse, Problem> {
    let KeyPath { id, key_id } = path.value;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::revoke(tx, id, key_id).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}
