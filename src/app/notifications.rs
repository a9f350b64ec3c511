//! What an enterprise is told, for its members.

use std::collections::HashMap;

use uuid::Uuid;

use super::listings::ListingView;
use super::match_rows::own_enterprises;
use super::matches::views_by_id;
use super::{App, Caller, Error, Transaction};
use crate::db::{self, Connection};
use crate::domain::notification::Notification;

/// With the titles of the listings it is about, as far as the reader may see them today.
#[derive(Debug, Clone)]
pub struct NotificationView {
    pub notification: Notification,
    pub listing: Option<String>,
    pub counterpart: Option<String>,
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
    let ids: Vec<Uuid> = notifications
        .iter()
        .flat_map(|n| [n.params.listing_id()].into_iter().chain(n.params.counterpart_id()))
        .collect();
    let listings: HashMap<Uuid, ListingView> = views_by_id(connection, Some(caller), &ids).await?;
    let title = |id: &Uuid| listings.get(id).map(|view| view.listing.terms.title.clone());
    let view = |notification: Notification| NotificationView {
        listing: title(&notification.params.listing_id()),
        counterpart: notification.params.counterpart_id().as_ref().and_then(title),
        notification,
    };
    Ok(notifications.into_iter().map(view).collect())
}
