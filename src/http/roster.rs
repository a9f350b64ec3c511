//! `/v1/admin/roster`

use actix_web::{HttpResponse, post, web};

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::problem::Problem;
use super::core::write::{RetryHeaders, Write};
use super::wire::roster::{RosterInput, RosterLoad};
use crate::app::roster as use_cases;

/// Load part of the roster
///
/// By an administrator of the divisions the codes name: entries replace those with the same code, all or none. An enterprise
/// whose code, name and phone are those of an entry is verified at once when it asks for it. `duijie roster import`
/// takes a whole file.
#[utoipa::path(tag = "administration", operation_id = "load_roster", security(("bearer" = [])), params(RetryHeaders),
    request_body = RosterInput,
    responses((status = 200, description = "What changed.", body = RosterLoad),
        (status = 403, description = "`role_required`.")))]
#[post("/v1/admin/roster")]
pub async fn load(api: web::Data<Api>, write: Write, body: Body<RosterInput>) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let rows = body.value.map(|input| input.entries.into_iter().map(Into::into).collect());
    let render = |loaded: &use_cases::Loaded| answer::done(&RosterLoad::from(*loaded));
    api.write(command, async move |tx| use_cases::load(tx, rows).await, render).await
}
