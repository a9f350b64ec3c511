//! What an enterprise is told, for its members.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::listings::ListingView;
use super::match_rows::own_enterprises;
use super::matches::views_by_id;
use super::{App, Caller, Error, Transaction};
use crate::db::{self, Connection};
use crate::domain::notification::{Notification, NotificationKind, NotificationParams};

/// With the titles of the listings it is about, as far as the reader may see them today.
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

async fn views(
    connection: &mut Connection,
    caller: &Caller,
    notifications: Vec<Notification>,
) -> Result<Vec<NotificationView>, Error> {
    let pairs = notifications.iter().filter_map(|notification| notification.params.listings());
    let ids: Vec<Uuid> = pairs.flat_map(|(own, counterpart)| [own, counterpart]).collect();
    let listings: HashMap<Uuid, ListingView> = views_by_id(connection, Some(caller), &ids).await?;
    let title = |id: Uuid| listings.get(&id).map(|view| view.listing.terms.title.clone());
    let ids: Vec<Uuid> = notifications.iter().filter_map(|notification| notification.params.enterprise()).collect();
    let enterprises = db::enterprises::find_many(connection, &ids).await?;
    let name = |id: Uuid| enterprises.iter().find(|one| one.id == id).map(|one| one.profile.legal_name.clone());
    let view = |notification: Notification| NotificationView {
        listing: notification.params.listings().and_then(|(own, _)| title(own)),
        counterpart: notification.params.listings().and_then(|(_, counterpart)| title(counterpart)),
        enterprise: notification.params.enterprise().and_then(name),
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
