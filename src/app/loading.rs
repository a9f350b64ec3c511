//! Reads the whole market: rows stream in from one query, and what they mean is worked out on every core meanwhile.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::TryStreamExt;
use uuid::Uuid;

use super::market::published;
use super::{Error, Knowledge};
use crate::db::listings::StoredListing;
use crate::db::{self, Connection};
use crate::domain::enterprise::Enterprise;
use crate::matching::Change;

/// Listings a thread takes at a time: some milliseconds of work.
const CHUNK: usize = 1000;

type Enterprises = HashMap<Uuid, Enterprise>;

/// Hands every published listing to `take`, a chunk at a time, as what it is to the index. Who calls this has read the
/// event log's position before, or follows the log afterwards: what changes meanwhile is told there.
pub(super) async fn read_market(
    connection: &mut Connection,
    knowledge: Arc<Knowledge>,
    mut take: impl FnMut(Vec<Change>),
) -> Result<(), Error> {
    let enterprises = db::enterprises::list_posting(connection).await?;
    let enterprises: Arc<Enterprises> = Arc::new(enterprises.into_iter().map(|e| (e.id, e)).collect());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let rows = db::listings::stream_published(connection).await?;
    let mut understood = rows
        .try_chunks(CHUNK)
        .map_err(|error| Error::from(error.1))
        .map_ok(|rows| understand(rows, Arc::clone(&knowledge), Arc::clone(&enterprises)))
        .try_buffered(threads + 1);
    while let Some(changes) = understood.try_next().await? {
        take(changes);
    }
    Ok(())
}

/// On a blocking thread from the moment it is called.
fn understand(
    rows: Vec<StoredListing>,
    knowledge: Arc<Knowledge>,
    enterprises: Arc<Enterprises>,
) -> impl Future<Output = Result<Vec<Change>, Error>> {
    let work = tokio::task::spawn_blocking(move || {
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            let (listing, remaining) = row.parse()?;
            // Without its enterprise it was posted after the enterprises were read: the log tells of it.
            if let Some(enterprise) = enterprises.get(&listing.enterprise_id) {
                changes.push(published(&knowledge, listing, enterprise, remaining));
            }
        }
        Ok::<_, db::Error>(changes)
    });
    async { Ok(work.await.map_err(|error| Error::Fault(error.to_string()))??) }
}
