//! Rate limits, told in the fields of the IETF draft (`RateLimit-Policy`, `RateLimit`): per credential, and per address
//! for anonymous calls only. Signing up and signing in have a stricter bucket of their own, per address; apps a quota each, all
//! their tokens together. Buckets are this process's own; the quota of a day is counted for all processes together.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use chrono::Utc;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;
use uuid::Uuid;

use super::problem::Problem;

const WINDOW: Duration = Duration::from_secs(60);
/// Seconds of a day.
const DAY: i64 = 86_400;

pub struct Limits {
    enabled: bool,
    trusted_proxies: Vec<IpNet>,
    credentials: Bucket<Uuid>,
    anonymous: Bucket<IpAddr>,
    sign_in: Bucket<IpAddr>,
    /// Of apps, by their quota: few differ.
    apps: Mutex<HashMap<u32, Arc<Bucket<Uuid>>>>,
}

struct Bucket<K: std::hash::Hash + Eq + Clone> {
    name: &'static str,
    quota: NonZeroU32,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
}

/// How much of a bucket is left.
pub struct Standing {
    name: &'static str,
    quota: u32,
    remaining: u32,
}

const fn at_least_one(quota: u32) -> NonZeroU32 {
    match NonZeroU32::new(quota) {
        Some(quota) => quota,
        None => NonZeroU32::MIN,
    }
}

impl<K: std::hash::Hash + Eq + Clone> Bucket<K> {
    fn new(name: &'static str, quota: u32) -> Self {
        let quota = at_least_one(quota);
        let rate =
            Quota::with_period(WINDOW / quota.get()).unwrap_or_else(|| Quota::per_minute(quota)).allow_burst(quota);
        Self { name, quota, limiter: RateLimiter::dashmap(rate).with_middleware() }
    }

    fn check(&self, key: &K) -> Result<Standing, Problem> {
        match self.limiter.check_key(key) {
            Ok(snapshot) => Ok(Standing {
                name: self.name,
                quota: self.quota.get(),
                remaining: snapshot.remaining_burst_capacity(),
            }),
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
                let standing = Standing { name: self.name, quota: self.quota.get(), remaining: 0 };
                let problem =
                    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited").with("seconds", wait.to_string());
                let problem = problem.header(header::RETRY_AFTER, wait.to_string());
                Err(standing.fields().into_iter().fold(problem, |p, (name, value)| p.header(name, value)))
            }
        }
    }
}

impl Standing {
    fn fields(&self) -> [(HeaderName, String); 2] {
        let Standing { name, quota, remaining } = self;
        let window = WINDOW.as_secs();
        let until_full = (u64::from(quota - remaining) * window).div_ceil(u64::from(*quota));
        [
            (HeaderName::from_static("ratelimit-policy"), format!("\"{name}\";q={quota};w={window}")),
            (HeaderName::from_static("ratelimit"), format!("\"{name}\";r={remaining};t={until_full}")),
        ]
    }

    pub fn write_to(&self, headers: &mut HeaderMap) {
        for (name, value) in self.fields() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

/// Where apps show keys instead of tokens.
pub fn is_client_endpoint(path: &str) -> bool {
    matches!(path, "/v1/oauth/token" | "/v1/oauth/revoke")
}

impl Limits {
    pub fn new(enabled: bool, trusted_proxies: Vec<IpNet>) -> Self {
        Self {
            enabled,
            trusted_proxies,
            credentials: Bucket::new("credential", 1200),
            anonymous: Bucket::new("address", 600),
            sign_in: Bucket::new("sign-in", 60),
            apps: Mutex::default(),
        }
    }

    /// `None` where limits are off.
    pub fn check(
        &self,
        method: &Method,
        path: &str,
        credential: Option<Uuid>,
        address: IpAddr,
    ) -> Result<Option<Standing>, Problem> {
        if !self.enabled || matches!(path, "/livez" | "/readyz") {
            return Ok(None);
        }
        let signs_in = method == Method::POST
            && (matches!(path, "/v1/accounts" | "/v1/accounts/password-reset")
                || path.starts_with("/v1/sessions")
                || is_client_endpoint(path));
        match credential {
            _ if signs_in => self.sign_in.check(&address),
            Some(session) => self.credentials.check(&session),
            None => self.anonymous.check(&address),
        }
        .map(Some)
    }

    /// Counts a request of an app, whichever of its tokens it came with. `None` where limits are off.
    pub fn check_app(&self, app: Uuid, quota: u32) -> Result<Option<Standing>, Problem> {
        if !self.enabled {
            return Ok(None);
        }
        let bucket = {
            let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(apps.entry(quota).or_insert_with(|| Arc::new(Bucket::new("app", quota))))
        };
        bucket.check(&app).map(Some)
    }

    /// Refuses an app that was granted its `quota` for today (UTC).
    pub fn check_day(&self, granted: i64, quota: Option<u32>) -> Result<(), Problem> {
        let Some(quota) = quota.filter(|quota| self.enabled && granted >= i64::from(*quota)) else { return Ok(()) };
        let wait = DAY - Utc::now().timestamp().rem_euclid(DAY);
        let problem =
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "daily_quota_reached").with("quota", quota.to_string());
        Err(problem
            .header(header::RETRY_AFTER, wait.to_string())
            .header(HeaderName::from_static("ratelimit-policy"), format!("\"app-day\";q={quota};w={DAY}"))
            .header(HeaderName::from_static("ratelimit"), format!("\"app-day\";r=0;t={wait}")))
    }

    /// The peer, or what trusted proxies say stands before them.
    pub fn client_address(&self, request: &ServiceRequest) -> IpAddr {
        let trusted = |address: &IpAddr| self.trusted_proxies.iter().any(|net| net.contains(address));
        let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
        if !trusted(&peer) {
            return peer;
        }
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> =
            forwarded.flat_map(|list| list.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
        hops.into_iter().rev().find(|hop| !trusted(hop)).unwrap_or(peer)
    }

    /// Forgets clients whose buckets are full again; call it now and then.
    pub fn sweep(&self) {
        self.credentials.limiter.retain_recent();
        self.anonymous.limiter.retain_recent();
        self.sign_in.limiter.retain_recent();
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        apps.retain(|_, bucket| {
            bucket.limiter.retain_recent();
            !bucket.limiter.is_empty()
        });
    }
}
