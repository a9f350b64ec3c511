//! `/v1/reference/units` and `/v1/reference/currencies`: what amounts are counted in.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{in_force, mentions, mentions_among};
use crate::http::core::answer;
use crate::http::core::api::Api;
use crate::http::core::parameters::Parameters;
use crate::http::core::problem::Problem;
use crate::http::wire::reference::{CurrencyList, UnitList};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitQuery {
    /// Part of a name, alias or measure word: 斤 finds `KGM`.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Units that convert into each other.
    #[param(min_length = 1, max_length = 40, pattern = "^[a-z0-9_]+$")]
    dimension: Option<String>,
    /// Retired codes too.
    #[param(default = false)]
    retired: Option<bool>,
}

/// List units
///
/// UN/CEFACT Recommendations 20 and 21 as used here, with exact factors inside each dimension, and the words they go by.
#[utoipa::path(tag = "reference", operation_id = "list_units", security(()), params(UnitQuery),
    responses((status = 200, description = "Units.", body = UnitList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/units")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<UnitQuery>,
) -> Result<HttpResponse, Problem> {
    let UnitQuery { q, dimension, retired } = query.value;
    let knowledge = api.app.knowledge();
    let wanted = knowledge.reference.units.all().into_iter().filter(|unit| {
        let words: Vec<&str> = unit.measure_words.iter().map(|word| word.word.as_str()).collect();
        dimension.as_ref().is_none_or(|dimension| unit.dimension == *dimension)
            && in_force(*unit, retired)
            && mentions_among(&q, *unit, &words)
    });
    answer::cacheable(&request, &UnitList { items: wanted.cloned().collect() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CurrencyQuery {
    /// Part of a name, or of the code.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Retired codes too.
    #[param(default = false)]
    retired: Option<bool>,
}

/// List currencies
///
/// ISO 4217: what prices may be in.
#[utoipa::path(tag = "reference", operation_id = "list_currencies", security(()), params(CurrencyQuery),
    responses((status = 200, description = "Currencies.", body = CurrencyList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/currencies")]
pub async fn list_currencies(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<CurrencyQuery>,
) -> Result<HttpResponse, Problem> {
    let CurrencyQuery { q, retired } = query.value;
    let knowledge = api.app.knowledge();
    let all = knowledge.reference.currencies.all();
    let wanted = all.filter(|currency| in_force(*currency, retired) && mentions(&q, *currency));
    answer::cacheable(&request, &CurrencyList { items: wanted.cloned().collect() })
}
