//! `/v1/reference/industries`, `/v1/reference/occupations` and `/v1/reference/standards`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{in_force, mentions};
use crate::domain::attributes::UseClass;
use crate::domain::classification::Classification;
use crate::http::core::answer;
use crate::http::core::api::Api;
use crate::http::core::parameters::Parameters;
use crate::http::core::problem::Problem;
use crate::http::wire::reference::{ClassList, StandardList};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClassQuery {
    /// 1 is the broadest.
    #[param(minimum = 1, maximum = 4)]
    level: Option<u8>,
    /// Classes directly below this one.
    #[param(min_length = 1, max_length = 4, pattern = "^[A-Z0-9]+$")]
    parent: Option<String>,
    /// Part of a name or alias, or of the code.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Retired codes too.
    #[param(default = false)]
    retired: Option<bool>,
}

impl ClassQuery {
    fn of(&self, classes: &Classification) -> ClassList {
        let wanted = classes.all().filter(|class| {
            self.level.is_none_or(|level| class.level == level)
                && self.parent.as_ref().is_none_or(|parent| class.parent.as_ref() == Some(parent))
                && in_force(*class, self.retired)
                && mentions(&self.q, *class)
        });
        ClassList { items: wanted.cloned().collect() }
    }
}

/// List industries
///
/// GB/T 4754-2017: sections (level 1) and divisions (level 2). An enterprise may also give a class of three or four digits
/// in one of them.
#[utoipa::path(tag = "reference", operation_id = "list_industries", security(()), params(ClassQuery),
    responses((status = 200, description = "Industries.", body = ClassList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/industries")]
pub async fn list_industries(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<ClassQuery>,
) -> Result<HttpResponse, Problem> {
    answer::cacheable(&request, &query.value.of(&api.app.knowledge().reference.industries))
}

/// List occupations
///
/// ISCO-08: major (level 1), sub-major (2) and minor groups (3), found by the names of trades too.
#[utoipa::path(tag = "reference", operation_id = "list_occupations", security(()), params(ClassQuery),
    responses((status = 200, description = "Occupations.", body = ClassList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/occupations")]
pub async fn list_occupations(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<ClassQuery>,
) -> Result<HttpResponse, Problem> {
    answer::cacheable(&request, &query.value.of(&api.app.knowledge().reference.occupations))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StandardQuery {
    use_class: Option<UseClass>,
    /// Part of the designation, a spelling of it, or the title.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Retired ones too.
    #[param(default = false)]
    retired: Option<bool>,
}

/// List standards
///
/// Product standards of protective goods, their editions, and which of them satisfies which.
#[utoipa::path(tag = "reference", operation_id = "list_standards", security(()), params(StandardQuery),
    responses((status = 200, description = "Standards.", body = StandardList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/standards")]
pub async fn list_standards(
    request: HttpRequest,
    api: web::Data<Api>,
    query: Parameters<StandardQuery>,
) -> Result<HttpResponse, Problem> {
    let StandardQuery { use_class, q, retired } = query.value;
    let knowledge = api.app.knowledge();
    let wanted = knowledge.reference.standards.iter().filter(|standard| {
        use_class.is_none_or(|class| standard.use_class == class)
            && in_force(*standard, retired)
            && mentions(&q, *standard)
    });
    answer::cacheable(&request, &StandardList { items: wanted.cloned().collect() })
}
