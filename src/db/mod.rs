//! The only place that knows diesel: connections, rows, queries, and named constraints turned into meanings.
//!
//! Time limits are PostgreSQL's own (`statement_timeout` and its kin), never a future dropped around a transaction;
//! whoever asks for a connection waits at most `pool_wait` and is then told that the database is busy.

use std::time::Duration;

use diesel::prelude::QueryableByName;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use futures_util::FutureExt;
use tokio_postgres_rustls::MakeRustlsConnect;

pub mod accounts;
mod acting_roles;
pub mod app_keys;
pub mod appeals;
pub mod apps;
pub mod audit;
pub mod briefs;
pub mod bundles;
pub mod claims;
pub mod consents;
pub mod contact_releases;
pub mod contact_requests;
pub mod credentials;
pub mod embedded;
pub mod enterprises;
mod error;
pub mod events;
pub mod files;
pub mod flags;
pub mod idempotency;
pub mod invitations;
pub mod listings;
pub mod mandates;
pub mod market;
pub mod match_rows;
pub mod members;
pub mod migrations;
pub mod moderation;
pub mod notifications;
pub mod oauth;
pub mod one_time_codes;
pub mod outbox;
pub mod personal_data;
pub mod policies;
pub mod reference;
pub mod relations;
pub mod reports;
pub mod roster;
mod schema;
pub mod second_factors;
pub mod sessions;
pub mod signing_keys;
pub mod throttles;
pub mod tls;
mod types;
pub mod verifications;
pub mod webhooks;

pub use error::Error;

/// One connection; every query function takes it, none takes the pool.
pub type Connection = AsyncPgConnection;

/// How the program uses its database.
#[derive(Debug, Clone)]
pub struct Settings {
    pub url: String,
    pub pool_size: usize,
    /// The longest anybody waits for a connection.
    pub pool_wait: Duration,
    pub statement_timeout: Duration,
}

#[derive(Clone)]
pub struct Database {
    pool: Pool<AsyncPgConnection>,
    url: String,
    tls: rustls::ClientConfig,
}

