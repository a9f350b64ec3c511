//! `/v1/reference`: categories, regions, units, kinds, and the labels of codes. Public and cacheable.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::core::answer;
use super::core::api::Api;
use super::core::document::needed_by;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::wire::codes::code_lists;
use super::wire::reference::{CategoryList, CodeLists, RegionList, UnitList};
use crate::domain::category::Names;
use crate::domain::listing::Kind;
use crate::vocabulary::normalise;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CategoryQuery {
    kind: Option<Kind>,
    /// Part of a name or alias.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
}

/// Whether a name, an alias or the code contains the words, however they are typed.
fn mentions(q: &Option<String>, code: &str, names: &Names, aliases: &[String]) -> bool {
    let Some(wanted) = q.as_deref().map(normalise) else { return true };
    let all = aliases.iter().map(String::as_str).chain([code, &names.zh, &names.en]);
    all.into_iter().any(|text| normalise(text).contains(&wanted))
}

/// List categories
///
/// The tree of what can be needed or offered, in the order of codes: `parent` leads up.
#[utoipa::path(tag = "reference", operation_id = "list_categories", security(()), params(CategoryQuery),
    responses((status = 200, description = "Categories.", body = CategoryList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/categories")]
pub async fn list_categories(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<CategoryQuery>,
) -> Result<HttpResponse, Problem> {
    let CategoryQuery { kind, q } = query.value;
    let knowledge = api.app.knowledge();
    let all = knowledge.reference.categories.all().into_iter();
    let wanted = all.filter(|c| kind.is_none_or(|kind| c.kind == kind) && mentions(&q, &c.code, &c.names, &c.aliases));
    answer::cacheable(&request, &CategoryList { items: wanted.cloned().collect() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegionQuery {
    /// Regions directly below this one.
    #[param(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    parent: Option<String>,
    /// 1 province, 2 prefecture, 3 county.
    #[param(minimum = 1, maximum = 3)]
    level: Option<u8>,
    /// This code; a retired one resolves too.
    #[param(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    code: Option<String>,
    /// Part of a name.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Retired codes too.
    #[param(default = false)]
    retired: Option<bool>,
}

/// List regions
///
/// GB/T 2260, three levels, with a WGS-84 point each. Without any filter: the provinces.
#[utoipa::path(tag = "reference", operation_id = "list_regions", security(()), params(RegionQuery),
    responses((status = 200, description = "Regions.", body = RegionList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/regions")]
pub async fn list_regions(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<RegionQuery>,
) -> Result<HttpResponse, Problem> {
    let RegionQuery { parent, level, code, q, retired } = query.value;
    let level = level.or((parent.is_none() && code.is_none() && q.is_none()).then_some(1));
    let knowledge = api.app.knowledge();
    let all = knowledge.reference.regions.all().into_iter();
    let wanted = all.filter(|region| {
        parent.as_ref().is_none_or(|parent| region.parent.as_ref() == Some(parent))
            && level.is_none_or(|level| region.level == level)
            && code.as_ref().is_none_or(|code| region.code == *code)
            && (region.valid_to.is_none() || retired == Some(true) || code.is_some())
            && mentions(&q, &region.code, &region.names, &[])
    });
    answer::cacheable(&request, &RegionList { items: wanted.cloned().collect() })
}

/// List units
///
/// UN/CEFACT Recommendations 20 and 21 as used here, with exact factors inside each dimension.
#[utoipa::path(tag = "reference", operation_id = "list_units", security(()),
    responses((status = 200, description = "Units.", body = UnitList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/units")]
pub async fn list_units(request: HttpRequest, api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    let items = api.app.knowledge().reference.units.all().into_iter().cloned().collect();
    answer::cacheable(&request, &UnitList { items })
}

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
pub async fn list_codes(request: HttpRequest) -> Result<HttpResponse, Problem> {
    answer::cacheable(&request, &CodeLists { items: code_lists() })
}
