//! A database per test, cloned from a migrated one: NOTIFY channels and advisory locks are per database, so schemas
//! would not keep tests apart.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use duijie::app::secrets::sha256;
use duijie::config::Config;
use duijie::startup::Store;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, OnceCell};
use tokio_postgres::{Client, NoTls};

use super::{SECRET_KEY, kinds};

const VARIABLE: &str = "DUIJIE_TEST_DATABASE_URL";
/// Two runs on one server make their template one after the other.
const LOCK: i64 = 0x6475_696a_6965_7465;

/// Dropped with the value.
pub struct TestDatabase {
    name: String,
    url: String,
    /// For statements past the application.
    client: Mutex<Option<Arc<Client>>>,
}

/// Of the connections that outlive a test's own runtime, and with it their use in destructors.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
/// Nobody who wants a database waits for one to be dropped.
static CREATING: OnceCell<Client> = OnceCell::const_new();
static DROPPING: OnceCell<Client> = OnceCell::const_new();

impl TestDatabase {
    /// With the present schema.
    pub async fn create() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(template).await;
        Self::create_from(template).await
    }

    /// Without any table.
    pub async fn create_empty() -> Self {
        Self::create_from("template0").await
    }

    async fn create_from(template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("duijie_test_{}_{number}", std::process::id());
        administer(&CREATING, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        // The other strategy writes every page into the log: ten times the work.
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        administer(&CREATING, &create).await.unwrap();
        let url = url_of(&name);
        Self { name, url, client: Mutex::default() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection of the caller's own.
    pub async fn connect(&self) -> Client {
        connect(&self.url).await
    }

    async fn client(&self) -> Arc<Client> {
        let mut client = self.client.lock().await;
        match &*client {
            Some(open) if !open.is_closed() => Arc::clone(open),
            _ => Arc::clone(client.insert(Arc::new(connect_for_long(&self.url).await.unwrap()))),
        }
    }

    /// Runs statements past the application.
    pub async fn execute(&self, sql: &str) {
        self.client().await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// The one value of a query, as text.
    pub async fn value(&self, sql: &str) -> String {
        let rows = self.client().await.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let row = rows.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("").to_owned()),
            _ => None,
        });
        row.unwrap_or_else(|| panic!("{sql}: no row"))
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.value(sql).await.parse().unwrap()
    }

    /// Throws every client out and admits no new one.
    pub async fn cut(&self) {
        let admin = connect(&server_url()).await;
        admin.batch_execute(&format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", self.name)).await.unwrap();
        self.terminate(&admin).await;
    }

    /// Throws every client out; they may come back.
    pub async fn interrupt(&self) {
        self.terminate(&connect(&server_url()).await).await;
    }

    /// Undoes [`Self::cut`].
    pub async fn restore(&self) {
        let admin = connect(&server_url()).await;
        admin.batch_execute(&format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", self.name)).await.unwrap();
    }

    async fn terminate(&self, admin: &Client) {
        self.client.lock().await.take();
        let sql = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $1";
        admin.query_one(sql, &[&self.name]).await.unwrap();
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (name, url, client) = (self.name.clone(), self.url.clone(), self.client.get_mut().take());
        // A destructor cannot wait inside the test's own runtime.
        let ended = std::thread::spawn(move || {
            RUNTIME.block_on(async {
                let silent = silent(client, &url).await;
                (silent, drop_database(&name).await)
            })
        });
        let ended = ended.join();
        if !std::thread::panicking() {
            let (silent, dropped) = ended.unwrap();
            assert!(dropped.is_ok(), "the test's database was not dropped: {dropped:?}");
            assert!(silent.is_empty(), "events that tell auditors too little: {silent:?}");
        }
    }
}

/// See [`kinds::silent`]; by the connection there is, as one that has just been made.
async fn silent(client: Option<Arc<Client>>, url: &str) -> Vec<String> {
    if let Some(client) = client
        && client.batch_execute("ROLLBACK").await.is_ok()
        && client.batch_execute("DISCARD ALL").await.is_ok()
    {
        return kinds::silent(&client).await;
    }
    // It may have been cut off.
    let Ok(client) = connect_for_long(url).await else { return vec![] };
    kinds::silent(&client).await
}

/// PostgreSQL looks every tenth of a second only whether those are gone whom it has thrown out.
async fn drop_database(name: &str) -> Result<(), tokio_postgres::Error> {
    let leave = format!(
        "DO $$ BEGIN
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';
            FOR tries IN 1..50 LOOP
                PERFORM pg_stat_clear_snapshot();
                EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}');
                PERFORM pg_sleep(0.002);
            END LOOP;
        END $$"
    );
    administer(&DROPPING, &leave).await?;
    administer(&DROPPING, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

/// Runs a statement over a connection all tests share.
async fn administer(connection: &OnceCell<Client>, sql: &str) -> Result<(), tokio_postgres::Error> {
    let client = connection.get_or_try_init(async || connect_for_long(&server_url()).await).await?;
    client.batch_execute(sql).await
}

fn server_url() -> String {
    match std::env::var(VARIABLE) {
        Ok(url) => url,
        Err(_) => panic!(
            "{VARIABLE} is not set: these tests need a PostgreSQL. Run `scripts/test`, or `scripts/with-postgres cargo test`."
        ),
    }
}

/// The server's URL with another database.
fn url_of(name: &str) -> String {
    let url = server_url();
    let (base, query) = url.split_once('?').unwrap_or((&url, ""));
    let (scheme, rest) = base.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}?{query}")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap_or_else(|error| panic!("{error:?}"));
    tokio::spawn(connection);
    client
}

/// The connection does not end with the runtime it is made in.
async fn connect_for_long(url: &str) -> Result<Client, tokio_postgres::Error> {
    let url = url.to_owned();
    let connected = RUNTIME.spawn(async move { tokio_postgres::connect(&url, NoTls).await });
    let (client, connection) = connected.await.unwrap()?;
    RUNTIME.spawn(connection);
    Ok(client)
}

/// Makes the template unless another run on this server has; its name tells what it was made from.
async fn template() -> String {
    let name = format!("duijie_template_{}", digest_of_sources());
    let admin = connect(&server_url()).await;
    admin.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
    let known = admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
    if known.is_none() {
        let building = format!("{name}_building");
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)")).await.unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {building} TEMPLATE template0")).await.unwrap();
        migrate(&url_of(&building)).await;
        // The first connection after a change of tables writes a file of the catalogue, which the copies then have.
        connect(&url_of(&building)).await.simple_query("VACUUM").await.unwrap();
        admin.batch_execute(&format!("ALTER DATABASE {building} WITH ALLOW_CONNECTIONS false")).await.unwrap();
        let gone = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $1";
        admin.query_one(gone, &[&building]).await.unwrap();
        admin.batch_execute(&format!("ALTER DATABASE {building} RENAME TO {name}")).await.unwrap();
    }
    name
}

async fn migrate(url: &str) {
    let settings = [("DATABASE_URL", url), ("DUIJIE_SECRET_KEY", SECRET_KEY)];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let store = Store::open(&Config::from_values(settings.into_iter().collect()).unwrap()).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
}

/// Of everything a fresh database is filled from.
fn digest_of_sources() -> String {
    let mut files = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["migrations", "data"] {
        collect(&root.join(folder), &mut files);
    }
    files.push(root.join("src/matching/policy.rs"));
    files.sort();
    let contents: Vec<u8> = files.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    sha256(&contents).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn collect(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
