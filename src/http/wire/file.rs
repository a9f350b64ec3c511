//! Evidence files on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::evidence::{EvidenceFile, FileType};

/// What is known of a file.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a",
    "name": "营业执照.pdf", "type": "pdf", "size": 182034, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uploaded_by": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "created_at": "2026-11-26T08:00:00Z"}))]
pub struct File {
    pub id: Uuid,
    enterprise_id: Uuid,
    /// As it is saved under: without folders, ending as its type does.
    #[schema(max_length = 160)]
    name: String,
    /// As its bytes say.
    r#type: FileType,
    /// Bytes.
    #[schema(minimum = 1, maximum = 10485760)]
    size: i32,
    /// Hexadecimal.
    #[schema(max_length = 64)]
    sha256: String,
    uploaded_by: Uuid,
    created_at: DateTime<Utc>,
}

impl From<EvidenceFile> for File {
    fn from(file: EvidenceFile) -> Self {
        let EvidenceFile { id, enterprise_id, name, file_type, size, sha256, uploaded_by, created_at } = file;
        let sha256 = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { id, enterprise_id, name, r#type: file_type, size, sha256, uploaded_by, created_at }
    }
}

/// A page of files.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "File"}]}))]
pub struct FilePage {
    #[schema(max_items = 100)]
    pub items: Vec<File>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// The bytes of a file: at most 10 MiB of a PDF, JPEG, PNG, WebP or HEIC.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 10485760, example = "%PDF-1.7")]
#[allow(dead_code)]
pub struct FileContent(Vec<u8>);
