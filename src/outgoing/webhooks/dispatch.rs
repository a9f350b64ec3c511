//! Many deliveries at a time, each a task of its own: a slow receiver holds up none but itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::Courier;
use crate::app::webhooks::sending::Sending;
use crate::app::{App, Error};

/// Under way in this process at a time.
const MOST: usize = 64;
/// While some are under way, what has become due is looked for this often.
const LOOKING: Duration = Duration::from_secs(1);

/// Sends what is due; returns when nothing is, and nothing is under way. Takes nothing more once `stopping`.
pub async fn deliver(app: &Arc<App>, courier: &Courier, stopping: impl Fn() -> bool) -> Result<(), Error> {
    let mut under_way: JoinSet<Result<(), Error>> = JoinSet::new();
    let mut failure = None;
    loop {
        let room = MOST - under_way.len();
        if room > 0 && failure.is_none() && !stopping() {
            match app.take_webhook_deliveries(room).await {
                Ok(taken) => {
                    for sending in taken {
                        let (app, courier) = (Arc::clone(app), courier.clone());
                        under_way.spawn(async move { deliver_one(&app, &courier, &sending).await });
                    }
                }
                Err(error) => failure = Some(error),
            }
        }
        if under_way.is_empty() {
            return failure.map_or(Ok(()), Err);
        }
        tokio::select! {
            Some(ended) = under_way.join_next() => {
                let ended = ended.unwrap_or_else(|panicked| Err(Error::Fault(panicked.to_string())));
                failure = failure.or(ended.err());
            }
            () = tokio::time::sleep(LOOKING) => {}
        }
    }
}

async fn deliver_one(app: &App, courier: &Courier, sending: &Sending) -> Result<(), Error> {
    let outcome = courier.send(sending).await;
    let result = outcome.error.map_or("succeeded", <&str>::from);
    metrics::counter!("webhook_attempts_total", "outcome" => result).increment(1);
    app.webhook_attempted(sending, outcome).await
}
