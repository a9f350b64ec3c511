//! Whether an endpoint's URL may be sent to, asked when it is written. `outgoing` asks again at every attempt, about the very
//! addresses it connects to: what a name leads to may have changed since.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::domain::violation::Violations;
use crate::domain::webhook_target::{Reach, Target};

/// What addresses a name has.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Whoever writes the URL waits for its name no longer than that.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Names of URLs that somebody writes, resolved at a time.
pub const WRITTEN: usize = 32;
/// The same of those that are sent to.
pub const SENT: usize = 256;

/// As this machine resolves names, at most so many at a time: each takes a thread until its servers have answered or the system
/// gives up, which whoever owns a name can make last, however soon he that asked goes away.
pub fn system(most: usize) -> Lookup {
    bounded(most, |name| Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
}

fn bounded(most: usize, resolve: fn(&str) -> io::Result<Vec<IpAddr>>) -> Lookup {
    let free = Arc::new(Semaphore::new(most));
    Arc::new(move |name: String| {
        let free = Arc::clone(&free);
        let resolving = async move {
            let permit = free.acquire_owned().await.map_err(io::Error::other)?;
            let resolving = move || {
                let _permit = permit;
                resolve(&name)
            };
            tokio::task::spawn_blocking(resolving).await.map_err(io::Error::other)?
        };
        resolving.boxed()
    })
}

impl App {
    /// Whether a URL that somebody wrote may be sent to; none: nothing was written.
    pub async fn check_webhook_target(&self, url: Option<&str>) -> Result<(), Violations> {
        match url {
            Some(url) => check(url, self.policy.webhook_reach, &self.lookup).await,
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
    use std::sync::atomic::{AtomicUsize, Ordering};

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

    /// Those that asked have long gone away.
    #[tokio::test]
    async fn names_that_take_their_time_take_no_more_threads_than_they_may() {
        static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let lookup = bounded(3, |_| {
            MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(50));
            UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
            Ok(vec![])
        });
        for _ in 0..12 {
            let _ = tokio::time::timeout(Duration::from_millis(5), lookup("receiver.slow.example".to_owned())).await;
        }
        assert!(lookup("receiver.slow.example".to_owned()).await.is_ok());
        assert_eq!(MOST.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_taken() {
        let unknown: Lookup = Arc::new(|_| futures_util::future::ready(Err(io::ErrorKind::NotFound.into())).boxed());
        assert_eq!(refusal("https://not-yet.example/", &unknown).await, None);
        let silent: Lookup = Arc::new(|_| futures_util::future::pending().boxed());
        assert_eq!(refusal("https://not-yet.example/", &silent).await, None);
    }
}
