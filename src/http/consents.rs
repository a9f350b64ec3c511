//! `/v1/accounts/me/consents`, and what there is to agree to.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::consent::{Consent, ConsentInput, ConsentPage, ConsentPurpose, ConsentPurposeList};
use crate::app::consents as use_cases;
use crate::domain::consent::{self, NewConsent};

/// List what persons are asked to agree to
///
/// Purposes, each with its present text in both languages.
#[utoipa::path(tag = "reference", operation_id = "list_consent_purposes", security(()),
    responses((status = 200, description = "Purposes.", body = ConsentPurposeList),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/reference/consent-purposes")]
pub async fn list_purposes(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let items = consent::purposes().iter().map(ConsentPurpose::from).collect();
    answer::cacheable(&request, &ConsentPurposeList { items })
}

/// Give or withdraw consent
///
/// An entry is added to the log; none is ever changed. A withdrawal acts at once: without `contact_disclosure` the person
/// is masked among the contacts of their enterprises, whoever asks.
#[utoipa::path(tag = "accounts", operation_id = "create_consent", security(("bearer" = [])), params(RetryHeaders),
    request_body = ConsentInput,
    responses((status = 201, description = "The entry that holds now.", body = Consent)))]
#[post("/v1/accounts/me/consents")]
pub async fn create(api: web::Data<Api>, write: Write, body: Body<ConsentInput>) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let said = body.value.map(NewConsent::from);
    let render = |consent: &use_cases::Consent| answer::created(&Consent::from(consent.clone()));
    api.write(command, async move |tx| use_cases::create(tx, said).await, render).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConsentQuery {
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List one's consents
///
/// The whole log, newest first.
#[utoipa::path(tag = "accounts", operation_id = "list_consents", security(("bearer" = [])), params(ConsentQuery),
    responses((status = 200, description = "A page.", body = ConsentPage)))]
#[get("/v1/accounts/me/consents")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<ConsentQuery>,
) -> Result<HttpResponse, Problem> {
    let ConsentQuery { limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (before, fetch) = (paging.after, paging.limit + 1);
    let consents = api.read(|app| async move { app.list_consents(&caller.0, before, fetch).await }).await?;
    let (consents, next_cursor) = paging.finish(&api, consents, |consent| consent.id)?;
    let items = consents.into_iter().map(Consent::from).collect();
    page::respond(&request, next_cursor.as_deref(), &ConsentPage { items, next_cursor: next_cursor.clone() })
}
