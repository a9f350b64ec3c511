//! Keys of apps: made, rotated with an overlap, revoked. The secret is shown once; only its hash is kept.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::super::secrets::sha256;
use super::{find_visible, lock_managed, record};
use crate::app::{App, Caller, Error, Transaction};
use crate::db;
use crate::domain::access::Scope;
use crate::domain::app::{KeptKey, RegisteredApp, check_scopes};
use crate::domain::app_key::AppKey;
use crate::domain::event::Detail;
use crate::domain::violation::Violations;

/// Keys of one app that work at a time.
const MOST: i64 = 20;

/// What is wanted of a new key.
#[derive(Debug, Clone, PartialEq)]
pub struct NewKey {
    pub name: Option<String>,
    /// None: whatever the app may.
    pub scopes: Option<Vec<Scope>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key with its secret, for the one answer that shows it.
pub struct ShownKey {
    pub kept: KeptKey,
    pub key: AppKey,
}

/// An answer that is lost is lost: the key can be revoked, and another made.
pub async fn create(
    transaction: &mut Transaction<'_>,
    app_id: Uuid,
    wanted: Result<NewKey, Violations>,
) -> Result<ShownKey, Error> {
    let app = lock_managed(transaction, app_id).await?;
    let NewKey { name, scopes, expires_at } = wanted?;
    let scopes = allowed(&app, scopes, expires_at, transaction.now)?;
    insert(transaction, &app, name, scopes, expires_at).await
}

/// A new key like the old one, which works on for the overlap.
pub async fn rotate(
    transaction: &mut Transaction<'_>,
    app_id: Uuid,
    id: Uuid,
    overlap: Result<Duration, Violations>,
) -> Result<ShownKey, Error> {
    let app = lock_managed(transaction, app_id).await?;
    let old = db::app_keys::find(transaction.connection, app_id, id).await?.ok_or(Error::NotFound)?;
    let now = transaction.now;
    if !old.works_at(now) {
        return Err(Error::conflict("app_key_ended", []));
    }
    let end = now + overlap?;
    // It lives as long as the old one was meant to.
    let expires_at = old.expires_at.map(|end| now + (end - old.created_at));
    let shown = insert(transaction, &app, old.name, old.scopes, expires_at).await?;
    if old.expires_at.is_none_or(|present| end < present) {
        db::app_keys::set_end(transaction.connection, id, end).await?;
    }
    Ok(shown)
}

/// Neither it nor a token it gave is worth anything from the next request on. Revoking twice is harmless.
pub async fn revoke(transaction: &mut Transaction<'_>, app_id: Uuid, id: Uuid) -> Result<(), Error> {
    let app = lock_managed(transaction, app_id).await?;
    transaction.once().await?;
    let key = db::app_keys::find(transaction.connection, app_id, id).await?.ok_or(Error::NotFound)?;
    if key.revoked_at.is_none() {
        db::app_keys::revoke(transaction.connection, id, transaction.now).await?;
        let detail = Detail::deleted(&shown_of(&key));
        record(transaction, "app.key_revoked", &app, json!({ "key_id": id }), detail).await?;
    }
    Ok(())
}

/// What an auditor may see of a key.
fn shown_of(key: &KeptKey) -> serde_json::Value {
    let scopes: Vec<&str> = key.scopes.iter().map(<&str>::from).collect();
    json!({ "public_id": key.public_id, "name": key.name, "scopes": scopes, "expires_at": key.expires_at })
}

fn allowed(
    app: &RegisteredApp,
    scopes: Option<Vec<Scope>>,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Vec<Scope>, Violations> {
    let mut violations = Violations::new();
    let scopes = scopes.unwrap_or_else(|| app.details.scopes.clone());
    check_scopes(&scopes, &mut violations);
    for (i, scope) in scopes.iter().enumerate() {
        if !app.details.scopes.contains(scope) {
            violations.add(format!("/scopes/{i}"), "scope_not_of_app");
        }
    }
    if expires_at.is_some_and(|end| end <= now) {
        violations.add("/expires_at", "in_the_past");
    }
    violations.or_else_value(scopes)
}

async fn insert(
    transaction: &mut Transaction<'_>,
    app: &RegisteredApp,
    name: Option<String>,
    scopes: Vec<Scope>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<ShownKey, Error> {
    if app.public {
        return Err(Error::conflict("app_is_public", []));
    }
    if db::app_keys::count_working(transaction.connection, app.id, transaction.now).await? >= MOST {
        return Err(Error::conflict("too_many_app_keys", [("maximum", MOST.to_string())]));
    }
    let random: [u8; 128] = rand::random();
    let key = AppKey::of(transaction.policy.environment, &random);
    let key = key.ok_or_else(|| Error::Fault("too few fair bytes for a key".to_owned()))?;
    let kept = KeptKey {
        id: Uuid::now_v7(),
        app_id: app.id,
        public_id: key.public_id.clone(),
        name,
        scopes,
        created_at: transaction.now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let (hash, by) = (sha256(key.expose().as_bytes()), transaction.caller.account_id);
    db::app_keys::insert(transaction.connection, &kept, &hash, by).await?;
    record(transaction, "app.key_created", app, json!({ "key_id": kept.id }), Detail::created(&shown_of(&kept)))
        .await?;
    Ok(ShownKey { kept, key })
}

impl App {
    /// The newest hundred, without their secrets.
    pub async fn list_app_keys(&self, caller: &Caller, app_id: Uuid) -> Result<Vec<KeptKey>, Error> {
        let mut connection = self.database.get().await?;
        let app = find_visible(&mut connection, caller, app_id).await?;
        Ok(db::app_keys::list(&mut connection, app.id).await?)
    }
}
