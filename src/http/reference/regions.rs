//! `/v1/reference/regions`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{in_force, mentions};
use crate::http::core::answer;
use crate::http::core::api::Api;
use crate::http::core::parameters::Parameters;
use crate::http::core::problem::Problem;
use crate::http::wire::reference::RegionList;

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
pub async fn list(
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
            && (in_force(*region, retired) || code.is_some())
            && mentions(&q, *region)
    });
    answer::cacheable(&request, &RegionList { items: wanted.cloned().collect() })
}
