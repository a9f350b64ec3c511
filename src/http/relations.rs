//! `/v1/enterprises/{id}/partners` and `/v1/admin/enterprises/{id}/designations`.

use actix_web::{HttpResponse, delete, get, put, web};

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::credentials::{OtherPath, nothing};
use super::wire::credential::{DesignationList, Partner, PartnerList};
use crate::app::relations as use_cases;
use crate::domain::credential::Designation;

/// Declare a supply relation
///
/// By an owner: the two supply each other. It counts in matching (`chain_link`) once the other has declared it too; the other
/// is told.
#[utoipa::path(tag = "enterprises", operation_id = "declare_partner", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("other" = Uuid, Path, description = "Its partner.")),
    responses((status = 204, description = "Declared, perhaps before."),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`counterpart_is_self` or `too_many_partners`.")))]
#[put("/v1/enterprises/{id}/partners/{other}")]
pub async fn declare(api: web::Data<Api>, write: Write, path: Parameters<OtherPath>) -> Result<HttpResponse, Problem> {
    let OtherPath { id, other } = path.value;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::declare(tx, id, other, true).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}

/// Withdraw a supply relation
///
/// By an owner. It no longer counts, whatever the other declares.
#[utoipa::path(tag = "enterprises", operation_id = "withdraw_partner", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("other" = Uuid, Path, description = "Its partner.")),
    responses((status = 204, description = "Not declared."), (status = 403, description = "`not_owner`.")))]
#[delete("/v1/enterprises/{id}/partners/{other}")]
pub async fn withdraw(api: web::Data<Api>, write: Write, path: Parameters<OtherPath>) -> Result<HttpResponse, Problem> {
    let OtherPath { id, other } = path.value;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::declare(tx, id, other, false).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}

/// List supply relations
///
/// For members: whom the enterprise declared, then those who declared it and wait for its word.
#[utoipa::path(tag = "enterprises", operation_id = "list_partners", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "Partners.", body = PartnerList),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/partners")]
pub async fn list(api: web::Data<Api>, caller: Authenticated, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let partners = api.read(|app| async move { app.list_partners(&caller.0, path.value.id).await }).await?;
    let items = partners.into_iter().map(|(enterprise_id, status)| Partner { enterprise_id, status }).collect();
    answer::plain(&PartnerList { items })
}

/// Designate an enterprise
///
/// By an administrator in whose region the enterprise lies: the lists of enterprises to be supplied first (重点保障企业) that it
/// is on, in place of those before. To suppliers its needs count as more urgent.
#[utoipa::path(tag = "administration", operation_id = "designate_enterprise", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = DesignationList,
    responses((status = 200, description = "As they are now.", body = DesignationList),
        (status = 403, description = "`role_required`.")))]
#[put("/v1/admin/enterprises/{id}/designations")]
pub async fn designate(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<DesignationList>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let designations = body.value.map(|stated| stated.designations);
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::designate(tx, id, designations).await;
    let render = |now: &Vec<Designation>| answer::done(&DesignationList { designations: now.clone() });
    api.write(command, work, render).await
}
