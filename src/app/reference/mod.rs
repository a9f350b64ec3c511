//! Reference data in the database: seeded from the product's files, replaced by an administrator, and what still refers
//! to retired codes.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::secrets::sha256;
use super::{App, Error};
use crate::db::reference::BUILT_IN;
use crate::db::{self, Connection, Database};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::reference::SCHEMES;
use crate::domain::shipped;

mod load;

pub use crate::db::reference::Usage;
pub use load::{LoadReport, Loading};

/// Where a scheme stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeStatus {
    pub scheme: &'static str,
    pub version: i32,
    pub items: i64,
    pub retired: i64,
    /// `built_in` or `loaded`.
    pub source: String,
    pub loaded_at: DateTime<Utc>,
    pub usages: Vec<Usage>,
}

/// Brings the database's reference data up to the files of this version, unless an administrator loaded other ones.
pub async fn seed(database: &Database) -> Result<(), Error> {
    let schemes = shipped::schemes().map_err(|error| Error::Fault(error.to_string()))?;
    database
        .transaction(async |connection| {
            db::lock(connection, db::Lock::Seed).await?;
            for scheme in &schemes {
                let digest = sha256(scheme.content.as_bytes());
                let edition = db::reference::find_edition(connection, scheme.name).await?;
                let keep = edition.as_ref().is_some_and(|e| e.sha256 == digest || e.source != BUILT_IN);
                if !keep {
                    tracing::info!(scheme = scheme.name, items = scheme.items.len(), "reference data seeded");
                    let (name, now) = (scheme.name, Utc::now());
                    let version =
                        db::reference::replace(connection, name, &scheme.items, &digest, BUILT_IN, now).await?;
                    // Other processes have read an edition only where there was one.
                    if edition.is_some() {
                        tell(connection, name, version, "start", now).await?;
                    }
                }
            }
            Ok(())
        })
        .await
}

/// The event by which every process learns that it reads the data anew.
async fn tell(
    connection: &mut Connection,
    scheme: &str,
    version: i32,
    how: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = NewEvent {
        event_type: "reference.loaded",
        entity: "reference",
        entity_id: entity_id(scheme),
        version,
        audience: Audience::Public,
        changed: json!({ "scheme": scheme, "version": version }),
        detail: Detail::changed(&json!({ "version": version - 1 }), &json!({ "version": version })),
    };
    db::events::append(connection, event, Author::system(how), now).await?;
    Ok(())
}

/// Schemes have names, events have UUIDs: the same one always.
fn entity_id(scheme: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(format!("reference/{scheme}").as_bytes())[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl App {
    /// Every scheme, with what refers to its retired codes.
    pub async fn reference_status(&self) -> Result<Vec<SchemeStatus>, Error> {
        // Without the statement time limit of requests: all listings are looked at.
        let mut connection = self.database.dedicated().await?;
        let mut statuses = Vec::new();
        for scheme in SCHEMES {
            let Some(edition) = db::reference::find_edition(&mut connection, scheme).await? else { continue };
            let (items, retired) = db::reference::count(&mut connection, scheme).await?;
            let usages = db::reference::usage(&mut connection, scheme).await?;
            let db::reference::Edition { version, source, loaded_at, .. } = edition;
            statuses.push(SchemeStatus { scheme, version, items, retired, source, loaded_at, usages });
        }
        Ok(statuses)
    }
}
