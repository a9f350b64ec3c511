//! The OpenAPI document and its browsable page, which works without internet access.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::core::answer;
use super::core::api::Api;
use super::core::problem::Problem;
use super::wire::{problem, webhook};

/// What no handler mentions but the completed document needs.
#[derive(OpenApi)]
#[openapi(components(schemas(
    problem::Problem,
    webhook::WebhookEvent,
    crate::matching::SearchSort,
    crate::matching::ExplainLevel
)))]
struct Seed;

pub fn seed() -> utoipa::openapi::OpenApi {
    Seed::openapi()
}

/// This document
///
/// OpenAPI 3.1, the same as the committed `openapi/openapi.json`.
#[utoipa::path(tag = "operating", operation_id = "find_openapi", security(()),
    responses((status = 200, description = "The document.", body = Object, content_type = "application/json"),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/openapi.json")]
pub async fn find_openapi(request: HttpRequest, api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    answer::cacheable(&request, &*api.document)
}

pub fn pages() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json").try_it_out_enabled(true))
}

#[get("/docs")]
pub async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}
