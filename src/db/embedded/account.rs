//! The operating-system account that the server runs as.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::unistd::{Gid, Uid, User};
use tokio::process::Command;

use super::EmbeddedError;

/// Everything else in the program's environment (passwords, `PG*` settings) is kept from the server.
const INHERITED: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "TMPDIR"];

/// This process's own account, or the one that root's server runs as.
#[derive(Clone)]
pub struct Account {
    uid: Uid,
    gid: Gid,
    name: String,
    switched: bool,
}

impl Account {
    /// As root: the owner of the existing cluster, else `postgres`, else `nobody`. Otherwise this process's account.
    pub fn for_cluster(cluster: &Path) -> Result<Self, EmbeddedError> {
        if !Uid::effective().is_root() {
            return Ok(Self::of_this_process());
        }
        let owner = fs::metadata(cluster).ok().and_then(|found| {
            let uid = Uid::from_raw(found.uid());
            (!uid.is_root()).then(|| Self::switched(uid, Gid::from_raw(found.gid())))
        });
        owner.or_else(|| Self::named("postgres")).or_else(|| Self::named("nobody")).ok_or(EmbeddedError::NoAccount)
    }

    pub fn of_this_process() -> Self {
        Self { uid: Uid::effective(), gid: Gid::effective(), name: name_of(Uid::effective()), switched: false }
    }

    fn named(name: &str) -> Option<Self> {
        let user = User::from_name(name).ok().flatten()?;
        (!user.uid.is_root()).then(|| Self::switched(user.uid, user.gid))
    }

    fn switched(uid: Uid, gid: Gid) -> Self {
        Self { uid, gid, name: name_of(uid), switched: true }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn uid(&self) -> u32 {
        self.uid.as_raw()
    }

    /// Whether the server's account differs from this process's.
    pub fn is_switched(&self) -> bool {
        self.switched
    }

    /// Makes the account the owner of one file or folder. Symbolic links are not followed: the account may itself own
    /// the folder around it and could point root anywhere.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        if !self.switched {
            return Ok(());
        }
        lchown(path, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }

    /// A command that runs as this account, without supplementary groups, with a bare environment and no input.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C");
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.current_dir("/").stdin(Stdio::null());
        if self.switched {
            // std drops the supplementary groups of a root process that sets a uid.
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        command
    }
}

/// The account's name, or its number when it has none.
pub fn name_of(uid: Uid) -> String {
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => format!("uid {uid}"),
    }
}

/// Where root lives. Giving this folder away would give root away.
pub fn home_of_root() -> Option<PathBuf> {
    let root = User::from_uid(Uid::from_raw(0)).ok().flatten()?;
    fs::canonicalize(root.dir).ok()
}
