//! `/v1/notifications`

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::notification::{Notification, NotificationPage};
use crate::app;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only what nobody has read, or only what was read.
    unread: Option<bool>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List notifications
///
/// Of all enterprises the reader acts for, newest first. A match is told once for each version of its listings, and each
/// enterprise has a cap a day, a quarter of which is kept for urgent needs.
#[utoipa::path(tag = "matches", operation_id = "list_notifications", security(("bearer" = [])), params(ListQuery),
    responses((status = 200, description = "A page.", body = NotificationPage)))]
#[get("/v1/notifications")]
pub async fn list(
    request: HttpRequest,
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let ListQuery { unread, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (before, fetch) = (paging.after, paging.limit + 1);
    let views = api.read(|app| async move { app.list_notifications(&caller.0, unread, before, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.notification.id)?;
    let items = views.into_iter().map(|view| Notification::render(view, reader.0)).collect();
    page::respond(&request, next_cursor.as_deref(), &NotificationPage { items, next_cursor: next_cursor.clone() })
}

/// Mark a notification as read
///
/// For all members of the enterprise; once read it stays as it is.
#[utoipa::path(tag = "matches", operation_id = "read_notification", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The notification.")),
    responses((status = 200, description = "The notification.", body = Notification)))]
#[post("/v1/notifications/{id}/read")]
pub async fn read(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let (id, language) = (path.value.id, reader.0);
    let work = async move |tx: &mut app::Transaction<'_>| app::notifications::read(tx, id).await;
    api.write(write.command(&[0; 32]), work, move |view| answer::done(&Notification::render(view.clone(), language)))
        .await
}
