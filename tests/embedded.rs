//! The embedded PostgreSQL, against real servers: what it does to a folder, and how it survives crashes.
//!
//! Runs as root and as any other user; needs PostgreSQL's server programs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use duijie::db::embedded::{EmbeddedError, EmbeddedServer};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio_postgres::NoTls;

const FOLDER_VARIABLE: &str = "EMBEDDED_TEST_FOLDER";

/// A folder that is removed with its contents.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("duijie-test-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn postmaster(&self) -> Pid {
        let text = fs::read_to_string(self.pid_file()).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
    }

    fn pid_file(&self) -> PathBuf {
        self.0.join("postgres/postmaster.pid")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn socket_folder(url: &str) -> PathBuf {
    let config: tokio_postgres::Config = url.parse().unwrap();
    match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Unix(folder) => folder.clone(),
        other => panic!("not a Unix socket: {other:?}"),
    }
}

async fn start(folder: &Folder) -> EmbeddedServer {
    EmbeddedServer::start(&folder.0).await.unwrap()
}

async fn refusal(folder: &Folder) -> EmbeddedError {
    match EmbeddedServer::start(&folder.0).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

async fn query(url: &str, sql: &str) -> Result<i64, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client.query_one(sql, &[]).await?.get(0))
}

async fn insert_a_row(url: &str) {
    let sql = "WITH made AS (INSERT INTO kept VALUES (1) RETURNING 1) SELECT count(*) FROM made";
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE TABLE IF NOT EXISTS kept (x int)").await.unwrap();
    assert_eq!(query(url, sql).await.unwrap(), 1);
}

async fn rows(url: &str) -> i64 {
    query(url, "SELECT count(*) FROM kept").await.unwrap()
}

async fn wait_until_it_answers(url: &str, limit: Duration) {
    let started = Instant::now();
    while let Err(error) = query(url, "SELECT 1::bigint").await {
        assert!(started.elapsed() < limit, "no answer: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn wait_until_gone(path: &Path) {
    let started = Instant::now();
    while path.exists() {
        assert!(started.elapsed() < Duration::from_secs(10), "{} is still there", path.display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Another process that runs [`the_other_process`] until it is signalled.
struct Program {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Program {
    fn start(folder: &Folder) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "the_other_process", "--nocapture"])
            .env(FOLDER_VARIABLE, &folder.0)
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut program = Self { process, lines };
        program.wait_for("ready");
        program
    }

    fn wait_for(&mut self, word: &str) {
        let found = self.lines.by_ref().any(|line| line.unwrap().ends_with(word));
        assert!(found, "the other process ended without saying {word:?}");
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed())
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test]
#[ignore = "not a test: what the tests start as another process"]
async fn the_other_process() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else {
        return;
    };
    let server = EmbeddedServer::start(folder.as_ref()).await.unwrap();
    insert_a_row(server.url()).await;
    let mut interrupted = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).unwrap();
    println!("\nready");
    interrupted.recv().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(rows(server.url()).await, 1);
    server.stop().await;
    println!("\nserved to the end");
}

#[tokio::test]
async fn a_cluster_is_made_once_beside_other_files() {
    let folder = Folder::new();
    fs::write(folder.0.join("keep"), "mine").unwrap();
    fs::create_dir_all(folder.0.join("postgres.partial/by-1/base")).unwrap();

    let server = start(&folder).await;
    insert_a_row(server.url()).await;
    assert!(!folder.0.join("postgres.partial").exists());
    server.stop().await;
    assert!(!folder.pid_file().exists());

    let started = Instant::now();
    let server = start(&folder).await;
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(rows(server.url()).await, 1);
    server.stop().await;
    assert_eq!(fs::read_to_string(folder.0.join("keep")).unwrap(), "mine");
}

#[tokio::test]
async fn a_second_copy_is_refused_with_the_first_ones_pid() {
    let folder = Folder::new();
    let server = start(&folder).await;
    let message = refusal(&folder).await.to_string();
    let expected = format!("another duijie is running on this data folder (pid {})", std::process::id());
    assert!(message.starts_with(&expected), "{message}");
    server.stop().await;
}

#[tokio::test]
async fn a_killed_server_comes_back_with_all_that_was_committed() {
    let folder = Folder::new();
    let server = start(&folder).await;
    insert_a_row(server.url()).await;
    let killed = folder.postmaster();
    kill(killed, Signal::SIGKILL).unwrap();
    wait_until_it_answers(server.url(), Duration::from_secs(5)).await;
    assert_ne!(folder.postmaster(), killed);
    assert_eq!(rows(server.url()).await, 1);
    server.stop().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!folder.pid_file().exists(), "a stopped server must stay stopped");
}

