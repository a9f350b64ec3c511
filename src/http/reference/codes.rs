//! The schemas of the kinds, and the labels of every enumeration.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::listing::Kind;
use crate::http::core::answer;
use crate::http::core::api::Api;
use crate::http::core::document::needed_by;
use crate::http::core::parameters::Parameters;
use crate::http::core::problem::Problem;
use crate::http::wire::codes::code_lists;
use crate::http::wire::reference::CodeLists;

#[derive(Deserialize)]
pub struct KindPath {
    kind: Kind,
}

/// JSON Schema of a kind
///
/// The schema (2020-12) of `attributes` for this kind, self-contained.
#[utoipa::path(tag = "reference", operation_id = "find_kind", security(()), params(("kind" = Kind, Path, description = "The kind.")),
    responses((status = 200, description = "A JSON Schema.", body = Object, content_type = "application/json"),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/kinds/{kind}")]
pub async fn find_kind(
    request: HttpRequest,
    api: web::Data<Api>,
    path: Parameters<KindPath>,
) -> Result<HttpResponse, Problem> {
    answer::cacheable(&request, &kind_schema(&api.document, path.value.kind))
}

fn kind_schema(document: &Value, kind: Kind) -> Value {
    let tag = <&str>::from(kind);
    let name = format!("{}{}Attributes", tag[..1].to_uppercase(), &tag[1..]);
    let target = json!({ "$ref": format!("#/components/schemas/{name}") });
    let definitions = needed_by(&target, &document["components"])["schemas"].take();
    let text = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": name,
        "$ref": format!("#/$defs/{name}"), "$defs": definitions })
    .to_string();
    serde_json::from_str(&text.replace("#/components/schemas/", "#/$defs/")).unwrap_or_default()
}

/// Labels of codes
///
/// Chinese and English labels of every enumeration of this API.
#[utoipa::path(tag = "reference", operation_id = "list_codes", security(()),
    responses((status = 200, description = "Enumerations with their labels.", body = CodeLists),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/codes")]
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    answer::cacheable(&request, &CodeLists { items: code_lists() })
}
