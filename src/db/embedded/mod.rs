//! A private PostgreSQL of the program's own, for running without `DATABASE_URL`.
//!
//! The server listens on a Unix socket only, in a folder that nobody else can enter, and lives in the data folder:
//!
//! ```text
//! duijie.lock        held (flock) for as long as the program runs; contains its pid
//! postgres/          the cluster
//! postgres.partial/  a cluster that initdb has not finished; removed at the next start
//! postgres-socket/   the socket, unless the path would be too long for one (then under /tmp)
//! postgres.log       the server's log
//! ```
//!
//! PostgreSQL refuses to run as root, so root's server runs as the account `postgres`, else `nobody`.
//! A server that outlived a killed program is adopted, and one that dies is started again.

mod account;
mod client;
mod cluster;
mod error;
mod folder;
mod launcher;
mod postmaster;
mod process;
mod programs;
mod socket;
mod supervisor;

use std::path::Path;

pub use error::EmbeddedError;

use account::Account;
use client::Client;
use folder::DataFolder;
use launcher::Launcher;
use programs::Programs;
use supervisor::Supervisor;

/// A running PostgreSQL server that belongs to this process.
///
/// It is started again when it dies. Call [`stop`](Self::stop) at the end; a dropped value only asks the server to stop,
/// without waiting.
pub struct EmbeddedServer {
    url: String,
    supervisor: Supervisor,
}

impl EmbeddedServer {
    /// Starts the server on `data_dir`, or adopts the one that already runs on it, and returns when it answers.
    ///
    /// Creates the folder, the cluster and the database `duijie` where they are missing; a new cluster takes a few
    /// seconds, an existing one some tenths. Needs a tokio runtime that lives as long as the server.
    ///
    /// # Errors
    ///
    /// Every [`EmbeddedError`]; a server that was started in the attempt has been stopped again.
    pub async fn start(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let folder = DataFolder::open(data_dir).await?;
        let cluster = folder.cluster();
        let account = Account::for_cluster(&cluster)?;
        let programs = Programs::find(&account, &cluster).await?;
        folder.let_in(&account, &programs).await?;
        cluster::create_if_missing(&folder, &account, &programs).await?;
        cluster::check_owner(&cluster, &account)?;

        let socket_folder = socket::folder_for(folder.root(), &account);
        let client = Client::new(socket_folder);
        let url = client.url();
        let launcher = Launcher::new(&folder, account, programs, client);
        let postmaster = launcher.adopt_or_start().await?;
        if let Err(error) = launcher.client().create_database_if_missing().await {
            postmaster.stop().await;
            return Err(error);
        }
        let supervisor = Supervisor::watch(launcher, postmaster, folder);
        Ok(Self { url, supervisor })
    }

    /// The URL of the server another process of this program runs on `data_dir`, if it answers: for commands that work
    /// beside a running `serve`.
    pub async fn attach(data_dir: &Path) -> Option<String> {
        let root = data_dir.canonicalize().ok()?;
        let account = Account::for_cluster(&root.join("postgres")).ok()?;
        let client = Client::new(socket::folder_for(&root, &account));
        (client.probe().await == client::Answer::Ready).then(|| client.url())
    }

    /// Where to connect: a `postgresql://` URL to the database `duijie` as its owner, through the Unix socket.
    /// It stays valid when the server is started again.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server and waits for its end: open transactions are rolled back, connections closed.
    /// After 20 seconds it is stopped without a checkpoint, which loses nothing but makes the next start slower.
    pub async fn stop(self) {
        self.supervisor.stop().await;
    }
}
