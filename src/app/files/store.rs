//! Where the bytes of evidence are: a folder or an S3-compatible store. Named by ids alone; a whole file or none.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::app::Error;
use crate::domain::evidence::FileType;

/// Bytes of a part on their way to the store; S3 takes none smaller but the last.
const PART: usize = 5 << 20;

/// Uploads at a time: each holds up to two parts in memory.
const MOST_UPLOADS: usize = 16;

#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    uploads: Arc<Semaphore>,
}

/// Names a file in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub enterprise_id: Uuid,
    pub id: Uuid,
}

impl Place {
    fn key(self) -> Key {
        Key::from(format!("{}/{}", self.enterprise_id, self.id))
    }

    /// Nothing for an object nobody here put there.
    fn of(key: &Key) -> Option<Self> {
        let (enterprise_id, id) = key.as_ref().split_once('/')?;
        Some(Self { enterprise_id: enterprise_id.parse().ok()?, id: id.parse().ok()? })
    }
}

/// A file on its way in; dropped unfinished it leaves nothing behind.
pub struct Upload {
    pub place: Place,
    sink: WriteMultipart,
    hash: Sha256,
    head: Vec<u8>,
    size: usize,
    _turn: OwnedSemaphorePermit,
}

/// A file that has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    pub place: Place,
    pub file_type: FileType,
    pub size: usize,
    pub sha256: [u8; 32],
}

fn failed(error: object_store::Error) -> Error {
    Error::Busy(format!("the file store: {error}"))
}

impl Store {
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { objects: store, uploads: Arc::new(Semaphore::new(MOST_UPLOADS)) }
    }

    /// A folder, made if it is not there, for nobody else on the machine.
    pub fn folder(path: &Path) -> Result<Self, std::io::Error> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let store = object_store::local::LocalFileSystem::new_with_prefix(path).map_err(std::io::Error::other)?;
        Ok(Self::new(Arc::new(store.with_fsync(true))))
    }

    /// Busy where too many are under way.
    pub async fn begin(&self, place: Place) -> Result<Upload, Error> {
        let turn = Arc::clone(&self.uploads).try_acquire_owned();
        let turn = turn.map_err(|_| Error::Busy("as many uploads as there may be are under way".to_owned()))?;
        let upload = self.objects.put_multipart(&place.key()).await.map_err(failed)?;
        let sink = WriteMultipart::new_with_chunk_size(upload, PART);
        Ok(Upload { place, sink, hash: Sha256::new(), head: Vec::new(), size: 0, _turn: turn })
    }

    /// The bytes, as they come.
    pub async fn read(&self, place: Place) -> Result<BoxStream<'static, Result<bytes::Bytes, Error>>, Error> {
        let found = self.objects.get(&place.key()).await.map_err(failed)?;
        Ok(found.into_stream().map(|chunk| chunk.map_err(failed)).boxed())
    }

    /// One that is not there is as good as deleted.
    pub async fn delete(&self, place: Place) -> Result<(), Error> {
        match self.objects.delete(&place.key()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Everything put there before.
    pub fn list_older(&self, before: DateTime<Utc>) -> BoxStream<'static, Result<Place, Error>> {
        let older = self.objects.list(None).filter_map(move |object| async move {
            match object {
                Ok(object) if object.last_modified < before => Place::of(&object.location).map(Ok),
                Ok(_) => None,
                Err(error) => Some(Err(failed(error))),
            }
        });
        older.boxed()
    }
}

impl Upload {
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether what has come so far can be evidence; nothing is said before enough has come.
    pub fn is_acceptable(&self) -> bool {
        self.head.len() < FileType::HEAD || FileType::of(&self.head).is_some()
    }

    pub async fn take(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let missing = FileType::HEAD.saturating_sub(self.head.len());
        self.head.extend_from_slice(&chunk[..chunk.len().min(missing)]);
        self.hash.update(chunk);
        self.size += chunk.len();
        self.sink.wait_for_capacity(2).await.map_err(failed)?;
        self.sink.write(chunk);
        Ok(())
    }

    /// `None` where the bytes are none of a type that is taken.
    pub async fn finish(self) -> Result<Option<Arrived>, Error> {
        let Some(file_type) = FileType::of(&self.head) else {
            self.abort().await;
            return Ok(None);
        };
        self.sink.finish().await.map_err(failed)?;
        Ok(Some(Arrived { place: self.place, file_type, size: self.size, sha256: self.hash.finalize().into() }))
    }

    pub async fn abort(self) {
        if let Err(error) = self.sink.abort().await {
            tracing::warn!(%error, "a refused upload is left to the sweep");
        }
    }
}
