//! What runs by itself. Each job is one function a test can call; here they are put on a clock.

use std::future::Future;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::sync::watch;

use crate::app::{App, Error, idempotency, outbox, throttle};
use crate::db;
use crate::outgoing::{self, Outgoing};

/// Committed events wait at most this long for their number when nobody rings.
const SEQUENCER_POLL: Duration = Duration::from_millis(200);
/// A key that was revoked is refused after this long at most.
const KEYS_POLL: Duration = Duration::from_secs(5);
const RECONNECT: Duration = Duration::from_secs(1);
const EXPIRY_POLL: Duration = Duration::from_secs(30);
const STATISTICS_POLL: Duration = Duration::from_secs(300);
const REREADING: Duration = Duration::from_secs(1);
const MEASURING: Duration = Duration::from_secs(5);
const TIDYING: Duration = Duration::from_secs(1);
/// Memory that is not used goes back to the system this often.
const RELEASING: Duration = Duration::from_secs(5);
/// Standing matches are tended this often, for a fifth of the time of one core.
const TENDING: Duration = Duration::from_millis(500);
/// What apps asked for is written down this often.
const COUNTING: Duration = Duration::from_secs(10);
/// Messages whose commit nobody rang for, and those to be tried again.
const DELIVERY_POLL: Duration = Duration::from_secs(1);
/// Listings that came or changed are looked at this often.
const SCREENING: Duration = Duration::from_secs(1);
/// Events become deliveries to endpoints this often.
const FANNING_OUT: Duration = Duration::from_millis(500);
const HOUSEKEEPING: Duration = Duration::from_secs(600);
const SWEEPING: Duration = Duration::from_secs(3600);

/// Starts them on a thread of their own, so that they and the HTTP workers do not wait for each other.
pub fn spawn(app: Arc<App>, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    on_a_thread(run(app, stop))
}

/// Starts the deliveries, on another thread: mail servers and receivers of webhooks are slow.
pub fn spawn_deliveries(app: Arc<App>, outgoing: Outgoing, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    on_a_thread(async move {
        let stopping = stop.clone();
        let webhooks = || outgoing::webhooks::deliver(&app, &outgoing.webhooks, || *stopping.borrow());
        tokio::join!(
            every(DELIVERY_POLL, stop.clone(), Some(&app.mailer), || outgoing::deliver(&app, &outgoing)),
            every(DELIVERY_POLL, stop, Some(&app.webhook_sender), webhooks),
        );
    })
}

fn on_a_thread(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => tracing::error!(%error, "no runtime for the jobs"),
    })
}

/// Runs until `stop` turns true.
async fn run(app: Arc<App>, stop: watch::Receiver<bool>) {
    let listening = stop.clone();
    tokio::join!(
        every(SEQUENCER_POLL, stop.clone(), Some(&app.sequencer), || number(&app)),
        every(SEQUENCER_POLL, stop.clone(), Some(&app.follower), || follow(&app)),
        every(REREADING, stop.clone(), None, || reread(&app)),
        every(MEASURING, stop.clone(), None, || measure(&app)),
        every(RECONNECT, stop.clone(), None, || listen(&app, listening.clone())),
        every(EXPIRY_POLL, stop.clone(), None, || expire(&app)),
        every(STATISTICS_POLL, stop.clone(), None, || refresh_statistics(&app)),
        every(TIDYING, stop.clone(), None, || tidy_market(&app)),
        every(RELEASING, stop.clone(), None, async || release_memory()),
        every(RECONNECT, stop.clone(), None, || write_matches_alone(&app, listening.clone())),
        every(COUNTING, stop.clone(), None, || app.write_usage()),
        every(SWEEPING, stop.clone(), None, || sweep_files(&app)),
        every(KEYS_POLL, stop.clone(), None, || app.refresh_keys()),
        every(SCREENING, stop.clone(), None, || screen(&app)),
        every(FANNING_OUT, stop.clone(), None, || fan_out(&app)),
        every(HOUSEKEEPING, stop, None, || purge(&app)),
    );
}

/// Numbers what is committed, applies what the log tells, and reads anew what that asks for: a round of the three jobs.
pub async fn sequence(app: &App) -> Result<(), Error> {
    number(app).await?;
    follow(app).await?;
    reread(app).await
}

/// Moves committed events into the log.
pub async fn number(app: &App) -> Result<(), Error> {
    if db::events::sequence(&app.database).await? > 0 {
        app.follower.notify_one();
    }
    Ok(())
}

/// Applies what the log tells to the index. Apart from numbering: neither waits for the other's work or fails with it.
pub async fn follow(app: &App) -> Result<(), Error> {
    while app.market.has_begun() && app.follow_events().await? {}
    app.match_writer.notify_one();
    Ok(())
}

/// Reads the listings anew after a change of reference data.
pub async fn reread(app: &App) -> Result<(), Error> {
    app.reread_listings().await
}

/// Publishes how far the index is behind.
pub async fn measure(app: &App) -> Result<(), Error> {
    app.measure_lag().await
}

/// Rings the follower's bell when any process has numbered events: polling alone would be slower and is only the net
/// beneath. Returns when told to stop, or with the error that broke the connection.
async fn listen(app: &App, mut stop: watch::Receiver<bool>) -> Result<(), Error> {
    tokio::select! {
        broken = db::events::listen(&app.database, || app.follower.notify_one()) => Ok(broken?),
        _ = stop.changed() => Ok(()),
    }
}

