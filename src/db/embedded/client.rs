//! Talking to the server: where it is, whether it answers, and the database it must have.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error, NoTls};

use super::EmbeddedError;

const NAME: &str = "duijie";
const PROBE_LIMIT: Duration = Duration::from_secs(2);

/// How the server took a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Ready,
    /// It starts up, replays its log or shuts down.
    NotNow,
    Silent,
}

/// A client of the server whose socket is in one particular folder.
#[derive(Clone)]
pub struct Client {
    socket_folder: PathBuf,
}

impl Client {
    pub fn new(socket_folder: PathBuf) -> Self {
        Self { socket_folder }
    }

    pub fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// The host is the percent-encoded folder, the form that can say any path.
    pub fn url(&self) -> String {
        let bytes = self.socket_folder.as_os_str().as_bytes();
        let host: String = bytes.iter().map(|byte| percent_encoded(*byte)).collect();
        format!("postgresql://{NAME}@{host}:5432/{NAME}")
    }

    pub async fn probe(&self) -> Answer {
        // The kernel accepts connections for a server that is suspended.
        match timeout(PROBE_LIMIT, self.connect(NAME)).await {
            Ok(Ok(_)) => Answer::Ready,
            Ok(Err(error)) => match error.code() {
                Some(code) if *code == SqlState::INVALID_CATALOG_NAME => Answer::Ready,
                Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => Answer::NotNow,
                _ => Answer::Silent,
            },
            Err(_) => Answer::Silent,
        }
    }

    /// Whether the server that answers keeps this cluster, and keeps it as private and durable as ours would.
    pub async fn serves(&self, cluster: &Path) -> bool {
        const QUERY: &str = "SELECT current_setting('data_directory'), \
             current_setting('listen_addresses') = '' AND current_setting('fsync') = 'on'";
        let Ok(client) = self.connect("postgres").await else {
            return false;
        };
        let Ok(row) = client.query_one(QUERY, &[]).await else {
            return false;
        };
        let (folder, as_ours): (String, bool) = (row.get(0), row.get(1));
        as_ours && matches!((fs::canonicalize(folder), fs::canonicalize(cluster)), (Ok(one), Ok(other)) if one == other)
    }

    pub async fn create_database_if_missing(&self) -> Result<(), EmbeddedError> {
        let created = match self.connect(NAME).await {
            Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) => self.create_database().await,
            connected => connected.map(drop),
        };
        created.map_err(|source| EmbeddedError::Database { source })
    }

    async fn create_database(&self) -> Result<(), Error> {
        let client = self.connect("postgres").await?;
        client.batch_execute(&format!("CREATE DATABASE {NAME}")).await
    }

    async fn connect(&self, database: &str) -> Result<tokio_postgres::Client, Error> {
        let mut config = Config::new();
        config.host_path(&self.socket_folder).port(5432).user(NAME).dbname(database);
        let (client, connection) = config.connect(NoTls).await?;
        // Ends by itself when the client is dropped.
        tokio::spawn(connection);
        Ok(client)
    }
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}
