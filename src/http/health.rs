//! Whether the process lives, and whether it can serve.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::core::answer;
use super::core::api::Api;
use super::core::problem::Problem;
use crate::app::Lag;

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

/// How far the process is behind the event log, by which it learns what others wrote.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"position": 48210, "head": 48213, "behind": 4, "behind_seconds": 0.012}))]
pub struct IndexLag {
    /// The newest event its index has taken.
    #[schema(minimum = 0)]
    position: i64,
    /// The newest event of the log.
    #[schema(minimum = 0)]
    head: i64,
    /// Events it has not taken, those without a number yet included.
    #[schema(minimum = 0)]
    behind: i64,
    /// Age of the oldest of them.
    #[schema(minimum = 0, maximum = 1e12)]
    behind_seconds: f64,
}

impl From<Lag> for IndexLag {
    fn from(lag: Lag) -> Self {
        let Lag { position, head, behind, behind_seconds } = lag;
        Self { position, head, behind, behind_seconds: (behind_seconds * 1000.0).round() / 1000.0 }
    }
}

/// `ok`, and how far the process is behind.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok", "position": 48210, "head": 48213, "behind": 4, "behind_seconds": 0.012}))]
pub struct Readiness {
    #[schema(max_length = 10)]
    status: &'static str,
    #[serde(flatten)]
    lag: IndexLag,
}

/// Can the process serve?
///
/// 503 until the database answers, its schema is current and the matching index is loaded, and while stopping; also
/// (`index_behind`) where the index is further behind the event log than `DUIJIE_READY_MOST_BEHIND` seconds, 30 by default.
#[utoipa::path(tag = "operating", operation_id = "ready", security(()),
    responses((status = 200, description = "It serves.", body = Readiness)))]
#[get("/readyz")]
pub async fn ready(api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    let lag = api.read(|app| async move { app.ready().await }).await?;
    answer::plain(&Readiness { status: "ok", lag: lag.into() })
}
