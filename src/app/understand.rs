//! One pasted message read as drafts: nothing is saved.

use std::sync::Arc;

use chrono::Utc;
use uuid::Uuid;

use super::listings::posting_enterprise;
use super::posting::{Drafts, Reading};
use super::{App, Caller, Error};
use crate::domain::listing::Side;

/// A message as it came, and what is known beside it.
pub struct Message {
    pub text: String,
    /// Whose needs and offers they are; a member of exactly one enterprise may leave it out.
    pub enterprise_id: Option<Uuid>,
    pub side: Option<Side>,
}

impl App {
    /// Somebody who acts for no enterprise yet, or for several, gets drafts without a place.
    pub async fn understand_message(self: &Arc<Self>, caller: &Caller, message: Message) -> Result<Drafts, Error> {
        let Message { text, enterprise_id, side } = message;
        let enterprise = {
            let mut connection = self.database.get().await?;
            match posting_enterprise(&mut connection, caller, enterprise_id).await {
                Ok(enterprise) => Some(enterprise),
                Err(Error::Invalid(_)) if enterprise_id.is_none() => None,
                Err(error) => return Err(error),
            }
        };
        let knowledge = self.knowledge();
        let read = move || Reading::new(&knowledge, enterprise.as_ref(), Utc::now()).drafts(&text, side);
        self.cpu.run(read).await
    }
}
