//! What can keep the embedded server from running, told so that its reader can put it right alone.

use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL could not be started. The message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// A file operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },

    /// This process's account may not write the data folder.
    #[error(
        "the data folder {} cannot be written by {account}, who runs this program. Start it as the folder's owner or as \
         root, or set DUIJIE_DATA_DIR to a folder that belongs to {account}", folder.display()
    )]
    NotWritable { folder: PathBuf, account: String },

    /// Another process holds the data folder's lock.
    #[error(
        "another duijie is running on this data folder (pid {pid}): {}. Stop it first, or set DUIJIE_DATA_DIR to another folder",
        folder.display()
    )]
    Locked { folder: PathBuf, pid: String },

    /// No PostgreSQL server programs were found.
    #[error(
        "the PostgreSQL server programs (postgres, initdb) were not found on PATH or in the usual folders. Debian and \
         Ubuntu: `apt-get install postgresql` (the distribution's own service need not run). Or set DATABASE_URL to use \
         a PostgreSQL server that runs elsewhere"
    )]
    NoPrograms,

    /// Only too old PostgreSQL programs were found.
    #[error(
        "PostgreSQL {minimum} or newer is needed; found only: {found}. Install a newer one beside it, or set \
         DATABASE_URL to use a server that runs elsewhere"
    )]
    TooOld { minimum: u32, found: String },

    /// The cluster was made by a major version that is not installed.
    #[error(
        "the cluster {} was made by PostgreSQL {version}, which is not installed (found: {found}). Nothing was changed. \
         Install PostgreSQL {version} (Debian and Ubuntu: `apt-get install postgresql-{version}`), or convert the \
         folder with pg_upgrade, or set DUIJIE_DATA_DIR to a new folder", cluster.display()
    )]
    OtherVersion { cluster: PathBuf, version: u32, found: String },

    /// The cluster's place is taken by something else.
    #[error(
        "{} exists but is not a PostgreSQL cluster ({problem}). Nothing was changed. Move it away or restore it from a \
         backup, or set DUIJIE_DATA_DIR to another folder", cluster.display()
    )]
    NotACluster { cluster: PathBuf, problem: String },

    /// The cluster belongs to an account that cannot run the server here.
    #[error(
        "the cluster {} belongs to {owner}, but the server would run as {account}. Start this program as the account \
         that made the cluster or as root, or give the cluster away: `chown -R {account} {}`", cluster.display(), cluster.display()
    )]
    OtherOwner { cluster: PathBuf, owner: String, account: String },

    /// Root runs the program and no account can run the server.
    #[error(
        "PostgreSQL refuses to run as root, and neither of the accounts `postgres` and `nobody` exists. Create one \
         (`useradd --system postgres`), or start this program as another user"
    )]
    NoAccount,

    /// The server's account cannot reach the data folder.
    #[error(
        "DUIJIE_DATA_DIR ({}) cannot be reached by the account {account}, which runs PostgreSQL for root: {} is \
         closed to it. Set DUIJIE_DATA_DIR to a folder outside it, for example /var/lib/duijie", folder.display(), closed.display()
    )]
    Closed { folder: PathBuf, closed: PathBuf, account: String },

    /// The socket folder cannot be trusted.
    #[error(
        "the folder for PostgreSQL's socket, {}, {problem}. It must be a folder that only {account} can enter: remove \
         it, and the next start makes it anew", folder.display()
    )]
    SocketFolder { folder: PathBuf, problem: String, account: String },

    /// A PostgreSQL program could not be executed.
    #[error("cannot execute {}: {source}", program.display())]
    Execute { program: PathBuf, source: io::Error },

    /// `initdb` failed.
    #[error("initdb could not create the cluster. It said:\n{output}")]
    Initdb { output: String },

    /// The server ended before it answered.
    #[error("PostgreSQL ended while starting. The end of its log {}:\n{tail}", log.display())]
    Ended { log: PathBuf, tail: String },

    /// The server runs but did not answer in time.
    #[error(
        "PostgreSQL was started but did not answer within {seconds} s, and was stopped. See its log {}", log.display()
    )]
    Silent { log: PathBuf, seconds: u64 },

    /// A process may or may not be a server on this cluster, and guessing wrong would damage it.
    #[error(
        "{} names process {pid}, a PostgreSQL server whose folder cannot be determined. If it is this cluster's, stop it \
         (`kill -INT {pid}`); if not, remove that file. Then start again", pid_file.display()
    )]
    UnknownServer { pid_file: PathBuf, pid: i32 },

    /// The server that lived on this cluster neither serves nor ends.
    #[error(
        "a PostgreSQL server from an earlier run (pid {pid}) does not answer on its socket and does not stop. End it \
         (`kill -QUIT {pid}`), then start again"
    )]
    DoesNotStop { pid: i32 },

    /// A query that prepares the database failed.
    #[error("the PostgreSQL server runs, but preparing the database `duijie` failed: {}", describe(source))]
    Database { source: tokio_postgres::Error },
}

impl EmbeddedError {
    /// For `map_err`: names what was attempted, in the infinitive, and where.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }

    pub(super) fn execute(program: &Path) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        move |source| Self::Execute { program, source }
    }
}

/// tokio-postgres says only "db error"; what the server said is inside.
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => db.to_string(),
        None => error.to_string(),
    }
}
