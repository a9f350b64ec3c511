//! The server's first process, which all others descend from: waiting for its end, and ending it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::process::{Identity, identify};

const FAST_SHUTDOWN: Duration = Duration::from_secs(20);
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(200);

/// A server that is asked to stop when this value is dropped.
pub struct Postmaster {
    process: Process,
    cluster: PathBuf,
}

enum Process {
    Child(Child),
    /// Started by an earlier run of the program, so somebody else's child.
    Adopted(Pid),
}

impl Postmaster {
    pub fn started(child: Child, cluster: &Path) -> Self {
        Self { process: Process::Child(child), cluster: cluster.to_owned() }
    }

    pub fn adopted(pid: Pid, cluster: &Path) -> Self {
        Self { process: Process::Adopted(pid), cluster: cluster.to_owned() }
    }

    /// `None` once it has ended: the number may then be another process's.
    pub fn pid(&self) -> Option<Pid> {
        match &self.process {
            Process::Child(child) => child.id().map(|id| Pid::from_raw(id.cast_signed())),
            Process::Adopted(pid) => is_running(*pid, &self.cluster).then_some(*pid),
        }
    }

    /// Returns when the server has ended, with what is known of how.
    pub async fn ended(&mut self) -> String {
        match &mut self.process {
            Process::Child(child) => match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            },
            Process::Adopted(pid) => {
                while is_running(*pid, &self.cluster) {
                    sleep(POLL).await;
                }
                "unknown, it was adopted".to_owned()
            }
        }
    }

    /// Fast shutdown, then immediate shutdown. Returns whether the server has ended.
    pub async fn stop(mut self) -> bool {
        self.signal(Signal::SIGINT);
        // A suspended process would take no notice.
        self.signal(Signal::SIGCONT);
        if timeout(FAST_SHUTDOWN, self.ended()).await.is_ok() {
            return true;
        }
        tracing::warn!("PostgreSQL does not stop; ending it without a checkpoint");
        self.signal(Signal::SIGQUIT);
        let ended = timeout(IMMEDIATE_SHUTDOWN, self.ended()).await.is_ok();
        if !ended {
            tracing::error!(pid = self.pid().map(Pid::as_raw), "PostgreSQL still runs");
        }
        ended
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid()
            && let Err(error) = kill(pid, signal)
        {
            tracing::warn!(%pid, %signal, %error, "cannot signal PostgreSQL");
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        self.signal(Signal::SIGINT);
    }
}

/// A process that could not be identified counts as running: to start a second server would be the worse mistake.
fn is_running(pid: Pid, cluster: &Path) -> bool {
    matches!(identify(pid, cluster), Identity::Ours | Identity::Unknown)
}
