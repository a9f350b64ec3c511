//! Reference data at start: seeded from the product's files where the database has none or an older edition of them.

use chrono::Utc;

use super::Error;
use super::secrets::sha256;
use crate::db::{self, Database};
use crate::domain::shipped;

/// Brings the database's reference data up to the files of this version, unless an administrator loaded other ones.
pub async fn seed(database: &Database) -> Result<(), Error> {
    let schemes = shipped::schemes().map_err(|error| Error::Fault(error.to_string()))?;
    database
        .transaction(async |connection| {
            db::lock(connection, db::Lock::Seed).await?;
            for scheme in &schemes {
                let digest = sha256(scheme.content.as_bytes());
                let edition = db::reference::find_edition(connection, scheme.name).await?;
                let keep = edition.is_some_and(|e| e.sha256 == digest || e.source != db::reference::BUILT_IN);
                if !keep {
                    tracing::info!(scheme = scheme.name, items = scheme.items.len(), "reference data seeded");
                    db::reference::replace(connection, scheme.name, &scheme.items, &digest, Utc::now()).await?;
                }
            }
            Ok(())
        })
        .await
}
