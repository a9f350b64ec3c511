//! Whether an endpoint's URL may be sent to, asked when it is written. `outgoing` asks again at every attempt, about the very
//! addresses it connects to: what a name leads to may have changed since.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};

use crate::app::App;
use crate::domain::app_key::Environment;
use crate::domain::violation::Violations;
use crate::domain::webhook_target::{Reach, Target};

/// What addresses a name has.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Whoever writes the URL waits for its name no longer than that.
const PATIENCE: Duration = Duration::from_millis(1500);

/// As this machine resolves names.
pub fn system() -> Lookup {
    Arc::new(|name: String| {
        let resolving = async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        };
        resolving.boxed()
    })
}

impl Environment {
    /// How far webhooks go from there.
    pub fn reach(self) -> Reach {
        match self {
            Self::Live => Reach::Public,
            Self::Sandbox => Reach::Loopback,
        }
    }
}

impl App {
    /// Whether a URL that somebody wrote may be sent to; none: nothing was written.
    pub async fn check_webhook_target(&self, url: Option<&str>) -> Result<(), Violations> {
        match url {
            Some(url) => check(url, self.policy.environment.reach(), &system()).await,
            None => Ok(()),
        }
    }
}

/// A name that does not resolve, or not in time, is taken: the receiver may be on its way.
pub async fn check(url: &str, reach: Reach, lookup: &Lookup) -> Result<(), Violations> {
    let target = Target::parse(url, reach).map_err(|code| Violations::one("/url", code))?;
    let Some(name) = target.name() else { return Ok(()) };
    let addresses = match tokio::time::timeout(PATIENCE, lookup(name.to_owned())).await {
        Ok(Ok(addresses)) => addresses,
        _ => return Ok(()),
    };
    match addresses.iter().all(|address| target.admits(*address)) {
        true => Ok(()),
        false => Err(Violations::one("/url", "webhook_target_refused")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(addresses: &[&str]) -> Lookup {
        let found: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(move |_| futures_util::future::ready(Ok(found.clone())).boxed())
    }

    async fn refusal(url: &str, lookup: &Lookup) -> Option<&'static str> {
        let checked = check(url, Reach::Public, lookup).await;
        checked.err().and_then(|faults| faults.iter().next().map(|fault| fault.code))
    }

    #[tokio::test]
    async fn a_name_is_as_good_as_the_worst_of_its_addresses() {
        let url = "https://erp.example/hook";
        for addresses in [&["8.8.8.8"][..], &["2606:4700::1111", "8.8.8.8"], &[]] {
            assert_eq!(refusal(url, &finds(addresses)).await, None, "{addresses:?}");
        }
        for addresses in [&["127.0.0.1"][..], &["8.8.8.8", "10.0.0.1"], &["::ffff:8.8.8.8"], &["fd00::1", "8.8.8.8"]] {
            assert_eq!(refusal(url, &finds(addresses)).await, Some("webhook_target_refused"), "{addresses:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_taken() {
        let unknown: Lookup = Arc::new(|_| futures_util::future::ready(Err(io::ErrorKind::NotFound.into())).boxed());
        assert_eq!(refusal("https://not-yet.example/", &unknown).await, None);
        let silent: Lookup = Arc::new(|_| futures_util::future::pending().boxed());
        assert_eq!(refusal("https://not-yet.example/", &silent).await, None);
    }
}
