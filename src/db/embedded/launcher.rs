//! Starting the server, or taking over the one that is there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::EmbeddedError;
use super::account::Account;
use super::client::{Answer, Client};
use super::folder::{self, DataFolder};
use super::postmaster::Postmaster;
use super::process::{self, Identity};
use super::programs::Programs;
use super::socket;

/// Replaying the log after a crash is part of starting.
const START_LIMIT: Duration = Duration::from_secs(300);
/// How long a server from an earlier run may take to answer before it is replaced.
const ADOPT_LIMIT: Duration = Duration::from_secs(2);
/// How long the backends of a killed postmaster may keep a new one from starting.
const OLD_BACKENDS_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(25);
const RETRY: Duration = Duration::from_millis(200);

/// On the command line, where no file in the cluster can override them.
const SETTINGS: [&str; 13] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "ssl=off",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "log_destination=stderr",
    "logging_collector=off",
    "log_line_prefix=%m [%p] ",
    "lc_messages=C",
    "timezone=UTC",
    "log_timezone=UTC",
];

/// All that is needed to start the server, again and again.
pub struct Launcher {
    cluster: PathBuf,
    log: PathBuf,
    account: Account,
    programs: Programs,
    client: Client,
}

impl Launcher {
    pub fn new(folder: &DataFolder, account: Account, programs: Programs, client: Client) -> Self {
        Self { cluster: folder.cluster(), log: folder.log(), account, programs, client }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Returns a server that answers.
    pub async fn adopt_or_start(&self) -> Result<Postmaster, EmbeddedError> {
        if let Some(running) = self.running()?
            && let Some(adopted) = self.adopt(running).await?
        {
            return Ok(adopted);
        }
        let deadline = Instant::now() + OLD_BACKENDS_LIMIT;
        loop {
            let log_start = self.log_length();
            let postmaster = self.spawn()?;
            match self.until_ready(postmaster, log_start).await {
                Err(error) if is_old_backends(&error) && Instant::now() < deadline => self.end_old_backends(),
                started_or_not => return started_or_not,
            }
            sleep(RETRY).await;
        }
    }

    /// Without waiting for an answer: the server that somebody else has started meanwhile, or a new one.
    pub fn revive(&self) -> Result<Postmaster, EmbeddedError> {
        match self.running()? {
            Some(pid) => Ok(Postmaster::adopted(pid, &self.cluster)),
            None => self.spawn(),
        }
    }

    /// Ends what is left of a server without postmaster: their transactions have nobody to commit for.
    pub fn end_old_backends(&self) {
        if !matches!(self.running(), Ok(None)) {
            return;
        }
        for pid in process::servers_on(&self.cluster) {
            tracing::warn!(%pid, "ending a backend of a PostgreSQL server that is gone");
            let _ = kill(pid, Signal::SIGTERM);
        }
    }

    fn running(&self) -> Result<Option<Pid>, EmbeddedError> {
        let Some(pid) = process::recorded_pid(&self.cluster) else {
            return Ok(None);
        };
        match process::identify(pid, &self.cluster) {
            Identity::Ours => Ok(Some(pid)),
            Identity::Gone | Identity::Other => Ok(None),
            Identity::Unknown => {
                Err(EmbeddedError::UnknownServer { pid_file: self.cluster.join("postmaster.pid"), pid: pid.as_raw() })
            }
        }
    }

    /// `None` if the server had to be stopped, or ended by itself.
    async fn adopt(&self, pid: Pid) -> Result<Option<Postmaster>, EmbeddedError> {
        let postmaster = Postmaster::adopted(pid, &self.cluster);
        if self.answers_soon(&postmaster).await && self.client.serves(&self.cluster).await {
            tracing::info!(%pid, "adopted the PostgreSQL server of an earlier run");
            return Ok(Some(postmaster));
        }
        tracing::warn!(%pid, "replacing a PostgreSQL server of an earlier run, which does not answer as it should");
        if postmaster.stop().await {
            return Ok(None);
        }
        Err(EmbeddedError::DoesNotStop { pid: pid.as_raw() })
    }

    async fn answers_soon(&self, postmaster: &Postmaster) -> bool {
        let started = Instant::now();
        while postmaster.pid().is_some() {
            let answer = self.client.probe().await;
            let limit = match answer {
                Answer::Ready => return true,
                Answer::NotNow => START_LIMIT,
                Answer::Silent => ADOPT_LIMIT,
            };
            if started.elapsed() > limit {
                return false;
            }
            sleep(pause_after(answer)).await;
        }
        false
    }

    /// For when no server runs on the cluster.
    fn spawn(&self) -> Result<Postmaster, EmbeddedError> {
        socket::prepare(self.client.socket_folder(), &self.account)?;
        let log = folder::open_log(&self.log, &self.account).map_err(EmbeddedError::file("open", &self.log))?;
        let log_too = log.try_clone().map_err(EmbeddedError::file("open", &self.log))?;
        let mut command = self.command();
        // In a process group of its own, so that Ctrl-C in a terminal reaches the program alone.
        let child = command.stdout(log).stderr(log_too).process_group(0).spawn();
        let child = child.map_err(EmbeddedError::execute(&self.programs.postgres()))?;
        Ok(Postmaster::started(child, &self.cluster))
    }

    fn command(&self) -> Command {
        let mut command = self.account.command(self.programs.postgres());
        command.arg("-D").arg(&self.cluster);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(self.socket_setting());
        if let Some(stale) = process::recorded_pid(&self.cluster) {
            // PostgreSQL takes postmaster.pid as stale unless a process has that number, and a recycled number would
            // stop it. This is how pg_ctl tells it to disregard one. Removing the file instead would also remove the
            // record of the shared memory, and with it the protection against backends that still live.
            command.env("PG_GRANDPARENT_PID", stale.to_string());
        }
        command
    }

    /// The setting is a list: quotes keep a comma in the path from dividing it, and a quote is written twice.
    fn socket_setting(&self) -> OsString {
        let mut setting = b"unix_socket_directories=\"".to_vec();
        for byte in self.client.socket_folder().as_os_str().as_bytes() {
            let times = if *byte == b'"' { 2 } else { 1 };
            setting.extend(std::iter::repeat_n(*byte, times));
        }
        setting.push(b'"');
        OsString::from_vec(setting)
    }

    /// A server that does not come up is stopped.
    async fn until_ready(&self, mut postmaster: Postmaster, log_start: u64) -> Result<Postmaster, EmbeddedError> {
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            let answer = tokio::select! {
                _ = postmaster.ended() => return Err(self.ended(log_start)),
                answer = self.client.probe() => answer,
            };
            if answer == Answer::Ready {
                return Ok(postmaster);
            }
            sleep(pause_after(answer)).await;
        }
        postmaster.stop().await;
        Err(EmbeddedError::Silent { log: self.log.clone(), seconds: START_LIMIT.as_secs() })
    }

    fn ended(&self, log_start: u64) -> EmbeddedError {
        EmbeddedError::Ended {
            log: self.log.clone(),
            tail: read_tail(&self.log, log_start).unwrap_or_else(|error| format!("(unreadable: {error})")),
        }
    }

    fn log_length(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |found| found.len())
    }
}

/// Every refused connection is a line in the server's log.
fn pause_after(answer: Answer) -> Duration {
    match answer {
        Answer::NotNow => RETRY,
        Answer::Ready | Answer::Silent => POLL,
    }
}

/// The last 4 KiB of what was written since `start`, a position in bytes.
fn read_tail(log: &Path, start: u64) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(start.max(length.saturating_sub(4096))))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(String::from_utf8_lossy(&tail).trim_end().to_owned())
}

fn is_old_backends(error: &EmbeddedError) -> bool {
    matches!(error, EmbeddedError::Ended { tail, .. } if tail.contains("pre-existing shared memory block"))
}
