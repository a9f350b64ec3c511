//! Reference data and the readers of text made from it: replaced as a whole, never changed in place.

use std::sync::Arc;

use super::{App, Error};
use crate::db::{self, Database};
use crate::domain::reference::Reference;
use crate::vocabulary::understanding::Understanding;

#[derive(Debug)]
pub struct Knowledge {
    pub reference: Reference,
    pub understanding: Understanding,
}

impl Knowledge {
    pub fn new(reference: Reference) -> Self {
        Self { understanding: Understanding::new(&reference), reference }
    }

    pub async fn load(database: &Database) -> Result<Self, Error> {
        let mut connection = database.get().await?;
        let items = db::reference::load(&mut connection).await?;
        let reference =
            Reference::from_items(items).map_err(|error| Error::Fault(format!("reference data: {error}")))?;
        Ok(Self::new(reference))
    }
}

impl App {
    /// As it stands now; one request uses one.
    pub fn knowledge(&self) -> Arc<Knowledge> {
        self.knowledge.load_full()
    }
}
