//! The only place that puts the parts together: configuration → database → application → HTTP server and jobs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use object_store::aws::AmazonS3Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::webhooks::targets;
use crate::app::{self, App, Knowledge, Policy, files, secrets::Secrets};
use crate::config::{self, Config, DatabaseConfig, Sink};
use crate::db::embedded::{EmbeddedError, EmbeddedServer};
use crate::db::{self, Database};
use crate::domain::app_key::Environment;
use crate::outgoing::webhooks::{Courier, Limits};
use crate::outgoing::{Channel, FileSink, Gateway, Outgoing, Smtp};
use crate::{http, jobs};

pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The database the configuration names, running.
pub struct Store {
    pub database: Database,
    secret: [u8; 32],
    /// A `serve` of the same data folder runs beside this process.
    pub beside_server: bool,
    embedded: Option<EmbeddedServer>,
}

impl Store {
    /// Connects, starting the private PostgreSQL where no `DATABASE_URL` is given.
    pub async fn open(config: &Config) -> Result<Self, Fault> {
        let (url, embedded) = match &config.database.url {
            Some(url) => (url.clone(), None),
            None => {
                let server = EmbeddedServer::start(&config.database.data_dir).await?;
                (server.url().to_owned(), Some(server))
            }
        };
        let secret = secret_key(&config.database)?;
        let database = Database::new(&settings(&config.database, url))?;
        Ok(Self { database, secret, beside_server: false, embedded })
    }

    /// The same for a command that may run beside a `serve` on the same data folder: it then uses that one's database.
    pub async fn open_beside(config: &Config) -> Result<Self, Fault> {
        match Self::open(config).await {
            Err(fault) if matches!(fault.downcast_ref(), Some(EmbeddedError::Locked { .. })) => {
                let url = EmbeddedServer::attach(&config.database.data_dir).await.ok_or(fault)?;
                let (secret, database) =
                    (secret_key(&config.database)?, Database::new(&settings(&config.database, url))?);
                Ok(Self { database, secret, beside_server: true, embedded: None })
            }
            opened => opened,
        }
    }

    /// Applies pending migrations.
    pub async fn migrate(&self) -> Result<(), Fault> {
        for name in db::migrations::up(&self.database).await? {
            tracing::info!(name, "migration applied");
        }
        app::reference::seed(&self.database).await.map_err(|error| format!("{error:?}"))?;
        app::policies::seed(&self.database).await.map_err(|error| format!("{error:?}"))?;
        Ok(())
    }

    /// Reads the reference data.
    pub async fn knowledge(&self) -> Result<Arc<Knowledge>, Fault> {
        let knowledge = Knowledge::load(&self.database).await.map_err(|error| format!("{error:?}"))?;
        Ok(Arc::new(knowledge))
    }

    /// Loading the market replaces `knowledge` where the database has come to hold other reference data.
    pub async fn app(&self, config: &Config, knowledge: Arc<Knowledge>) -> Result<App, Fault> {
        let config::MarketConfig { unverified_listing_cap, moderation, most_behind_seconds, .. } = config.market;
        let config::MarketConfig { app_requests_per_minute, app_requests_per_day, environment, webhook_reach, .. } =
            config.market;
        let most_behind = Duration::from_secs(most_behind_seconds);
        let file_quota = config.files.quota_mb << 20;
        let nameless = match environment {
            Environment::Live => "urn:duijie",
            Environment::Sandbox => "urn:duijie:sandbox",
        };
        let event_source = config.http.public_url.clone().unwrap_or_else(|| nameless.to_owned());
        let policy = Policy {
            unverified_listing_cap,
            moderation,
            most_behind,
            app_requests_per_minute,
            app_requests_per_day,
            environment,
            webhook_reach,
            file_quota,
            event_source,
            ..Policy::default()
        };
        let secrets = Secrets::new(self.secret);
        // Whatever is signed for the market is worth nothing at the sandbox, also where both have one secret key.
        let secrets = match environment {
            Environment::Live => secrets,
            Environment::Sandbox => Secrets::new(secrets.derive("sandbox")),
        };
        let app = App::new(self.database.clone(), knowledge, secrets, file_store(config)?, policy);
        app.ensure_keys().await.map_err(|error| format!("{error:?}"))?;
        Ok(app)
    }

    /// The ways out of the installation.
    pub fn outgoing(&self, config: &Config) -> Result<Outgoing, Fault> {
        let settings = &config.outgoing;
        let file = || Channel::File(FileSink { path: config.database.data_dir.join("outgoing.jsonl") });
        let mail = match &settings.mail {
            Sink::File => file(),
            Sink::Log => Channel::Log,
            Sink::Url(url) => Channel::Smtp(Smtp::new(url, settings.mail_from.as_deref().unwrap_or_default())?),
        };
        let text = match &settings.text {
            Sink::File => file(),
            Sink::Log => Channel::Log,
            Sink::Url(url) => {
                let signature = settings.text_signature.clone().unwrap_or_default();
                let (key, templates) = (settings.text_key.as_deref(), settings.text_templates.clone());
                Channel::Gateway(Gateway::new(url.clone(), key, signature, templates)?)
            }
        };
        let lookup = targets::system(targets::SENT);
        let webhooks = Courier::new(config.market.webhook_reach, Limits::default(), lookup)?;
        Ok(Outgoing { mail, text, webhooks })
    }

