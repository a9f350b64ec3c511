//! The folder of the server's Unix socket: whoever can enter it is let into the database without a password.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;
use sha2::{Digest, Sha256};

use super::EmbeddedError;
use super::account::{self, Account};

/// `sockaddr_un.sun_path` has 108 bytes on Linux (104 elsewhere), the last one a zero.
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// In the data folder if the socket's path is short enough there, else under `$XDG_RUNTIME_DIR` or `/tmp`.
pub fn folder_for(data_dir: &Path, account: &Account) -> PathBuf {
    let inside = data_dir.join("postgres-socket");
    if is_short_enough(&inside) {
        return inside;
    }
    let name = format!("duijie-{}", fingerprint(data_dir));
    runtime_folder(account)
        .map(|folder| folder.join(&name))
        .filter(|folder| is_short_enough(folder))
        .unwrap_or_else(|| Path::new("/tmp").join(name))
}

/// Root's own runtime folder is closed to the account that runs root's server.
fn runtime_folder(account: &Account) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    (!account.is_switched() && folder.is_absolute() && folder.is_dir()).then_some(folder)
}

fn is_short_enough(folder: &Path) -> bool {
    folder.join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET
}

fn fingerprint(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_bytes());
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the folder, or verifies the one that is there: a folder, not a link, the account's own and closed to others.
/// For when no server runs on the cluster: what an earlier one left in the folder is removed.
pub fn prepare(folder: &Path, account: &Account) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => account.give(folder).map_err(EmbeddedError::file("change the owner of", folder)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            verify(folder, account)?;
            remove_lock(&folder.join(format!("{SOCKET_NAME}.lock")))
        }
        Err(error) => Err(EmbeddedError::file("create", folder)(error)),
    }
}

/// PostgreSQL does not replace a lock whose number is now another process's, or a zombie's.
fn remove_lock(lock: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(lock) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(EmbeddedError::file("remove", lock)(error)),
        _ => Ok(()),
    }
}

fn verify(folder: &Path, account: &Account) -> Result<(), EmbeddedError> {
    let refuse = |problem: String| {
        Err(EmbeddedError::SocketFolder { folder: folder.to_owned(), problem, account: account.name().to_owned() })
    };
    let found = fs::symlink_metadata(folder).map_err(EmbeddedError::file("read", folder))?;
    if !found.is_dir() {
        return refuse("is a symbolic link or a file".to_owned());
    }
    if found.uid() != account.uid() {
        let owner = account::name_of(Uid::from_raw(found.uid()));
        return refuse(format!("belongs to {owner}"));
    }
    let mode = found.mode() & 0o7777;
    if mode != 0o700 {
        return refuse(format!("has mode {mode:04o} instead of 0700"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_never_exceeds_its_limit() {
        let account = Account::of_this_process();
        for length in 1..300 {
            let data_dir = PathBuf::from(format!("/{}", "x".repeat(length)));
            let folder = folder_for(&data_dir, &account);
            assert!(folder.join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET);
            assert_eq!(folder.starts_with(&data_dir), length <= 76 || cfg!(not(target_os = "linux")) && length <= 72);
        }
    }

    #[test]
    fn different_long_folders_have_different_sockets() {
        let account = Account::of_this_process();
        let [one, other] = ["a", "b"].map(|end| folder_for(Path::new(&format!("/{}{end}", "x".repeat(200))), &account));
        assert_ne!(one, other);
    }
}
