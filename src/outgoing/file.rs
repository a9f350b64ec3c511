//! Messages into a file of JSON Lines, for development and tests: nothing leaves the machine.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use serde_json::json;

use crate::app::outbox::{Letter, Undelivered};

/// Readable by its owner alone: it holds one-time codes.
pub struct FileSink {
    pub path: PathBuf,
}

impl FileSink {
    pub fn write(&self, letter: &Letter) -> Result<(), Undelivered> {
        let line = json!({ "id": letter.id, "to": letter.to.text(), "template": letter.template,
            "parameters": letter.parameters, "language": letter.language, "subject": letter.subject,
            "text": letter.text });
        let failed = |error: std::io::Error| {
            let reason = format!("{}: {error}", self.path.display());
            Undelivered { reason, permanent: false }
        };
        // With a database elsewhere nothing else needs the folder.
        self.path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path).map_err(failed)?;
        // One write for the line: other processes may append to the same file.
        file.write_all(format!("{line}\n").as_bytes()).map_err(failed)
    }
}
