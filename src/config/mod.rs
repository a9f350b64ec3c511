//! Settings: one documented struct per concern, read once from the environment and an optional file, passed down.
//!
//! A wrong value is refused at start with the name of its setting; so is a `DUIJIE_…` name nobody reads.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ipnet::IpNet;

use crate::domain::app_key::Environment;
use crate::domain::webhook_target::Reach;

/// The private PostgreSQL allows 60 connections; some are for jobs and commands beside the server.
const EMBEDDED_POOL: usize = 50;

mod files;
mod outgoing;
mod sandbox;
mod source;

/// actix logs every unreadable request head as an error of its own; any stranger could fill the log.
const DEFAULT_LOG: &str = "info,actix_http=off";

pub use files::{FilesConfig, S3};
pub use outgoing::{OutgoingConfig, Sink};
pub use sandbox::SandboxConfig;
pub use source::{ConfigErrors, Source};

/// Everything `duijie serve` reads.
#[derive(Debug, Clone)]
pub struct Config {
    pub database: DatabaseConfig,
    pub http: HttpConfig,
    pub market: MarketConfig,
    pub files: FilesConfig,
    pub outgoing: OutgoingConfig,
    pub log: LogConfig,
    pub sandbox: SandboxConfig,
}

#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`; none: the program keeps a private PostgreSQL in `data_dir`.
    pub url: Option<String>,
    /// `DUIJIE_DATA_DIR`; may already hold other files.
    pub data_dir: PathBuf,
    /// `DUIJIE_POOL_SIZE`, connections.
    pub pool_size: usize,
    /// `DUIJIE_SECRET_KEY`, 64 hexadecimal digits; made in the data folder when embedded.
    pub secret_key: Option<String>,
}

#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `DUIJIE_BIND`.
    pub bind: SocketAddr,
    /// `DUIJIE_METRICS_BIND`; none: not served.
    pub metrics_bind: Option<SocketAddr>,
    /// `DUIJIE_PUBLIC_URL`, for links that leave the API.
    pub public_url: Option<String>,
    /// `DUIJIE_TRUSTED_PROXIES`, networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `DUIJIE_CORS_ORIGINS`, browsers' origins that may call.
    pub cors_origins: Vec<String>,
    /// `DUIJIE_RATE_LIMIT`, `on` or `off`.
    pub rate_limit: bool,
    /// `DUIJIE_WORKERS`, HTTP threads.
    pub workers: usize,
}

#[derive(Debug, Clone)]
pub struct MarketConfig {
    /// `DUIJIE_MODERATION`.
    pub moderation: Moderation,
    /// `DUIJIE_UNVERIFIED_LISTING_CAP`, open listings of an unverified enterprise.
    pub unverified_listing_cap: i64,
    /// `DUIJIE_APP_REQUESTS_PER_MINUTE`, of an app for which no administrator set another quota.
    pub app_requests_per_minute: u32,
    /// `DUIJIE_APP_REQUESTS_PER_DAY`, the same for a day (UTC); none: no bound.
    pub app_requests_per_day: Option<u32>,
    /// Not a setting: see `sandbox`.
    pub environment: Environment,
    /// Not a setting: see `sandbox`.
    pub webhook_reach: Reach,
    /// `DUIJIE_READY_MOST_BEHIND`, seconds behind the event log up to which `/readyz` is 200.
    pub most_behind_seconds: u64,
}

pub use crate::domain::moderation::Moderation;

#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `RUST_LOG`.
    pub filter: String,
    /// `DUIJIE_LOG_FORMAT`, `json` or `text`.
    pub json: bool,
}

impl Config {
    /// Reads the environment over the file `DUIJIE_CONFIG` names (`NAME=value` lines), if any.
    pub fn from_environment() -> Result<Self, ConfigErrors> {
        Self::read(Source::from_environment()?)
    }

    /// Reads `values` alone.
    pub fn from_values(values: BTreeMap<String, String>) -> Result<Self, ConfigErrors> {
        Self::read(Source::new(values))
    }

