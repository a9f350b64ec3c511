//! Apps of third parties: registered by an owner of an enterprise or, as the platform's own, by an administrator.
//!
//! An app acts as an account of its own, a trader of its enterprise: events, retry keys and roles work for it as for people.

pub mod keys;
pub mod usage;

use serde_json::json;
use uuid::Uuid;

use super::enterprises::changed_fields;
use super::{App, Caller, Error, Transaction, access};
use crate::db::{self, Connection};
use crate::domain::app::{AppRegulation, AppStatus, NewApp, RegisteredApp};
use crate::domain::app_name;
use crate::domain::enterprise::MemberRole;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::platform::PlatformRole;
use crate::domain::violation::Violations;
use crate::vocabulary::normalise;

/// Of one enterprise, or of the platform.
const MOST: i64 = 100;

/// An owner registers an app of their enterprise.
pub async fn create(
    transaction: &mut Transaction<'_>,
    wanted: Result<NewApp, Violations>,
) -> Result<RegisteredApp, Error> {
    let wanted = wanted?;
    let Some(enterprise_id) = wanted.enterprise_id else {
        return Err(Violations::one("/enterprise_id", "required").into());
    };
    // Locked, so that no two registrations at once pass the bound.
    access::lock_open(transaction.connection, &transaction.caller, enterprise_id).await?;
    transaction.once().await?;
    check_name(transaction.connection, enterprise_id, &wanted.details.name).await?;
    let app = register(transaction, wanted).await?;
    let (account, now) = (app.account_id, transaction.now);
    db::apps::place_account(transaction.connection, account, enterprise_id, MemberRole::Trader, now).await?;
    record(transaction, "app.created", &app, json!({}), Detail::created(&app.as_registered())).await?;
    Ok(app)
}

/// An administrator registers an app of the platform.
pub async fn create_of_platform(
    transaction: &mut Transaction<'_>,
    wanted: Result<NewApp, Violations>,
) -> Result<RegisteredApp, Error> {
    require_admin(transaction).await?;
    transaction.once().await?;
    let wanted = wanted?;
    if wanted.enterprise_id.is_some() {
        return Err(Violations::one("/enterprise_id", "app_of_platform").into());
    }
    db::lock(transaction.connection, db::Lock::PlatformApps).await?;
    let app = register(transaction, wanted).await?;
    record(transaction, "app.created", &app, json!({}), Detail::created(&app.as_registered())).await?;
    Ok(app)
}

/// People who are asked to let it act for them must not take it for somebody else's.
async fn check_name(connection: &mut Connection, enterprise_id: Uuid, name: &str) -> Result<(), Error> {
    let plain = app_name::skeleton(&normalise(name));
    if app_name::speaks_for_platform(&plain) {
        return Err(Violations::one("/name", "app_name_of_platform").into());
    }
    // What falls away from a name, as brackets and blanks, is a small part of it.
    let longest = 2 * plain.chars().count();
    let others = db::enterprises::names_of_verified(connection, enterprise_id, longest).await?;
    if others.iter().any(|other| app_name::speaks_for(&plain, &normalise(other))) {
        return Err(Violations::one("/name", "app_name_of_enterprise").into());
    }
    Ok(())
}

async fn register(transaction: &mut Transaction<'_>, wanted: NewApp) -> Result<RegisteredApp, Error> {
    let details = wanted.details.checked()?;
    if db::apps::count(transaction.connection, wanted.enterprise_id).await? >= MOST {
        return Err(Error::conflict("too_many_apps", [("maximum", MOST.to_string())]));
    }
    let app = RegisteredApp {
        id: Uuid::now_v7(),
        enterprise_id: wanted.enterprise_id,
        account_id: Uuid::now_v7(),
        public: wanted.public,
        details,
        status: AppStatus::Active,
        reason: None,
        requests_per_minute: None,
        requests_per_day: None,
        version: 1,
        created_by: transaction.caller.account_id,
        created_at: transaction.now,
        updated_at: transaction.now,
    };
    db::apps::insert_account(transaction.connection, app.account_id, &app.details.name, transaction.now).await?;
    db::apps::insert(transaction.connection, &app).await?;
    Ok(app)
}