#[tokio::test]
async fn the_server_of_a_killed_program_is_adopted_and_guarded() {
    let folder = Folder::new();
    Program::start(&folder).kill();
    let left = folder.postmaster();

    let server = start(&folder).await;
    assert_eq!(folder.postmaster(), left);
    assert_eq!(rows(server.url()).await, 1);

    kill(left, Signal::SIGKILL).unwrap();
    wait_until_it_answers(server.url(), Duration::from_secs(5)).await;
    assert_eq!(rows(server.url()).await, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_pid_that_became_another_process_is_stale() {
    let folder = Folder::new();
    let program = Program::start(&folder);
    let server = folder.postmaster();
    program.kill();
    kill(server, Signal::SIGKILL).unwrap();
    let mut other = Command::new("sleep").arg("60").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let recorded = fs::read_to_string(folder.pid_file()).unwrap();
    let (_, rest) = recorded.split_once('\n').unwrap();
    fs::write(folder.pid_file(), format!("{}\n{rest}", other.id())).unwrap();

    let server = start(&folder).await;
    assert_eq!(rows(server.url()).await, 1);
    assert!(other.try_wait().unwrap().is_none(), "the other process must live");
    other.kill().unwrap();
    other.wait().unwrap();
    server.stop().await;
}

#[tokio::test]
async fn ctrl_c_reaches_the_program_alone() {
    let folder = Folder::new();
    let mut program = Program::start(&folder);
    killpg(program.pid(), Signal::SIGINT).unwrap();
    program.wait_for("served to the end");
    assert!(program.process.wait().unwrap().success());
}

#[tokio::test]
async fn a_dropped_server_stops() {
    let folder = Folder::new();
    drop(start(&folder).await);
    wait_until_gone(&folder.pid_file()).await;
}

#[tokio::test]
async fn a_folder_too_deep_for_a_socket_has_it_elsewhere() {
    let mut folder = Folder::new();
    folder.0.push("x".repeat(120));
    let server = start(&folder).await;
    assert_eq!(query(server.url(), "SELECT 1::bigint").await.unwrap(), 1);
    assert!(!folder.0.join("postgres-socket").exists());
    let elsewhere = socket_folder(server.url());
    server.stop().await;
    fs::remove_dir(elsewhere).unwrap();
    folder.0.pop();
}

#[tokio::test]
async fn another_versions_cluster_is_refused_untouched() {
    let folder = Folder::new();
    let cluster = folder.0.join("postgres");
    fs::create_dir(&cluster).unwrap();
    fs::write(cluster.join("PG_VERSION"), "14\n").unwrap();
    let refused = refusal(&folder).await;
    assert!(matches!(refused, EmbeddedError::OtherVersion { version: 14, .. }), "{refused}");
    assert_eq!(fs::read_dir(&cluster).unwrap().count(), 1);
}

#[tokio::test]
async fn a_socket_folder_that_is_a_link_is_refused() {
    let folder = Folder::new();
    symlink(std::env::temp_dir(), folder.0.join("postgres-socket")).unwrap();
    let refused = refusal(&folder).await;
    assert!(matches!(refused, EmbeddedError::SocketFolder { .. }), "{refused}");
    assert!(!folder.pid_file().exists());
}

#[tokio::test]
async fn a_server_that_cannot_start_is_explained_by_its_log() {
    let folder = Folder::new();
    start(&folder).await.stop().await;
    let settings = folder.0.join("postgres/postgresql.conf");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text + "\nno_such_setting = 1\n").unwrap();
    let message = refusal(&folder).await.to_string();
    assert!(message.contains("no_such_setting"), "{message}");
}
