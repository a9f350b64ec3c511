//! Evidence: files an enterprise proves things with, for its members and for those who decide about it.

mod store;
mod sweep;

use std::sync::Arc;

use futures_util::stream::BoxStream;
use serde_json::json;
use uuid::Uuid;

pub use self::store::{Arrived, Place, Store, Upload};
use super::audit::{self, Read};
use super::enterprises::event_of;
use super::{App, Caller, Error, Knowledge, Transaction, access};
use crate::db::{self, Connection};
use crate::domain::enterprise::Enterprise;
use crate::domain::event::{Detail, NewEvent};
use crate::domain::evidence::{EvidenceFile, MOST_ATTACHED, MOST_FILES, clean_name};
use crate::domain::platform::PlatformRole;
use crate::domain::violation::Violations;

/// Those who decide about enterprises of their region see what these prove things with.
const READERS: [PlatformRole; 3] = [PlatformRole::Admin, PlatformRole::Moderator, PlatformRole::Officer];

impl EvidenceFile {
    pub fn place(&self) -> Place {
        Place { enterprise_id: self.enterprise_id, id: self.id }
    }
}

impl App {
    /// Before the first byte is read: whether the caller may, and whether there is room for `declared` bytes.
    pub async fn begin_upload(
        &self,
        caller: &Caller,
        enterprise_id: Uuid,
        declared: Option<usize>,
    ) -> Result<Upload, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, enterprise_id).await?;
        require_room(&mut connection, enterprise_id, declared.unwrap_or(0), self.policy.file_quota).await?;
        drop(connection);
        self.files.begin(Place { enterprise_id, id: Uuid::now_v7() }).await
    }

    /// For members, newest first.
    pub async fn list_files(
        &self,
        caller: &Caller,
        enterprise_id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<EvidenceFile>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, enterprise_id).await?;
        Ok(db::files::list(&mut connection, enterprise_id, before, limit).await?)
    }

    /// What is known of a file, and its bytes. A reader who is no member leaves a trace.
    pub async fn open_file(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<(EvidenceFile, BoxStream<'static, Result<bytes::Bytes, Error>>), Error> {
        let knowledge = self.knowledge();
        let file = self
            .database
            .transaction(async |connection| {
                let (file, enterprise, member) = find_visible(connection, caller, id, &knowledge).await?;
                if !member {
                    let read = Read {
                        entity: "file",
                        entity_id: id,
                        event_type: "file.read",
                        fields: &["content"],
                        enterprise_id: Some(enterprise.id),
                        asked: None,
                    };
                    audit::record_read(connection, caller, read).await?;
                }
                Ok::<_, Error>(file)
            })
            .await?;
        self.sequencer.notify_one();
        let bytes = self.files.read(file.place()).await?;
        Ok((file, bytes))
    }
}

/// To anybody else than members and those who decide there it does not exist.
async fn find_visible(
    connection: &mut Connection,
    caller: &Caller,
    id: Uuid,
    knowledge: &Knowledge,
) -> Result<(EvidenceFile, Enterprise, bool), Error> {
    let file = db::files::find(connection, id).await?.ok_or(Error::NotFound)?;
    let enterprise = db::enterprises::find(connection, file.enterprise_id).await?.ok_or(Error::NotFound)?;
    let member = access::role_in(connection, caller, enterprise.id).await?.is_some();
    if !member {
        let region = enterprise.profile.region_code.as_deref();
        if !access::has_role(connection, caller, &READERS, region, &knowledge.reference.regions).await? {
            return Err(Error::NotFound);
        }
    }
    Ok((file, enterprise, member))
}

async fn require_room(connection: &mut Connection, enterprise_id: Uuid, size: usize, quota: u64) -> Result<(), Error> {
    let (files, bytes) = db::files::usage(connection, enterprise_id).await?;
    if files >= MOST_FILES {
        return Err(Error::conflict("too_many_files", [("maximum", MOST_FILES.to_string())]));
    }
    if u64::try_from(bytes).unwrap_or(0).saturating_add(size as u64) > quota {
        return Err(Error::conflict("file_quota_reached", [("maximum", (quota >> 20).to_string())]));
    }
    Ok(())
}

/// Takes in what has arrived. The same bytes again are the file that is there, whatever its name.
pub async fn create(transaction: &mut Transaction<'_>, arrived: Arrived, name: &str) -> Result<EvidenceFile, Error> {
    let enterprise =
        access::lock_open(transaction.connection, &transaction.caller, arrived.place.enterprise_id).await?;
    let known = db::files::find_by_content(transaction.connection, enterprise.id, &arrived.sha256).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    // Asked again, now that the enterprise is locked: uploads at once share what room there is.
    require_room(transaction.connection, enterprise.id, arrived.size, transaction.policy.file_quota).await?;
    let file = EvidenceFile {
        id: arrived.place.id,
        enterprise_id: enterprise.id,
        name: clean_name(name, arrived.file_type),
        file_type: arrived.file_type,
        size: i32::try_from(arrived.size).map_err(|error| Error::Fault(error.to_string()))?,
        sha256: arrived.sha256,
        uploaded_by: transaction.caller.account_id,
        created_at: transaction.now,
    };
    db::files::insert(transaction.connection, &file).await?;
    let (file_type, size) = (<&str>::from(file.file_type), file.size);
    let changed = json!({ "enterprise_id": enterprise.id, "type": file_type, "size": size });
    let detail = Detail::created(&told(&file));
    transaction.record(NewEvent { detail, ..event_of("file.added", ("file", file.id), &enterprise, changed) }).await?;
    Ok(file)
}

/// What auditors read of it: by its digest it is known again, whatever was in it.
pub(super) fn told(file: &EvidenceFile) -> serde_json::Value {
    let digest: String = file.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "type": <&str>::from(file.file_type), "size": file.size, "sha256": digest })
}

/// By an owner, while nothing is proved by it. The bytes go after the commit.
pub async fn delete(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Place, Error> {
    let knowledge = Arc::clone(&transaction.knowledge);
    let (file, ..) = find_visible(transaction.connection, &transaction.caller, id, &knowledge).await?;
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, file.enterprise_id).await?;
    transaction.once().await?;
    // Read again, now that the enterprise is locked.
    let file = db::files::find(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    if db::files::is_used(transaction.connection, id).await? {
        return Err(Error::conflict("file_in_use", []));
    }
    db::files::delete(transaction.connection, id).await?;
    let changed = json!({ "enterprise_id": enterprise.id });
    let detail = Detail::deleted(&told(&file));
    transaction.record(NewEvent { detail, ..event_of("file.deleted", ("file", id), &enterprise, changed) }).await?;
    Ok(file.place())
}

/// Files named as evidence are the enterprise's own, each named once. Call it with the enterprise's row locked.
pub(super) async fn check_attached(
    connection: &mut Connection,
    enterprise_id: Uuid,
    ids: &[Uuid],
) -> Result<Violations, Error> {
    let mut violations = Violations::new();
    let known = db::files::known_among(connection, enterprise_id, ids).await?;
    for (i, id) in ids.iter().enumerate() {
        if ids[..i].contains(id) {
            violations.add(format!("/evidence/{i}"), "repeated");
        } else if !known.contains(id) {
            violations.add(format!("/evidence/{i}"), "file_unknown");
        }
    }
    if ids.len() > MOST_ATTACHED {
        violations.add_with("/evidence", "too_many", [("maximum", MOST_ATTACHED.to_string())]);
    }
    Ok(violations)
}
