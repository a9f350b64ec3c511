//! Whether the process lives, and whether it can serve.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::core::answer;
use super::core::api::Api;
use super::core::problem::Problem;

/// `ok`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    #[schema(max_length = 10)]
    status: &'static str,
}

/// Is the process alive?
///
/// Answers without touching the database.
#[utoipa::path(tag = "operating", operation_id = "live", security(()),
    responses((status = 200, description = "It lives.", body = Health)))]
#[get("/livez")]
pub async fn live() -> Result<HttpResponse, Problem> {
    answer::plain(&Health { status: "ok" })
}

/// Can the process serve?
///
/// 503 until the database answers, its schema is current and the matching index is loaded, and while stopping.
#[utoipa::path(tag = "operating", operation_id = "ready", security(()),
    responses((status = 200, description = "It serves.", body = Health)))]
#[get("/readyz")]
pub async fn ready(api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    api.read(|app| async move { app.ready().await }).await?;
    answer::plain(&Health { status: "ok" })
}
