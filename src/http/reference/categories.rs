//! `/v1/reference/categories`, and what somebody typing may mean.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{in_force, mentions};
use crate::domain::listing::Kind;
use crate::http::core::answer;
use crate::http::core::api::Api;
use crate::http::core::parameters::Parameters;
use crate::http::core::problem::Problem;
use crate::http::wire::reference::{CategoryList, Suggestion, SuggestionList};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CategoryQuery {
    kind: Option<Kind>,
    /// Part of a name or alias.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Retired codes too.
    #[param(default = false)]
    retired: Option<bool>,
}

/// List categories
///
/// The tree of what can be needed or offered, in the order of codes: `parent` leads up.
#[utoipa::path(tag = "reference", operation_id = "list_categories", security(()), params(CategoryQuery),
    responses((status = 200, description = "Categories.", body = CategoryList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/categories")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<CategoryQuery>,
) -> Result<HttpResponse, Problem> {
    let CategoryQuery { kind, q, retired } = query.value;
    let knowledge = api.app.knowledge();
    let all = knowledge.reference.categories.all().into_iter();
    let wanted = all.filter(|c| kind.is_none_or(|kind| c.kind == kind) && in_force(*c, retired) && mentions(&q, *c));
    answer::cacheable(&request, &CategoryList { items: wanted.cloned().collect() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuggestionQuery {
    /// What has been typed so far, in Chinese, English or both.
    #[param(min_length = 1, max_length = 100)]
    q: String,
    kind: Option<Kind>,
    #[param(minimum = 1, maximum = 50, default = 10)]
    limit: Option<usize>,
}

/// Suggest categories
///
/// Categories that the words name, as in a posting, or whose names begin with or contain them: best first. Where none
/// does, names that differ by one sign.
#[utoipa::path(tag = "reference", operation_id = "suggest_categories", security(()), params(SuggestionQuery),
    responses((status = 200, description = "Categories with their confidence, best first.", body = SuggestionList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/categories/suggest")]
pub async fn suggest(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<SuggestionQuery>,
) -> Result<HttpResponse, Problem> {
    let SuggestionQuery { q, kind, limit } = query.value;
    let knowledge = api.app.knowledge();
    let found = knowledge.understanding.suggest(&q, kind, limit.unwrap_or(10));
    let named = |(code, confidence): (String, f64)| {
        let names = knowledge.reference.categories.get(&code)?.names.clone();
        Some(Suggestion { code, names, confidence })
    };
    answer::cacheable(&request, &SuggestionList { items: found.into_iter().filter_map(named).collect() })
}
