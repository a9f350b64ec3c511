//! Keeping the server alive while the program runs.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::folder::DataFolder;
use super::launcher::Launcher;
use super::postmaster::Postmaster;

/// A server that ran for less has failed to start.
const SHORT_LIFE: Duration = Duration::from_secs(10);
/// Quick attempts before the supervisor becomes patient: five seconds' worth.
const QUICK_ATTEMPTS: u32 = 25;
/// Attempts before the backends of a postmaster that is gone are ended: they normally notice within a second.
const ATTEMPTS_BEFORE_FORCE: u32 = 5;

/// A background task that owns the server and starts it again when it ends.
pub struct Supervisor {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// The folder's lock is held until the server has stopped.
    pub fn watch(launcher: Launcher, postmaster: Postmaster, folder: DataFolder) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            supervise(launcher, postmaster, stopped).await;
            drop(folder);
        });
        Self { stop, task }
    }

    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the supervisor of PostgreSQL failed");
        }
    }
}

/// Ends when `stopped` resolves, which it does when its sender is dropped.
async fn supervise(launcher: Launcher, mut postmaster: Postmaster, mut stopped: oneshot::Receiver<()>) {
    let mut failures = 0;
    loop {
        let started = Instant::now();
        let how = tokio::select! {
            biased;
            _ = &mut stopped => break,
            how = postmaster.ended() => how,
        };
        if started.elapsed() > SHORT_LIFE {
            failures = 0;
        }
        tracing::warn!(log = %launcher.log().display(), failures, "PostgreSQL ended ({how}); starting it again");
        match revive(&launcher, &mut failures, &mut stopped).await {
            Some(revived) => postmaster = revived,
            None => return,
        }
    }
    postmaster.stop().await;
}

/// `None` when the program stops first.
async fn revive(launcher: &Launcher, failures: &mut u32, stopped: &mut oneshot::Receiver<()>) -> Option<Postmaster> {
    loop {
        tokio::select! {
            biased;
            _ = &mut *stopped => return None,
            () = sleep(pause_after(*failures)) => {}
        }
        *failures += 1;
        if *failures > ATTEMPTS_BEFORE_FORCE {
            launcher.end_old_backends();
        }
        match launcher.revive() {
            Ok(postmaster) => return Some(postmaster),
            Err(error) => tracing::error!(%error, "cannot start PostgreSQL again"),
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        1..=QUICK_ATTEMPTS => Duration::from_millis(200),
        _ => Duration::from_secs(5),
    }
}
