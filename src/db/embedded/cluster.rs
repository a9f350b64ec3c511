//! The cluster: the folder that initdb makes and the server keeps its data in.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::Uid;

use super::EmbeddedError;
use super::account::{self, Account};
use super::folder::DataFolder;
use super::programs::Programs;

/// For a small machine. In the cluster's own file, so that its owner may change them.
const SETTINGS: &str = "
# Added by duijie when it made this cluster. What keeps the server private and durable is on its command line instead.
max_connections = 60
shared_buffers = 128MB
";

/// The major version that made the cluster; `None` if there is none yet.
pub fn major_version(cluster: &Path) -> Result<Option<u32>, EmbeddedError> {
    if is_missing_or_empty(cluster) {
        return Ok(None);
    }
    let path = cluster.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => parse_version(&text, cluster).map(Some),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(other_owner(cluster)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(not_a_cluster(cluster, "it has no file PG_VERSION")),
        Err(error) => Err(EmbeddedError::file("read", &path)(error)),
    }
}

fn is_missing_or_empty(cluster: &Path) -> bool {
    match fs::read_dir(cluster) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == ErrorKind::NotFound && !cluster.is_symlink(),
    }
}

/// `15`, and for versions before 10 `9.6`.
fn parse_version(text: &str, cluster: &Path) -> Result<u32, EmbeddedError> {
    let major = text.trim().split('.').next().unwrap_or_default();
    major.parse().map_err(|_| not_a_cluster(cluster, &format!("its PG_VERSION contains {:?}", text.trim())))
}

fn not_a_cluster(cluster: &Path, problem: &str) -> EmbeddedError {
    EmbeddedError::NotACluster { cluster: cluster.to_owned(), problem: problem.to_owned() }
}

/// The server starts only as the owner of its cluster.
pub fn check_owner(cluster: &Path, account: &Account) -> Result<(), EmbeddedError> {
    let found = fs::metadata(cluster).map_err(EmbeddedError::file("read", cluster))?;
    if found.uid() == account.uid() {
        return Ok(());
    }
    Err(EmbeddedError::OtherOwner {
        cluster: cluster.to_owned(),
        owner: account::name_of(Uid::from_raw(found.uid())),
        account: account.name().to_owned(),
    })
}

fn other_owner(cluster: &Path) -> EmbeddedError {
    let denied = io::Error::from(ErrorKind::PermissionDenied);
    check_owner(cluster, &Account::of_this_process())
        .err()
        .unwrap_or_else(|| EmbeddedError::file("read", cluster)(denied))
}

/// Runs initdb in a folder beside, and renames: a cluster is there whole or not at all.
pub async fn create_if_missing(
    folder: &DataFolder,
    account: &Account,
    programs: &Programs,
) -> Result<(), EmbeddedError> {
    let partial = folder.partial_cluster();
    remove_partial(&partial).await.map_err(EmbeddedError::file("remove", &partial))?;
    let cluster = folder.cluster();
    if !is_missing_or_empty(&cluster) {
        return Ok(());
    }
    tracing::info!(cluster = %cluster.display(), account = account.name(), "creating a PostgreSQL cluster");
    // A name of its own: the initdb of a killed program may still be writing, and must not write into this one.
    let made = partial.join(format!("by-{}", std::process::id()));
    DirBuilder::new()
        .mode(0o700)
        .create(&partial)
        .and_then(|()| account.give(&partial))
        .map_err(EmbeddedError::file("create", &partial))?;
    initdb(&made, account, programs).await?;
    append_settings(&made).map_err(EmbeddedError::file("write the settings of", &made))?;
    fs::rename(&made, &cluster)
        .and_then(|()| File::open(folder.root())?.sync_all())
        .map_err(EmbeddedError::file("move the new cluster to", &cluster))?;
    remove_partial(&partial).await.map_err(EmbeddedError::file("remove", &partial))
}

async fn initdb(target: &Path, account: &Account, programs: &Programs) -> Result<(), EmbeddedError> {
    let program = programs.initdb();
    let output = account
        .command(&program)
        .args(["--encoding=UTF8", "--locale=C", "--data-checksums"])
        .args(["--auth=trust", "--username=duijie", "--no-instructions"])
        .arg("--pgdata")
        .arg(target)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(EmbeddedError::execute(&program))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(EmbeddedError::Initdb { output: String::from_utf8_lossy(&said).into_owned() })
}

fn append_settings(cluster: &Path) -> io::Result<()> {
    let mut file =
        OpenOptions::new().append(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(cluster.join("postgresql.conf"))?;
    file.write_all(SETTINGS.as_bytes())?;
    file.sync_all()
}

/// Tries again for two seconds: the initdb of a killed program may still be adding files.
async fn remove_partial(partial: &Path) -> io::Result<()> {
    let mut tries = 0;
    loop {
        match fs::remove_dir_all(partial) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && tries < 20 => tries += 1,
            done => return done,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