    /// Stops the private PostgreSQL, if there is one.
    pub async fn close(self) {
        let Self { database, embedded, .. } = self;
        database.close();
        if let Some(server) = embedded {
            server.stop().await;
        }
    }
}

/// The folder `files` in the data folder, unless the configuration names an S3-compatible store.
fn file_store(config: &Config) -> Result<files::Store, Fault> {
    let Some(s3) = &config.files.s3 else {
        let folder = config.database.data_dir.join("files");
        return files::Store::folder(&folder).map_err(|error| format!("{}: {error}", folder.display()).into());
    };
    // Its HTTP client takes the provider of the process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = AmazonS3Builder::new()
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_access_key_id(&s3.key_id)
        .with_secret_access_key(&s3.key);
    let builder = match &s3.endpoint {
        // A store beside the program may do without TLS.
        Some(endpoint) => builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://")),
        None => builder,
    };
    Ok(files::Store::new(Arc::new(builder.build()?)))
}

fn settings(config: &DatabaseConfig, url: String) -> db::Settings {
    let (pool_wait, statement_timeout) = (Duration::from_secs(1), Duration::from_secs(5));
    db::Settings { url, pool_size: config.pool_size, pool_wait, statement_timeout }
}

/// `DUIJIE_SECRET_KEY`, else the key in the data folder, made on first use.
fn secret_key(config: &DatabaseConfig) -> Result<[u8; 32], Fault> {
    let text = match &config.secret_key {
        Some(text) => text.clone(),
        None => kept_key(&config.data_dir.join("secret.key"))?,
    };
    decode_hex(&text).ok_or_else(|| "the secret key is not 64 hexadecimal digits".into())
}

fn kept_key(path: &Path) -> Result<String, Fault> {
    let named = |error: std::io::Error| -> Fault { format!("{}: {error}", path.display()).into() };
    if !path.exists() {
        make_key(path).map_err(named)?;
    }
    Ok(std::fs::read_to_string(path).map_err(named)?.trim().to_owned())
}

/// Whole or not at all: a key cut short by a crash would bar every later start.
fn make_key(path: &Path) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let partial = path.with_extension(format!("partial-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    let bytes: [u8; 32] = rand::random();
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Linking fails where another process was faster; its key is then the key.
    let linked = std::fs::hard_link(&partial, path);
    std::fs::remove_file(&partial)?;
    match linked {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Serves until SIGINT or SIGTERM: stops accepting, lets requests under way finish, sequences what they wrote, and stops
/// the private PostgreSQL last.
pub async fn serve(config: Config) -> Result<(), Fault> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    if let Some(address) = config.http.metrics_bind {
        serve_metrics(address)?;
    }
    let store = Store::open(&config).await?;
    let outcome = serve_store(&config, &store, async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
    .await;
    store.close().await;
    outcome
}

async fn serve_store(config: &Config, store: &Store, stopped: impl Future<Output = ()>) -> Result<(), Fault> {
    store.migrate().await?;
    let app = Arc::new(store.app(config, store.knowledge().await?).await?);
    let outgoing = store.outgoing(config)?;
    if app.policy.environment == Environment::Sandbox {
        let listings = app.load_demo().await.map_err(|error| format!("{error:?}"))?;
        tracing::info!(listings, "sandbox: the demo city is there");
    }
    let serving = http::serve(Arc::clone(&app), config.http.clone())?;
    app.load_market().await.map_err(|error| format!("{error:?}"))?;
    let (stop, stopping) = watch::channel(false);
    let jobs = jobs::spawn(Arc::clone(&app), stopping.clone());
    let deliveries = jobs::spawn_deliveries(Arc::clone(&app), outgoing, stopping);
    tracing::info!(address = %serving.address, "ready: http://{}/docs/", serving.address);
    let handle = serving.handle.clone();
    let server = tokio::spawn(serving.done);
    stopped.await;
    tracing::info!("stopping: requests under way may finish");
    app.drain();
    handle.stop(true).await;
    server.await??;
    stop.send_replace(true);
    tokio::task::spawn_blocking(move || jobs.join().and(deliveries.join())).await?.map_err(|_| "a job panicked")?;
    app.write_usage().await.map_err(|error| format!("{error:?}"))?;
    jobs::number(&app).await.map_err(|error| format!("{error:?}"))?;
    tracing::info!("stopped");
    Ok(())
}

/// `/metrics` for Prometheus, on its own address.
fn serve_metrics(address: SocketAddr) -> Result<(), Fault> {
    let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    PrometheusBuilder::new()
        .with_http_listener(address)
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)?
        .install()
        .map_err(|error| format!("DUIJIE_METRICS_BIND: {error}"))?;
    Ok(())
}
