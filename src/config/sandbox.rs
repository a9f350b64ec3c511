//! `--sandbox`: the same program as a second instance, on a database, an address and a data folder of its own.

use std::net::SocketAddr;

use super::{Config, ConfigErrors, Sink, Source, postgres_url, web_url};
use crate::domain::app_key::Environment;
use crate::domain::webhook_target::Reach;

/// What is different there; everything else is as for the market itself.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// `DUIJIE_SANDBOX_DATABASE_URL`; required with `DATABASE_URL`, and another one.
    pub database_url: Option<String>,
    /// `DUIJIE_SANDBOX_BIND`.
    pub bind: SocketAddr,
    /// `DUIJIE_SANDBOX_PUBLIC_URL`.
    pub public_url: Option<String>,
}

impl SandboxConfig {
    pub(super) fn read(source: &mut Source) -> Self {
        let (postgres, web) =
            ("a URL that begins with postgres:// or postgresql://", "a URL that begins with http:// or https://");
        Self {
            database_url: source.checked("DUIJIE_SANDBOX_DATABASE_URL", postgres, postgres_url),
            bind: source
                .parsed("DUIJIE_SANDBOX_BIND", "address:port")
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8081))),
            public_url: source.checked("DUIJIE_SANDBOX_PUBLIC_URL", web, web_url),
        }
    }
}

impl Config {
    /// The sandbox beside what this configures. It never touches the market's database or data folder.
    pub fn into_sandbox(mut self) -> Result<Self, ConfigErrors> {
        let refused = |reason: &str| Err(ConfigErrors(vec![format!("DUIJIE_SANDBOX_DATABASE_URL {reason}")]));
        match (&self.database.url, &self.sandbox.database_url) {
            (Some(_), None) => return refused("is required with DATABASE_URL: a sandbox has a database of its own"),
            (Some(market), Some(own)) if market == own => return refused("must not be that of DATABASE_URL"),
            _ => {}
        }
        self.database.url = self.sandbox.database_url.clone();
        self.database.data_dir.push("sandbox");
        self.http.bind = self.sandbox.bind;
        self.http.public_url = self.sandbox.public_url.clone();
        self.http.metrics_bind = None;
        // What is tried out reaches nobody, and lies beside nothing of the market.
        (self.outgoing.mail, self.outgoing.text) = (Sink::File, Sink::File);
        self.files.s3 = None;
        self.market.environment = Environment::Sandbox;
        // Whoever else reaches it must not reach through it what listens on this machine alone.
        let private =
            self.http.bind.ip().is_loopback() && self.http.public_url.as_deref().is_none_or(is_of_this_machine);
        self.market.webhook_reach = if private { Reach::Loopback } else { Reach::Public };
        Ok(self)
    }
}

fn is_of_this_machine(url: &str) -> bool {
    match url::Url::parse(url).ok().as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox(values: &[(&str, &str)]) -> Result<Config, String> {
        let values = values.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Config::from_values(values).and_then(Config::into_sandbox).map_err(|errors| errors.to_string())
    }

    #[test]
    fn it_has_a_folder_of_its_own() {
        let config = sandbox(&[("DUIJIE_DATA_DIR", "/srv/duijie"), ("DUIJIE_METRICS_BIND", "127.0.0.1:9090")]);
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.database.data_dir, std::path::Path::new("/srv/duijie/sandbox"));
        assert_eq!(config.http.bind.to_string(), "127.0.0.1:8081");
        assert!(config.http.metrics_bind.is_none() && config.market.environment == Environment::Sandbox);
    }

    #[test]
    fn only_one_that_nobody_else_reaches_sends_to_its_own_machine() {
        let reach = |values: &[(&str, &str)]| sandbox(values).map(|config| config.market.webhook_reach);
        assert_eq!(reach(&[]), Ok(Reach::Loopback));
        for url in ["http://localhost:8081", "http://127.0.0.1:8081", "http://[::1]:8081"] {
            assert_eq!(reach(&[("DUIJIE_SANDBOX_PUBLIC_URL", url)]), Ok(Reach::Loopback), "{url}");
        }
        for url in ["https://sandbox.duijie.example", "http://127.0.0.1.example", "http://10.0.0.1:8081"] {
            assert_eq!(reach(&[("DUIJIE_SANDBOX_PUBLIC_URL", url)]), Ok(Reach::Public), "{url}");
        }
        for bind in ["0.0.0.0:8081", "[::]:8081", "10.0.0.1:8081"] {
            assert_eq!(reach(&[("DUIJIE_SANDBOX_BIND", bind)]), Ok(Reach::Public), "{bind}");
        }
    }

    #[test]
    fn it_never_works_on_the_markets_database() {
        let key = "0".repeat(64);
        let market = [("DATABASE_URL", "postgres://u@h/market"), ("DUIJIE_SECRET_KEY", &key)];
        let with = |own: &'static str| {
            let mut values = market.to_vec();
            values.push(("DUIJIE_SANDBOX_DATABASE_URL", own));
            sandbox(&values)
        };
        assert!(sandbox(&market).is_err_and(|error| error.contains("is required")));
        assert!(with("postgres://u@h/market").is_err_and(|error| error.contains("must not be")));
        assert_eq!(with("postgres://u@h/sandbox").map(|c| c.database.url), Ok(Some("postgres://u@h/sandbox".into())));
    }
}
