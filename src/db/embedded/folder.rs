//! The data folder: its lock, its names, and letting the server's account in.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::OFlag;
use tokio::time::{Instant, sleep};

use super::EmbeddedError;
use super::account::{self, Account};
use super::programs::Programs;

/// A lock that was just let go can still be held by a child between its fork and its exec, which closes it.
const LOCK_PATIENCE: Duration = Duration::from_millis(300);

/// A data folder that this process has for itself, until the value is dropped.
pub struct DataFolder {
    root: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates the folder if it is missing, and locks it.
    pub async fn open(path: &Path) -> Result<Self, EmbeddedError> {
        create(path).map_err(EmbeddedError::file("create the data folder", path))?;
        let root = fs::canonicalize(path).map_err(EmbeddedError::file("enter the data folder", path))?;
        let lock = lock(&root).await?;
        Ok(Self { root, _lock: lock })
    }

    /// Absolute and without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn cluster(&self) -> PathBuf {
        self.root.join("postgres")
    }

    pub fn partial_cluster(&self) -> PathBuf {
        self.root.join("postgres.partial")
    }

    pub fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Sees to it that the server's account can traverse the data folder, by giving it the folder (not its contents).
    pub async fn let_in(&self, account: &Account, programs: &Programs) -> Result<(), EmbeddedError> {
        if !account.is_switched() || can_enter(account, programs, &self.root).await? {
            return Ok(());
        }
        // The first that is closed, seen from `/`; giving the data folder away helps only if that is the one.
        let mut ancestors: Vec<&Path> = self.root.ancestors().skip(1).collect();
        ancestors.reverse();
        for ancestor in ancestors {
            if !can_enter(account, programs, ancestor).await? {
                return Err(self.closed(ancestor, account));
            }
        }
        if account::home_of_root().is_some_and(|home| home == self.root) {
            return Err(self.closed(&self.root, account));
        }
        tracing::info!(folder = %self.root.display(), account = account.name(), "giving the data folder to PostgreSQL's account");
        account.give(&self.root).map_err(EmbeddedError::file("change the owner of", &self.root))?;
        if can_enter(account, programs, &self.root).await? {
            return Ok(());
        }
        Err(self.closed(&self.root, account))
    }

    fn closed(&self, closed: &Path, account: &Account) -> EmbeddedError {
        EmbeddedError::Closed {
            folder: self.root.clone(),
            closed: closed.to_owned(),
            account: account.name().to_owned(),
        }
    }
}

/// A new folder can be traversed, not listed: then root's server needs no ownership of it.
fn create(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o711).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }
}

async fn lock(root: &Path) -> Result<File, EmbeddedError> {
    let path = root.join("duijie.lock");
    let mut file =
        open_plain(OpenOptions::new().read(true).write(true), &path).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => EmbeddedError::NotWritable {
                folder: root.to_owned(),
                account: Account::of_this_process().name().to_owned(),
            },
            _ => EmbeddedError::file("open", &path)(error),
        })?;
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(Duration::from_millis(20)).await,
            Err(TryLockError::WouldBlock) => return Err(locked(root, &mut file)),
            Err(TryLockError::Error(error)) => return Err(EmbeddedError::file("lock", &path)(error)),
        }
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(EmbeddedError::file("write", &path))?;
    Ok(file)
}

fn locked(root: &Path, file: &mut File) -> EmbeddedError {
    let mut pid = String::new();
    let read = file.read_to_string(&mut pid);
    let known = read.is_ok() && !pid.trim().is_empty();
    EmbeddedError::Locked {
        folder: root.to_owned(),
        pid: if known { pid.trim().to_owned() } else { "unknown".to_owned() },
    }
}

/// Opens the server's log for appending; the server's account owns it.
pub fn open_log(path: &Path, account: &Account) -> io::Result<File> {
    let file = open_plain(OpenOptions::new().read(true).append(true), path)?;
    let owner = file.metadata()?.uid();
    if account.is_switched() && owner != account.uid() {
        fchown(&file, Some(account.uid()), None)?;
    }
    Ok(file)
}

/// Creates or opens a plain file. The server's account may own the folder, so root follows neither symbolic nor hard
/// links in it.
fn open_plain(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let refused = || io::Error::other("it is a link or not a plain file; remove it");
    let no_link = OFlag::O_NOFOLLOW.bits();
    let opened = options.create(true).mode(0o600).custom_flags(no_link).open(path);
    let file = opened.map_err(|error| if path.is_symlink() { refused() } else { error })?;
    let found = file.metadata()?;
    if !found.is_file() || found.nlink() > 1 {
        return Err(refused());
    }
    Ok(file)
}

/// Tried rather than computed from mode bits, which know nothing of access control lists.
/// The program is known to be executable by the account, so a refusal is the folder's.
async fn can_enter(account: &Account, programs: &Programs, folder: &Path) -> Result<bool, EmbeddedError> {
    let mut command = account.command(programs.postgres());
    match command.arg("--version").current_dir(folder).output().await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
        Err(error) => Err(EmbeddedError::execute(&programs.postgres())(error)),
    }
}
