//! Webhooks: one request for each attempt, to an address that was checked, and to no other.
//!
//! The client asks `Checked` for addresses and connects to what it gets: there is no second look that could lead elsewhere.
//! It keeps no connection, follows no redirect and knows no proxy.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use chrono::{SubsecRound, Utc};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use crate::app::webhooks::sending::{Outcome, Sending};
use crate::app::webhooks::targets::Lookup;
use crate::domain::webhook::WebhookError;
use crate::domain::webhook_target::{Reach, Target, admits};

mod dispatch;

pub use dispatch::deliver;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const MEDIA_TYPE: &str = "application/cloudevents+json; charset=utf-8";
const AGENT: &str = concat!("Duijie-Webhooks/", env!("CARGO_PKG_VERSION"));

/// What an attempt may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For all of it, from the name to the end of the answer.
    pub time: Duration,
    /// Of the answer's content that are read.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(15), bytes: 64 << 10 }
    }
}

#[derive(Clone)]
pub struct Courier {
    encrypted: Client,
    /// To this machine alone.
    plain: Client,
    reach: Reach,
    limits: Limits,
}

impl Courier {
    pub fn new(reach: Reach, limits: Limits, lookup: Lookup) -> Result<Self, String> {
        // The same implementation as towards the database. An error means that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |encrypted: bool, trusting: bool| {
            let builder = Client::builder().timeout(limits.time).redirect(Policy::none()).no_proxy();
            let builder = builder.pool_max_idle_per_host(0).https_only(encrypted).referer(false);
            let builder = builder.dns_resolver(Checked { lookup: lookup.clone(), reach, encrypted });
            // Reading the system's certificates takes longer than the rest.
            if trusting { builder.build() } else { builder.tls_certs_only([]).build() }
        };
        let encrypted = client(true, true).or_else(|error| {
            // The program serves all the same; it believes no receiver.
            tracing::error!(?error, "no webhook can be sent: are the system's certificates installed?");
            client(true, false)
        });
        let plain = client(false, false).map_err(|error| error.to_string())?;
        Ok(Self { encrypted: encrypted.map_err(|error| error.to_string())?, plain, reach, limits })
    }

    /// One attempt.
    pub async fn send(&self, sending: &Sending) -> Outcome {
        let (at, started) = (Utc::now().trunc_subsecs(6), Instant::now());
        let answered = match sending.signature(at) {
            Some(signature) => {
                let head = [
                    (ID, sending.event_id().to_string()),
                    (TIMESTAMP, at.timestamp().to_string()),
                    (SIGNATURE, signature),
                ];
                self.post(sending.url(), head, sending.body().to_owned()).await
            }
            None => Err((None, WebhookError::SecretUnreadable)),
        };
        let duration_ms = i32::try_from(started.elapsed().as_millis()).unwrap_or(i32::MAX);
        let (response_status, error) = match answered {
            Ok(status) => (Some(status), None),
            Err((status, error)) => (status, Some(error)),
        };
        Outcome { at, duration_ms, response_status, error }
    }

    /// The status of a success; else the status, if there was one, and what went wrong.
    pub async fn post<const N: usize>(
        &self,
        url: &str,
        head: [(HeaderName, String); N],
        body: String,
    ) -> Result<u16, (Option<u16>, WebhookError)> {
        let target = Target::parse(url, self.reach).map_err(|_| (None, WebhookError::TargetRefused))?;
        let client = if target.is_encrypted() { &self.encrypted } else { &self.plain };
        let request = client.post(target.url).header(CONTENT_TYPE, MEDIA_TYPE).header(USER_AGENT, AGENT);
        let request = head.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.body(body).send().await.map_err(|error| (None, fault(&error)))?;
        let status = response.status();
        self.read(response).await.map_err(|error| (Some(status.as_u16()), fault(&error)))?;
        match status.as_u16() {
            200..=299 => Ok(status.as_u16()),
            300..=399 => Err((Some(status.as_u16()), WebhookError::Redirected)),
            410 => Err((Some(410), WebhookError::Gone)),
            other => Err((Some(other), WebhookError::StatusRefused)),
        }
    }

    /// Reads the answer so that its sender comes to an end, but no more than the bound; nothing is made of it.
    async fn read(&self, mut response: Response) -> Result<usize, reqwest::Error> {
        let mut length = 0;
        while let Some(chunk) = response.chunk().await? {
            length += chunk.len();
            if length >= self.limits.bytes {
                break;
            }
        }
        Ok(length)
    }
}

fn fault(error: &reqwest::Error) -> WebhookError {
    let first = std::error::Error::source(error);
    let found = std::iter::successors(first, |error| error.source()).find_map(|error| error.downcast_ref::<NotFound>());
    match found {
        Some(NotFound::Refused) => WebhookError::TargetRefused,
        Some(NotFound::Unknown) => WebhookError::NameUnresolved,
        None if error.is_timeout() => WebhookError::TimedOut,
        None => WebhookError::ConnectionFailed,
    }
}

/// Names have the addresses that may be connected to, or none.
struct Checked {
    lookup: Lookup,
    reach: Reach,
    encrypted: bool,
}

#[derive(Debug, thiserror::Error)]
enum NotFound {
    #[error("the name does not resolve")]
    Unknown,
    #[error("the name has an address that may not be sent to")]
    Refused,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (finding, reach, encrypted) = ((self.lookup)(name.as_str().to_owned()), self.reach, self.encrypted);
        Box::pin(async move {
            let addresses: Vec<IpAddr> = finding.await.map_err(|_| NotFound::Unknown)?;
            if addresses.is_empty() {
                return Err(NotFound::Unknown.into());
            }
            if !addresses.iter().all(|address| admits(reach, encrypted, *address)) {
                return Err(NotFound::Refused.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
