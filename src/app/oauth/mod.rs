//! OAuth 2 (RFC 6749, 7636, 7009): people agree, apps take tokens.
//!
//! An app's token is a session as a person's is. It acts as the app's own account (client credentials), as the person who
//! agreed, or, where they agreed for one enterprise, as an account made for that which is a member there alone. What it may
//! is cut to its scopes and asked anew at each request: a revoked key or agreement, a suspended app, or a role the person has
//! lost ends it at once.

pub mod authorize;
mod client;
pub mod token;

pub use client::Credentials;

use uuid::Uuid;

use crate::app::Error;
use crate::db::{self, Connection};
use crate::domain::app::RegisteredApp;
use crate::domain::enterprise::Enterprise;
use crate::domain::oauth::OAuthError;

/// An app as people see it who are asked to let it act for them.
#[derive(Debug, Clone)]
pub struct AppView {
    pub app: RegisteredApp,
    /// Who answers for it; none: the platform.
    pub owner: Option<Enterprise>,
}

async fn view(connection: &mut Connection, app: RegisteredApp) -> Result<AppView, Error> {
    let owner = match app.enterprise_id {
        Some(id) => db::enterprises::find(connection, id).await?,
        None => None,
    };
    Ok(AppView { app, owner })
}

async fn views(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<AppView>, Error> {
    let apps = db::apps::find_many(connection, ids).await?;
    let owners: Vec<Uuid> = apps.iter().filter_map(|app| app.enterprise_id).collect();
    let owners = db::enterprises::find_many(connection, &owners).await?;
    let view = |app: RegisteredApp| {
        let owner = owners.iter().find(|owner| Some(owner.id) == app.enterprise_id).cloned();
        AppView { app, owner }
    };
    Ok(apps.into_iter().map(view).collect())
}

fn invalid_grant(code: &'static str) -> Error {
    Error::OAuth(OAuthError::InvalidGrant, code)
}