/// Changes what its owner says of it; `change` turns the present into the wanted.
pub async fn update(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&NewApp) -> Result<NewApp, Violations>,
) -> Result<RegisteredApp, Error> {
    let mut app = lock_managed(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(app.version)?;
    let wanted = change(&app.as_registered())?;
    let mut violations = Violations::new();
    for (name, kept) in
        [("/enterprise_id", wanted.enterprise_id == app.enterprise_id), ("/public", wanted.public == app.public)]
    {
        if !kept {
            violations.add(name, "immutable");
        }
    }
    violations.or_else_value(())?;
    let details = wanted.details.checked()?;
    if let Some(enterprise_id) = app.enterprise_id.filter(|_| details.name != app.details.name) {
        check_name(transaction.connection, enterprise_id, &details.name).await?;
    }
    if details != app.details {
        let (changed, detail) = (changed_fields(&app.details, &details), Detail::changed(&app.details, &details));
        write(transaction, RegisteredApp { details, ..app.clone() }, ("app.updated", &changed, detail))
            .await
            .map(|new| app = new)?;
    }
    Ok(app)
}

/// An administrator suspends or restores it, or sets how much it may ask for.
pub async fn regulate(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&AppRegulation) -> Result<AppRegulation, Violations>,
) -> Result<RegisteredApp, Error> {
    require_admin(transaction).await?;
    let app = db::apps::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    transaction.once().await?;
    transaction.expect_version(app.version)?;
    let (requests_per_minute, requests_per_day) = (app.requests_per_minute, app.requests_per_day);
    let present =
        AppRegulation { status: app.status, reason: app.reason.clone(), requests_per_minute, requests_per_day };
    let wanted = change(&present)?.checked()?;
    if wanted == present {
        return Ok(app);
    }
    let (changed, detail) = (changed_fields(&present, &wanted), Detail::changed(&present, &wanted));
    let AppRegulation { status, reason, requests_per_minute, requests_per_day } = wanted;
    let event = match (app.status, status) {
        (AppStatus::Active, AppStatus::Suspended) => "app.suspended",
        (AppStatus::Suspended, AppStatus::Active) => "app.restored",
        _ => "app.regulated",
    };
    let app = RegisteredApp { status, reason, requests_per_minute, requests_per_day, ..app };
    write(transaction, app, (event, &changed, detail)).await
}

async fn write(
    transaction: &mut Transaction<'_>,
    app: RegisteredApp,
    (event, changed, detail): (&'static str, &[String], Detail),
) -> Result<RegisteredApp, Error> {
    let app = RegisteredApp { version: app.version + 1, updated_at: transaction.now, ..app };
    db::apps::update(transaction.connection, &app).await?;
    record(transaction, event, &app, json!({ "fields": changed }), detail).await?;
    Ok(app)
}

/// Ends it: its keys, tokens and what people agreed to are worth nothing from the next request on.
pub async fn delete(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let app = lock_managed(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(app.version)?;
    db::apps::delete(transaction.connection, &app, transaction.now).await?;
    let detail = Detail::deleted(&app.as_registered());
    record(transaction, "app.deleted", &RegisteredApp { version: app.version + 1, ..app }, json!({}), detail).await
}

/// The platform is one: administrators of a region do not speak for it.
async fn require_admin(transaction: &mut Transaction<'_>) -> Result<(), Error> {
    let knowledge = std::sync::Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, None, regions).await
}

/// The app, if the caller may change it. Whoever is neither a member of its enterprise nor answers for the platform does not
/// learn that it exists.
async fn lock_managed(transaction: &mut Transaction<'_>, id: Uuid) -> Result<RegisteredApp, Error> {
    let app = db::apps::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    require_manager(transaction.connection, &transaction.caller, &app).await?;
    Ok(app)
}

async fn require_manager(connection: &mut Connection, caller: &Caller, app: &RegisteredApp) -> Result<(), Error> {
    match app.enterprise_id {
        Some(enterprise_id) => match access::role_in(connection, caller, enterprise_id).await? {
            Some(role) => caller.require(Some(role)),
            None if is_admin(connection, caller).await? => Err(caller.refused()),
            None => Err(Error::NotFound),
        },
        None if is_admin(connection, caller).await? => Ok(()),
        None => Err(Error::NotFound),
    }
}

async fn is_admin(connection: &mut Connection, caller: &Caller) -> Result<bool, Error> {
    let grants = access::grants(connection, caller).await?;
    Ok(grants.iter().any(|grant| grant.role == PlatformRole::Admin && grant.region_code.is_none()))
}

/// Members of its enterprise and administrators see it.
async fn find_visible(connection: &mut Connection, caller: &Caller, id: Uuid) -> Result<RegisteredApp, Error> {
    let app = db::apps::find(connection, id).await?.ok_or(Error::NotFound)?;
    let member = match app.enterprise_id {
        Some(enterprise_id) => access::role_in(connection, caller, enterprise_id).await?.is_some(),
        None => false,
    };
    if member || is_admin(connection, caller).await? { Ok(app) } else { Err(Error::NotFound) }
}

impl App {
    pub async fn find_app(&self, caller: &Caller, id: Uuid) -> Result<RegisteredApp, Error> {
        let mut connection = self.database.get().await?;
        find_visible(&mut connection, caller, id).await
    }

    /// Apps of the enterprises the caller is a member of.
    pub async fn list_apps(
        &self,
        caller: &Caller,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<RegisteredApp>, Error> {
        let mut connection = self.database.get().await?;
        Ok(db::apps::list_of_member(&mut connection, caller.account_id, after, limit).await?)
    }

    /// Everybody's, for administrators.
    pub async fn list_all_apps(
        &self,
        caller: &Caller,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<RegisteredApp>, Error> {
        let mut connection = self.database.get().await?;
        let knowledge = self.knowledge();
        access::require_platform(&mut connection, caller, None, &knowledge.reference.regions).await?;
        Ok(db::apps::list(&mut connection, after, limit).await?)
    }
}

async fn record(
    transaction: &mut Transaction<'_>,
    event_type: &'static str,
    app: &RegisteredApp,
    changed: serde_json::Value,
    detail: Detail,
) -> Result<(), Error> {
    let audience = app.enterprise_id.map_or(Audience::Staff, |enterprise| Audience::Enterprises(vec![enterprise]));
    let event =
        NewEvent { event_type, entity: "app", entity_id: app.id, version: app.version, audience, changed, detail };
    transaction.record(event).await
}