impl Database {
    /// Opens nothing yet: the first use connects.
    pub fn new(settings: &Settings) -> Result<Self, tls::TlsError> {
        let tls::Target { url, tls } = tls::target(&settings.url)?;
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let (connector, milliseconds) = (tls.clone(), settings.statement_timeout.as_millis());
        config.custom_setup = Box::new(move |url| {
            let (url, tls) = (url.to_owned(), connector.clone());
            async move { connect(&url, tls, milliseconds).await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(&url, config);
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            // The one used last: few server processes, whose caches are warm, instead of all in turn.
            .queue_mode(deadpool::managed::QueueMode::Lifo)
            .wait_timeout(Some(settings.pool_wait))
            .create_timeout(Some(settings.pool_wait))
            .recycle_timeout(Some(settings.pool_wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| tls::TlsError::Mode(e.to_string()))?;
        Ok(Self { pool, url, tls })
    }

    /// A connection of the pool, or `Unavailable` after the bounded wait.
    pub async fn get(&self) -> Result<impl std::ops::DerefMut<Target = Connection> + use<>, Error> {
        self.pool.get().await.map_err(|error| Error::Unavailable(error.to_string()))
    }

    /// Lets go of every connection; later use is answered with `Unavailable`.
    pub fn close(&self) {
        self.pool.close();
    }

    /// A connection of its own, without a statement time limit: for LISTEN, migrations and long jobs.
    pub async fn dedicated(&self) -> Result<Connection, Error> {
        connect(&self.url, self.tls.clone(), 0).await.map_err(|error| Error::Unavailable(error.to_string()))
    }

    /// Runs `work` in one transaction on one connection: commits on `Ok`, rolls back on `Err`.
    pub async fn transaction<T, E: From<Error>>(
        &self,
        work: impl AsyncFnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.get().await?;
        transaction(&mut connection, work).await
    }
}

/// Runs `work` in one transaction: commits on `Ok`, rolls back on `Err`.
pub async fn transaction<T, E: From<Error>>(
    connection: &mut Connection,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    AnsiTransactionManager::begin_transaction(connection).await.map_err(Error::from)?;
    match work(connection).await {
        Ok(value) => {
            AnsiTransactionManager::commit_transaction(connection).await.map_err(Error::from)?;
            Ok(value)
        }
        Err(error) => {
            // A rollback that fails leaves the connection marked broken, and the pool drops it.
            let _ = AnsiTransactionManager::rollback_transaction(connection).await;
            Err(error)
        }
    }
}

/// Advisory locks; the numbers only have to differ.
#[derive(Debug, Clone, Copy)]
#[repr(i64)]
pub enum Lock {
    Migrations = 0x6475_696a_6965_0001,
    Sequencer = 0x6475_696a_6965_0002,
    Seed = 0x6475_696a_6965_0003,
    Statistics = 0x6475_696a_6965_0004,
    Import = 0x6475_696a_6965_0005,
    Policies = 0x6475_696a_6965_0006,
    /// Held by a transaction that writes matches.
    MatchWriting = 0x6475_696a_6965_0007,
    /// Held by the connection of the process whose turn it is to write matches.
    MatchWriter = 0x6475_696a_6965_0008,
    PlatformApps = 0x6475_696a_6965_0030,
    SigningKeys = 0x6475_696a_6965_0141,
    Administrators = 0x6475_696a_6965_0142,
    ModerationPolicies = 0x6475_696a_6965_0401,
    Screening = 0x6475_696a_6965_0402,
    Webhooks = 0x6475_696a_6965_0501,
}

/// Waits for `lock` and holds it until the transaction ends.
pub async fn lock(connection: &mut Connection, lock: Lock) -> Result<(), Error> {
    let locking = diesel::sql_query("SELECT pg_advisory_xact_lock($1)");
    locking.bind::<diesel::sql_types::BigInt, _>(lock as i64).execute(connection).await?;
    Ok(())
}

/// Waits for `key` and holds it until the transaction ends.
pub async fn lock_key(connection: &mut Connection, key: i64) -> Result<(), Error> {
    let locking = diesel::sql_query("SELECT pg_advisory_xact_lock($1)");
    locking.bind::<diesel::sql_types::BigInt, _>(key).execute(connection).await?;
    Ok(())
}

/// Holds `key` until the transaction ends, or says at once that somebody else does.
pub async fn try_lock(connection: &mut Connection, key: i64) -> Result<bool, Error> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    let locking = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS locked");
    let row: Locked = locking.bind::<diesel::sql_types::BigInt, _>(key).get_result(connection).await?;
    Ok(row.locked)
}

/// Takes `key` for as long as the connection stands, unless somebody else holds it.
pub async fn try_lock_session(connection: &mut Connection, key: Lock) -> Result<bool, Error> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    let locking = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS locked");
    let row: Locked = locking.bind::<diesel::sql_types::BigInt, _>(key as i64).get_result(connection).await?;
    Ok(row.locked)
}

/// Asks the database for nothing.
pub async fn ping(connection: &mut Connection) -> Result<(), Error> {
    diesel::sql_query("SELECT 1").execute(connection).await?;
    Ok(())
}

/// The whole chain: by itself the error says no more than "db error".
fn cause(error: &tokio_postgres::Error) -> String {
    let chain = std::iter::successors(std::error::Error::source(error), |error| error.source());
    chain.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

async fn connect(
    url: &str,
    tls: rustls::ClientConfig,
    statement_ms: u128,
) -> diesel::ConnectionResult<AsyncPgConnection> {
    let failed = |error: tokio_postgres::Error| diesel::ConnectionError::BadConnection(cause(&error));
    let mut config: tokio_postgres::Config = url.parse().map_err(failed)?;
    let given = config.get_options().unwrap_or_default().to_owned();
    config
        .application_name("duijie")
        .connect_timeout(Duration::from_secs(2))
        .keepalives_idle(Duration::from_secs(15))
        .tcp_user_timeout(Duration::from_secs(10))
        .options(format!(
            "{given} -c statement_timeout={statement_ms} -c lock_timeout={statement_ms} \
             -c idle_in_transaction_session_timeout=15000 -c timezone=UTC"
        ));
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await.map_err(failed)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}
