//! What an enterprise is told, for its members.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::listings::{ShownListing, views_by_id};
use super::match_rows::own_enterprises;
use super::{App, Caller, Error, Transaction};
use crate::db::{self, Connection};
use crate::domain::contact_request::ContactRequest;
use crate::domain::notification::{ContactParams, Notification, NotificationKind, NotificationParams};

/// With the titles of the listings it is about, as far as the reader may see them today, and the enterprise's name.
#[derive(Debug, Clone)]
pub struct NotificationView {
    pub notification: Notification,
    pub listing: Option<String>,
    pub counterpart: Option<String>,
    /// The name of the enterprise it is about.
    pub enterprise: Option<String>,
}

impl App {
    /// Of all enterprises the caller acts for, newest first.
    pub async fn list_notifications(
        &self,
        caller: &Caller,
        unread: Option<bool>,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<NotificationView>, Error> {
        let mut connection = self.database.get().await?;
        let own = own_enterprises(&mut connection, caller).await?;
        let notifications = db::notifications::list(&mut connection, &own, unread, before, limit).await?;
        views(&mut connection, caller, notifications).await
    }
}

/// Marks it as read, for all members; reading it again changes nothing.
pub async fn read(transaction: &mut Transaction<'_>, id: Uuid) -> Result<NotificationView, Error> {
    let own = own_enterprises(transaction.connection, &transaction.caller).await?;
    transaction.once().await?;
    let marked = db::notifications::mark_read(transaction.connection, id, &own, transaction.now).await?;
    let marked = marked.ok_or(Error::NotFound)?;
    let (connection, caller) = (&mut *transaction.connection, &transaction.caller);
    views(connection, caller, vec![marked]).await?.pop().ok_or(Error::NotFound)
}

/// Tells the side of a contact request that has to know: who is asked of a new one, who asks of the answer.
pub(super) async fn tell_of_contact(
    connection: &mut Connection,
    kind: NotificationKind,
    request: &ContactRequest,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (told, other) = match kind {
        NotificationKind::ContactRequested => (request.owner_id, request.requester_id),
        _ => (request.requester_id, request.owner_id),
    };
    let params = ContactParams { contact_request_id: request.id, listing_id: request.listing_id, enterprise_id: other };
    let notification = Notification {
        id: Uuid::now_v7(),
        enterprise_id: told,
        kind,
        params: NotificationParams::Contact(params),
        created_at: now,
        read_at: None,
    };
    Ok(db::notifications::insert_many(connection, &[notification]).await?)
}

async fn views(
    connection: &mut Connection,
    caller: &Caller,
    notifications: Vec<Notification>,
) -> Result<Vec<NotificationView>, Error> {
    let ids: Vec<Uuid> = notifications.iter().flat_map(|notification| notification.params.listings()).collect();
    let listings: HashMap<Uuid, ShownListing> = views_by_id(connection, Some(caller), &ids).await?;
    let title = |id: Uuid| listings.get(&id).map(|view| view.listing.terms.title.clone());
    let ids: Vec<Uuid> = notifications.iter().filter_map(|notification| notification.params.enterprise_id()).collect();
    let enterprises = db::enterprises::find_many(connection, &ids).await?;
    let name = |id: Uuid| enterprises.iter().find(|one| one.id == id).map(|one| one.profile.legal_name.clone());
    let view = |notification: Notification| NotificationView {
        listing: notification.params.listing_id().and_then(title),
        counterpart: notification.params.counterpart_id().and_then(title),
        enterprise: notification.params.enterprise_id().and_then(name),
        notification,
    };
    Ok(notifications.into_iter().map(view).collect())
}

/// Tells each of the enterprises the same.
pub(super) async fn tell(
    connection: &mut Connection,
    enterprises: &[Uuid],
    kind: NotificationKind,
    params: &NotificationParams,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let notification = |enterprise_id: &Uuid| Notification {
        id: Uuid::now_v7(),
        enterprise_id: *enterprise_id,
        kind,
        params: params.clone(),
        created_at: now,
        read_at: None,
    };
    let notifications: Vec<Notification> = enterprises.iter().map(notification).collect();
    Ok(db::notifications::insert_many(connection, &notifications).await?)
}