    fn read(mut source: Source) -> Result<Self, ConfigErrors> {
        let config = Self {
            database: DatabaseConfig {
                url: source.checked(
                    "DATABASE_URL",
                    "a URL that begins with postgres:// or postgresql://",
                    postgres_url,
                ),
                data_dir: source.parsed("DUIJIE_DATA_DIR", "a folder").unwrap_or_else(default_data_dir),
                pool_size: source.within("DUIJIE_POOL_SIZE", 1..=1000).unwrap_or(16),
                secret_key: source.checked(
                    "DUIJIE_SECRET_KEY",
                    "64 hexadecimal digits (openssl rand -hex 32)",
                    hex_key,
                ),
            },
            http: HttpConfig {
                bind: source.parsed("DUIJIE_BIND", "address:port").unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
                metrics_bind: source.parsed("DUIJIE_METRICS_BIND", "address:port"),
                public_url: source.checked("DUIJIE_PUBLIC_URL", "a URL that begins with http:// or https://", web_url),
                trusted_proxies: source.list(
                    "DUIJIE_TRUSTED_PROXIES",
                    "networks such as 10.0.0.0/8, by commas",
                    network,
                ),
                cors_origins: source.list(
                    "DUIJIE_CORS_ORIGINS",
                    "origins such as https://app.example, by commas",
                    origin,
                ),
                rate_limit: source.one_of("DUIJIE_RATE_LIMIT", &[("on", true), ("off", false)]).unwrap_or(true),
                workers: source.within("DUIJIE_WORKERS", 1..=256).unwrap_or_else(cores),
            },
            market: MarketConfig {
                moderation: source.parsed("DUIJIE_MODERATION", "open, verified_first or review").unwrap_or_default(),
                unverified_listing_cap: source.within("DUIJIE_UNVERIFIED_LISTING_CAP", 0..=1_000_000).unwrap_or(1000),
                app_requests_per_minute: source.within("DUIJIE_APP_REQUESTS_PER_MINUTE", 1..=100_000).unwrap_or(600),
                app_requests_per_day: source.within("DUIJIE_APP_REQUESTS_PER_DAY", 1..=100_000_000),
                environment: Environment::Live,
                webhook_reach: Reach::Public,
                most_behind_seconds: source.within("DUIJIE_READY_MOST_BEHIND", 1..=86_400).unwrap_or(30),
            },
            files: FilesConfig::read(&mut source),
            outgoing: OutgoingConfig::read(&mut source),
            log: LogConfig {
                filter: source
                    .checked("RUST_LOG", "a filter such as info,duijie=debug", log_filter)
                    .unwrap_or_else(|| DEFAULT_LOG.into()),
                json: source.one_of("DUIJIE_LOG_FORMAT", &[("json", true), ("text", false)]).unwrap_or(false),
            },
            sandbox: SandboxConfig::read(&mut source),
        };
        if config.database.url.is_some() && config.database.secret_key.is_none() {
            source.refuse(
                "DUIJIE_SECRET_KEY",
                "is required with DATABASE_URL: 64 hexadecimal digits (openssl rand -hex 32)",
            );
        }
        if config.database.url.is_none() && config.database.pool_size > EMBEDDED_POOL {
            let reason = format!(
                "is at most {EMBEDDED_POOL} without DATABASE_URL: the private PostgreSQL has no more connections"
            );
            source.refuse("DUIJIE_POOL_SIZE", &reason);
        }
        source.finish(config)
    }
}

/// Outside the checkout: a server run as root keeps its data in `/var/lib`, a person in the folder for such data.
fn default_data_dir() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/duijie");
    }
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share"));
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
    base.unwrap_or_else(|| PathBuf::from("/tmp")).join("duijie")
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn postgres_url(text: &str) -> Option<String> {
    let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
    (known && tokio_postgres::Config::from_str(text.split('?').next().unwrap_or(text)).is_ok()).then(|| text.to_owned())
}

fn hex_key(text: &str) -> Option<String> {
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_owned())
}

fn web_url(text: &str) -> Option<String> {
    let known = text.starts_with("https://") || text.starts_with("http://");
    (known && !text.contains(char::is_whitespace)).then(|| text.trim_end_matches('/').to_owned())
}

/// A browser's `Origin`: scheme, host and port, nothing behind.
fn origin(text: &str) -> Option<String> {
    web_url(text).filter(|url| !url.split_once("://").is_some_and(|(_, rest)| rest.contains('/')))
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn log_filter(text: &str) -> Option<String> {
    tracing_subscriber::EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::from_values(values.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
    }

    #[test]
    fn nothing_set_is_a_working_configuration() {
        let config = read(&[]).map_err(|e| e.to_string());
        assert_eq!(config.map(|c| c.http.bind.to_string()), Ok("127.0.0.1:8080".to_owned()));
    }

    #[test]
    fn every_wrong_value_is_named() {
        let errors = read(&[
            ("DUIJIE_BIND", "8080"),
            ("DUIJIE_RATE_LIMIT", "maybe"),
            ("DUIJIE_POOL_SIZE", "0"),
            ("DUIJIE_TRUSTED_PROXIES", "10.0.0.0/8, x"),
            ("DATABASE_URL", "mysql://x"),
            ("DUIJIE_MODERATION", "strict"),
            ("DUIJIE_BNID", "127.0.0.1:1"),
            ("DUIJIE_SECRET_KEY", "secret"),
        ]);
        let text = errors.err().map(|e| e.to_string()).unwrap_or_default();
        for name in [
            "DUIJIE_BIND",
            "DUIJIE_RATE_LIMIT",
            "DUIJIE_POOL_SIZE",
            "DUIJIE_TRUSTED_PROXIES",
            "DATABASE_URL",
            "DUIJIE_MODERATION",
            "DUIJIE_BNID",
            "DUIJIE_SECRET_KEY",
        ] {
            assert!(text.contains(name), "{name} in {text}");
        }
        assert!(!text.contains("secret,"), "a secret is not repeated: {text}");
    }

    #[test]
    fn a_database_elsewhere_needs_a_key() {
        assert!(read(&[("DATABASE_URL", "postgres://u@h/d")]).is_err());
        let key = "0".repeat(64);
        assert!(read(&[("DATABASE_URL", "postgres://u@h/d?sslmode=verify-full"), ("DUIJIE_SECRET_KEY", &key)]).is_ok());
    }
}
