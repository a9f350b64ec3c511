//! Where evidence is kept.

use super::{Source, web_url};

#[derive(Debug, Clone)]
pub struct FilesConfig {
    /// None: the folder `files` in the data folder.
    pub s3: Option<S3>,
    /// `DUIJIE_FILES_QUOTA_MB`, MiB an enterprise may keep.
    pub quota_mb: u64,
}

/// An S3-compatible store.
#[derive(Clone)]
pub struct S3 {
    /// `DUIJIE_FILES_BUCKET`.
    pub bucket: String,
    /// `DUIJIE_FILES_REGION`.
    pub region: String,
    /// `DUIJIE_FILES_ENDPOINT`; none: that of Amazon.
    pub endpoint: Option<String>,
    /// `DUIJIE_FILES_KEY_ID`.
    pub key_id: String,
    /// `DUIJIE_FILES_KEY`.
    pub key: String,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3({})", self.bucket)
    }
}

impl FilesConfig {
    pub(super) fn read(source: &mut Source) -> Self {
        let bucket = source.checked("DUIJIE_FILES_BUCKET", "the name of a bucket", text);
        let region = source.checked("DUIJIE_FILES_REGION", "the name of a region", text);
        let endpoint = source.checked("DUIJIE_FILES_ENDPOINT", "a URL that begins with http:// or https://", web_url);
        let key_id = source.checked("DUIJIE_FILES_KEY_ID", "a key's id", text);
        let key = source.checked("DUIJIE_FILES_KEY", "a key", text);
        let quota_mb = source.within("DUIJIE_FILES_QUOTA_MB", 1..=1_000_000).unwrap_or(200);
        let s3 = bucket.and_then(|bucket| match (key_id, key) {
            (Some(key_id), Some(key)) => {
                Some(S3 { bucket, region: region.unwrap_or_else(|| "us-east-1".to_owned()), endpoint, key_id, key })
            }
            _ => {
                source.refuse("DUIJIE_FILES_BUCKET", "needs DUIJIE_FILES_KEY_ID and DUIJIE_FILES_KEY");
                None
            }
        });
        Self { s3, quota_mb }
    }
}

fn text(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}
