//! Reference data and the readers of text made from it: replaced as a whole, never changed in place.

use std::sync::Arc;

use super::{App, Error};
use crate::db::reference::Version;
use crate::db::{self, Connection, Database};
use crate::domain::reference::Reference;
use crate::vocabulary::understanding::Understanding;

#[derive(Debug)]
pub struct Knowledge {
    pub reference: Reference,
    pub understanding: Understanding,
    /// What it was made from.
    versions: Vec<Version>,
}

impl Knowledge {
    pub fn new(reference: Reference) -> Self {
        Self { understanding: Understanding::new(&reference), reference, versions: Vec::new() }
    }

    /// Of several schemes together: it rises whenever one of them is loaded.
    pub fn version_of(&self, schemes: &[&str]) -> i64 {
        let own = self.versions.iter().filter(|version| schemes.contains(&version.scheme.as_str()));
        own.map(|version| i64::from(version.version)).sum()
    }

    pub async fn load(database: &Database) -> Result<Self, Error> {
        let mut connection = database.get().await?;
        let made = Self::read(&mut connection).await?;
        made.map_err(|error| Error::Fault(format!("reference data: {error}")))
    }

    /// The inner error: there are documents that this version cannot read.
    async fn read(connection: &mut Connection) -> Result<Result<Self, serde_json::Error>, Error> {
        // Read first: what is loaded meanwhile makes them too old, never too new.
        let versions = db::reference::versions(connection).await?;
        let items = db::reference::load(connection).await?;
        Ok(Reference::from_items(items).map(|reference| Self { versions, ..Self::new(reference) }))
    }
}

impl App {
    /// As it stands now; one request uses one.
    pub fn knowledge(&self) -> Arc<Knowledge> {
        self.knowledge.load_full()
    }

    /// Takes the database's reference data into use where they are of another edition; returns whether they were.
    pub async fn refresh_knowledge(&self, connection: &mut Connection) -> Result<bool, Error> {
        if db::reference::versions(connection).await? == self.knowledge().versions {
            return Ok(false);
        }
        match Knowledge::read(connection).await? {
            Ok(knowledge) => {
                self.knowledge.store(Arc::new(knowledge));
                tracing::info!("reference data taken into use");
                Ok(true)
            }
            // Written by a newer version, perhaps: this one goes on with what it has.
            Err(error) => {
                tracing::error!(%error, "the reference data cannot be read and are not taken into use");
                Ok(false)
            }
        }
    }
}
