//! Which app is at the token endpoint: by its key, or by its name alone where it keeps no secret.

use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::app::secrets::sha256;
use crate::app::{App, Error};
use crate::db::{self, Connection};
use crate::domain::app::{AppStatus, KeptKey, RegisteredApp};
use crate::domain::app_key::{AppKey, Environment};
use crate::domain::oauth::OAuthError;

/// What came in the body or in `Authorization: Basic`.
pub struct Credentials {
    pub client_id: Uuid,
    /// A whole key.
    pub client_secret: Option<String>,
}

pub(super) struct Client {
    pub app: RegisteredApp,
    /// None: a public one.
    pub key: Option<KeptKey>,
}

fn refused(code: &'static str) -> Error {
    Error::OAuth(OAuthError::InvalidClient, code)
}

impl App {
    pub(super) async fn find_client(
        &self,
        connection: &mut Connection,
        credentials: &Credentials,
        now: DateTime<Utc>,
    ) -> Result<Client, Error> {
        let client = match &credentials.client_secret {
            Some(secret) => self.find_confidential(connection, credentials.client_id, secret, now).await?,
            None => {
                let app = db::apps::find(connection, credentials.client_id).await?.filter(|app| app.public);
                Client { app: app.ok_or_else(|| refused("client_invalid"))?, key: None }
            }
        };
        match client.app.status {
            AppStatus::Active => Ok(client),
            AppStatus::Suspended => Err(refused("app_suspended")),
        }
    }

    /// The same answer, after the same work, for an unknown app, an unknown key and a wrong secret.
    async fn find_confidential(
        &self,
        connection: &mut Connection,
        client_id: Uuid,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<Client, Error> {
        let key = AppKey::parse(secret).ok_or_else(|| refused("client_invalid"))?;
        if key.environment != self.policy.environment {
            return Err(refused(match key.environment {
                Environment::Live => "app_key_live",
                Environment::Sandbox => "app_key_sandbox",
            }));
        }
        let app = db::apps::find(connection, client_id).await?;
        let stored = db::app_keys::find_secret(connection, &key.public_id).await?;
        let nobody = vec![0; 32];
        let hash = stored.as_ref().map_or(&nobody, |(_, hash)| hash);
        let genuine = bool::from(sha256(key.expose().as_bytes()).as_slice().ct_eq(hash));
        let working = stored.map(|(kept, _)| kept).filter(|kept| genuine && kept.works_at(now));
        match (app, working) {
            (Some(app), Some(kept)) if kept.app_id == app.id => {
                db::app_keys::touch(connection, kept.id, now).await?;
                Ok(Client { app, key: Some(kept) })
            }
            _ => Err(refused("client_invalid")),
        }
    }
}
