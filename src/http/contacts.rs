//! Contacts behind a listing or a request, and who saw an enterprise's.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::core::{answer, page};
use super::wire::contact::{ContactList, ContactRelease, ContactReleasePage};

#[derive(Deserialize)]
pub struct ContactsQuery {
    id: Uuid,
    enterprise_id: Option<Uuid>,
}

/// Read the contacts behind a listing
///
/// Masked until the listing's `contact_policy`, an accepted request for contact or the reader's office in the region opens them;
/// never open where one side blocks the other. Each opening is recorded: who, when, and under which rule.
#[utoipa::path(tag = "contact", operation_id = "find_listing_contacts", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The listing."),
        ("enterprise_id" = Option<Uuid>, Query, description = "For which of the reader's enterprises; left out: any of them.")),
    responses((status = 200, description = "Contacts, open or masked.", body = ContactList),
        (status = 403, description = "`not_member` of the enterprise named.")))]
#[get("/v1/listings/{id}/contacts")]
pub async fn find_of_listing(
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<ContactsQuery>,
) -> Result<HttpResponse, Problem> {
    let ContactsQuery { id, enterprise_id } = query.value;
    let contacts = api.read(|app| async move { app.find_listing_contacts(&caller.0, id, enterprise_id).await }).await?;
    answer::plain(&ContactList::from(contacts))
}

/// Read the other side's contacts
///
/// Of a request for contact: open to both sides once it is accepted, masked before. Each opening is recorded.
#[utoipa::path(tag = "contact", operation_id = "find_request_contacts", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The request.")),
    responses((status = 200, description = "Contacts, open or masked.", body = ContactList)))]
#[get("/v1/contact-requests/{id}/contacts")]
pub async fn find_of_request(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    let contacts = api.read(|app| async move { app.find_request_contacts(&caller.0, id).await }).await?;
    answer::plain(&ContactList::from(contacts))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReleaseQuery {
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List who saw an enterprise's contacts
///
/// When, and under which rule; newest first. For its members.
#[utoipa::path(tag = "contact", operation_id = "list_contact_releases", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise."), ReleaseQuery),
    responses((status = 200, description = "A page.", body = ContactReleasePage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/contact-releases")]
pub async fn list_releases(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<ReleaseQuery>,
) -> Result<HttpResponse, Problem> {
    let ReleaseQuery { limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let views = api.read(|app| async move { app.list_contact_releases(&caller.0, id, before, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.release.id)?;
    let items = views.into_iter().map(ContactRelease::from).collect();
    page::respond(&request, next_cursor.as_deref(), &ContactReleasePage { items, next_cursor: next_cursor.clone() })
}
