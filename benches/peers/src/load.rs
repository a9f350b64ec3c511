//! HTTP load: `peers load BASE_URL DATABASE_URL LISTINGS RATE SECONDS [CONNECTIONS…]`.
//!
//! Open loop: requests are due at a fixed rate whether or not earlier ones are answered, and a time is measured from
//! when its request was due (no coordinated omission). Closed loop: so many connections, each asking again as soon as it
//! is answered. Asked is `GET /v1/listings/{id}/matches`, by an account of the listing's enterprise, over listings drawn
//! at random.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seed::appoint;
use crate::times::Times;
use crate::{Fault, connect};

const ACCOUNTS: usize = 20;
/// Listings asked about.
const ASKED: u64 = 5000;
const WARM_UP: Duration = Duration::from_secs(5);

pub struct Plan {
    pub base: String,
    pub database: String,
    pub listings: u64,
    /// Requests a second.
    pub rate: f64,
    pub seconds: u64,
    pub connections: Vec<usize>,
}

/// What one kind of load came to.
struct Outcome {
    times: Times,
    failures: usize,
    /// How many failed with which status, `-` for none.
    reasons: BTreeMap<String, usize>,
    bytes: usize,
    seconds: f64,
}

struct Target {
    client: Client,
    requests: Vec<(String, String)>,
    /// `Accept-Encoding`, for what compression costs.
    encoding: Option<String>,
    next: AtomicUsize,
}

pub async fn load(plan: Plan) -> Result<String, Fault> {
    let target = Arc::new(prepare(&plan).await?);
    open_loop(&target, plan.rate, WARM_UP).await?;
    let mut out =
        format!("{:<36}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "over HTTP, ms", "p50", "p95", "p99", "req/s", "failed");
    let outcome = open_loop(&target, plan.rate, Duration::from_secs(plan.seconds)).await?;
    out.push_str(&row(&format!("{} a second, from when due", plan.rate), &outcome));
    for connections in plan.connections {
        let outcome = closed_loop(&target, connections, Duration::from_secs(plan.seconds / 2)).await?;
        out.push_str(&row(&format!("{connections} connections, closed loop"), &outcome));
    }
    out.push_str(&format!(
        "answers of {:.1} KB on average\n",
        outcome.bytes as f64 / 1e3 / outcome.times.count().max(1) as f64
    ));
    Ok(out)
}

fn row(name: &str, outcome: &Outcome) -> String {
    let rate = outcome.times.count() as f64 / outcome.seconds;
    let reasons: String = outcome.reasons.iter().map(|(reason, count)| format!("  {reason}: {count}")).collect();
    format!("{name:<36}{}{rate:>10.0}{:>10}{reasons}\n", outcome.times.line(), outcome.failures)
}

async fn prepare(plan: &Plan) -> Result<Target, Fault> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(Duration::from_secs(30)).pool_max_idle_per_host(512).build()?;
    let (mut accounts, mut tokens) = (Vec::new(), Vec::new());
    for number in 0..ACCOUNTS {
        let email = format!("bench-{number}-{}@example.org", Uuid::now_v7().simple());
        let secret = json!({"email": email, "password": "correct horse 对接 staple", "display_name": "Bench"});
        let account = post(&client, &format!("{}/v1/accounts", plan.base), &secret).await?;
        accounts.push(account["id"].as_str().unwrap_or_default().parse::<Uuid>()?);
        let login = json!({"email": email, "password": secret["password"]});
        let session = post(&client, &format!("{}/v1/sessions", plan.base), &login).await?;
        tokens.push(format!("Bearer {}", session["access_token"].as_str().unwrap_or_default()));
    }
    let database = connect(&plan.database).await?;
    let asked = appoint(&database, &accounts, plan.listings, ASKED).await?;
    let request = |(listing, account): (Uuid, usize)| {
        (format!("{}/v1/listings/{listing}/matches", plan.base), tokens[account].clone())
    };
    let encoding = std::env::var("BENCH_ACCEPT_ENCODING").ok();
    Ok(Target { client, requests: asked.into_iter().map(request).collect(), encoding, next: AtomicUsize::new(0) })
}

async fn post(client: &Client, url: &str, body: &Value) -> Result<Value, Fault> {
    let response = client.post(url).header(CONTENT_TYPE, "application/json").body(body.to_string()).send().await?;
    let (status, text) = (response.status(), response.text().await?);
    if !status.is_success() {
        return Err(format!("{url}: {status} {text}").into());
    }
    Ok(serde_json::from_str(&text)?)
}

impl Target {
    /// The size of a good answer, or the status of another.
    async fn ask(&self) -> Result<usize, String> {
        let (url, token) = &self.requests[self.next.fetch_add(1, Ordering::Relaxed) % self.requests.len()];
        let mut request = self.client.get(url).header(AUTHORIZATION, token);
        if let Some(encoding) = &self.encoding {
            request = request.header(ACCEPT_ENCODING, encoding);
        }
        let unanswered = |_| "-".to_owned();
        let response = request.send().await.map_err(unanswered)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unanswered)?;
        if status.is_success() { Ok(body.len()) } else { Err(status.as_u16().to_string()) }
    }
}

async fn open_loop(target: &Arc<Target>, rate: f64, length: Duration) -> Result<Outcome, Fault> {
    let (start, count) = (Instant::now(), (rate * length.as_secs_f64()) as u32);
    let mut asked = Vec::with_capacity(count as usize);
    for number in 0..count {
        let due = start + Duration::from_secs_f64(f64::from(number) / rate);
        tokio::time::sleep_until(due.into()).await;
        let target = Arc::clone(target);
        asked.push(tokio::spawn(async move {
            let size = target.ask().await;
            (due.elapsed(), size)
        }));
    }
    let mut answers = Vec::with_capacity(asked.len());
    for answer in asked {
        answers.push(answer.await?);
    }
    Ok(Outcome::of(answers, start.elapsed()))
}

async fn closed_loop(target: &Arc<Target>, connections: usize, length: Duration) -> Result<Outcome, Fault> {
    let start = Instant::now();
    let connection = |_| {
        let target = Arc::clone(target);
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while start.elapsed() < length {
                let asked = Instant::now();
                let size = target.ask().await;
                answers.push((asked.elapsed(), size));
            }
            answers
        })
    };
    let asking: Vec<_> = (0..connections).map(connection).collect();
    let mut answers = Vec::new();
    for connection in asking {
        answers.extend(connection.await?);
    }
    Ok(Outcome::of(answers, start.elapsed()))
}

impl Outcome {
    fn of(answers: Vec<(Duration, Result<usize, String>)>, length: Duration) -> Self {
        let mut reasons = BTreeMap::new();
        for reason in answers.iter().filter_map(|(_, size)| size.as_ref().err()) {
            *reasons.entry(reason.clone()).or_default() += 1;
        }
        let failures = reasons.values().sum();
        let bytes = answers.iter().filter_map(|(_, size)| size.as_ref().ok()).sum();
        let times = Times::of(answers.into_iter().map(|(time, _)| time).collect());
        Self { times, failures, reasons, bytes, seconds: length.as_secs_f64() }
    }
}