/// Writes down which listings and credentials have expired, and which requests for contact have lapsed.
pub async fn expire(app: &App) -> Result<(), Error> {
    while app.expire_listings().await? > 0 {}
    while app.note_expired_credentials().await? > 0 {}
    while app.lapse_contact_requests().await? > 0 {}
    Ok(())
}

/// Makes the hourly statistics of the market.
pub async fn refresh_statistics(app: &App) -> Result<(), Error> {
    let mut connection = app.database.get().await?;
    app.refresh_statistics(&mut connection).await
}

/// Writes down the matches of listings that came or changed, as far as the index has followed the log.
pub async fn write_matches(app: &Arc<App>) -> Result<(), Error> {
    while app.write_matches().await? {}
    Ok(())
}

/// The same again and again while this process is the one that does it, told by a lock of a connection of its own: only it
/// keeps standing matches, and others wait for its end. Returns when told to stop, or with the error that broke the
/// connection.
async fn write_matches_alone(app: &Arc<App>, stop: watch::Receiver<bool>) -> Result<(), Error> {
    let written = write_matches_while_locked(app, stop).await;
    app.drop_standing();
    written
}

/// Waits for the lock, then writes for as long as it is held.
async fn write_matches_while_locked(app: &Arc<App>, mut stop: watch::Receiver<bool>) -> Result<(), Error> {
    let mut connection = app.database.dedicated().await?;
    while !db::try_lock_session(&mut connection, db::Lock::MatchWriter).await? {
        tokio::select! {
            () = tokio::time::sleep(RECONNECT) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
    while !*stop.borrow() {
        db::ping(&mut connection).await?;
        write_matches(app).await?;
        tend_standing(app).await?;
        tokio::select! {
            () = tokio::time::sleep(TENDING) => {}
            () = app.match_writer.notified() => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

/// Goes on with standing matches that wait for other statistics or are not known for sure, for a small part of the time.
pub async fn tend_standing(app: &Arc<App>) -> Result<(), Error> {
    let app = Arc::clone(app);
    let tended = tokio::task::spawn_blocking(move || app.tend_standing(TENDING / 5)).await;
    tended.map_err(|error| Error::Fault(error.to_string()))
}

/// Puts the index in order, on a thread of its own: a panic there ends this round, not the jobs.
pub async fn tidy_market(app: &Arc<App>) -> Result<(), Error> {
    let app = Arc::clone(app);
    let tidied = tokio::task::spawn_blocking(move || app.market.tidy()).await;
    tidied.map_err(|error| Error::Fault(error.to_string()))
}

/// Lets mimalloc give back what has been free for a second. By itself it does so only while pages become free, or where a thread
/// ends that has allocated: such a one is made. What is free for a shorter time is used again at no cost.
pub fn release_memory() -> Result<(), Error> {
    let ending = std::thread::Builder::new().spawn(|| drop(std::hint::black_box(Box::new(0_u8))));
    // Not joined: a gigabyte takes a while.
    ending.map(drop).map_err(|error| Error::Fault(error.to_string()))
}

/// Looks at listings that came or changed, and marks what is noticed about them.
pub async fn screen(app: &App) -> Result<(), Error> {
    while app.screen_listings().await? {}
    Ok(())
}

/// Makes deliveries to endpoints of what the log tells.
pub async fn fan_out(app: &App) -> Result<(), Error> {
    while app.make_webhook_deliveries().await? {}
    Ok(())
}

/// Forgets stored answers, refresh tokens, statistics, matches and deliveries past their time.
pub async fn purge(app: &App) -> Result<(), Error> {
    let mut connection = app.database.get().await?;
    db::idempotency::purge(&mut connection, Utc::now() - idempotency::RETENTION).await?;
    db::oauth::purge(&mut connection, Utc::now() - TimeDelta::days(1)).await?;
    db::sessions::purge(&mut connection, Utc::now() - TimeDelta::days(1)).await?;
    db::one_time_codes::purge(&mut connection, Utc::now()).await?;
    db::second_factors::purge_tickets(&mut connection, Utc::now()).await?;
    db::throttles::purge(&mut connection, Utc::now() - throttle::RETENTION).await?;
    db::signing_keys::purge(&mut connection, Utc::now() - TimeDelta::days(1)).await?;
    db::outbox::purge(&mut connection, Utc::now() - outbox::RETENTION).await?;
    drop(connection);
    app.purge_webhook_deliveries().await?;
    while app.purge_matches(Utc::now()).await? {}
    app.prune_statistics().await
}

/// Deletes evidence that proves nothing, and bytes of uploads that came to no end.
pub async fn sweep_files(app: &App) -> Result<(), Error> {
    app.sweep_files().await.map(drop)
}

/// Calls `work` at least every `period`, at once when `bell` rings, until told to stop.
async fn every<F: Future<Output = Result<(), Error>>>(
    period: Duration,
    mut stop: watch::Receiver<bool>,
    bell: Option<&tokio::sync::Notify>,
    work: impl Fn() -> F,
) {
    let mut failing = false;
    while !*stop.borrow() {
        match work().await {
            Ok(()) => failing = false,
            // Said once: a database that is away stays away for many rounds.
            Err(error) if !failing => {
                tracing::warn!(?error, "a job failed; it goes on trying");
                failing = true;
            }
            Err(_) => {}
        }
        let rung = async {
            match bell {
                Some(bell) => bell.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            () = rung => {}
            _ = stop.changed() => {}
        }
    }
}
