//! The commands of both READMEs work as written: against the program itself, on its private PostgreSQL, with the demo data.

#![allow(clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_duijie");
/// A new cluster on a slow disk takes a while.
const PATIENCE: Duration = Duration::from_secs(120);
/// Printed between the blocks.
const MARK: &str = "== the next block ==";

#[test]
fn the_commands_of_the_readmes_lead_to_matches_with_reasons() {
    let folder = DataFolder::new();
    let demo = folder.duijie("demo").output().expect("the binary can be run");
    assert!(demo.status.success(), "duijie demo: {}", String::from_utf8_lossy(&demo.stderr));
    let server = Server::start(&folder);
    for (readme, words) in [("README.md", "points"), ("README.zh-CN.md", "分")] {
        let outputs = run(&blocks(readme), &server.url);
        let [.., shown, plans, drafts] = outputs.as_slice() else { panic!("{readme}: {outputs:?}") };
        let matches = matches_in(shown);
        assert!(!matches.is_empty(), "{readme}: no match in\n{shown}");
        let (score, reasons) = &matches[0];
        assert!((1..=1000).contains(score), "{readme}: score {score}");
        assert!(reasons.len() >= 3, "{readme}: {reasons:?}");
        assert!(reasons.iter().any(|reason| reason.contains(words)), "{readme}: {reasons:?}");
        assert_eq!(plans.matches("\"missing\":\"0\"").count(), 3, "{readme}: {plans}");
        let count = |word: &str| drafts.matches(word).count();
        assert_eq!((count("\"title\""), count("\"needed_by\"")), (3, 3), "{readme}: {drafts}");
    }
}

#[test]
fn the_commands_for_programmers_of_apps_work_and_leave_no_secret_in_the_log() {
    let folder = DataFolder::named("integration");
    let server = Server::start(&folder);
    let outputs = run(&blocks("docs/INTEGRATION.md"), &server.url);
    let [_, _, posted, .., exchanged, refreshed, endpoint, verified] = outputs.as_slice() else {
        panic!("{outputs:?}")
    };
    assert_eq!(posted.trim(), "4711");
    assert_eq!(exchanged.trim(), "My Bearing Works");
    assert_eq!(refreshed.trim(), "listings:read enterprises:read");
    assert_eq!(endpoint.trim(), "https://erp.example/hooks/duijie");
    assert_eq!(verified.trim(), "verified");
    let log = server.log();
    assert!(log.contains("create_app_token"), "{log}");
    for secret in ["djk_", "code=", "eyJ", "client_secret", "refresh_token=", "whsec_"] {
        assert!(!log.contains(secret), "{secret} in the log:\n{log}");
    }
}

/// The `sh` blocks between the test marks of a file at the project's root, in order.
fn blocks(readme: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(readme);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let tested = text.split("<!-- test:begin -->").skip(1).map(|rest| {
        let (inside, _) =
            rest.split_once("<!-- test:end -->").unwrap_or_else(|| panic!("{readme}: a mark is not closed"));
        let (_, block) = inside.split_once("```sh\n").unwrap_or_else(|| panic!("{readme}: no sh block in {inside}"));
        let (block, _) = block.split_once("```").unwrap_or_else(|| panic!("{readme}: a block is not closed"));
        block.to_owned()
    });
    let blocks: Vec<String> = tested.collect();
    assert!(blocks.len() >= 6, "{readme} has {} tested blocks", blocks.len());
    blocks
}

/// What each of the blocks prints, all run in one shell.
fn run(blocks: &[String], url: &str) -> Vec<String> {
    let script = blocks.join(&format!("\nprintf '\\n%s\\n' '{MARK}'\n"));
    let mut bash = without_settings(Command::new("bash"));
    bash.args(["-euo", "pipefail", "-c", script.as_str()]).env("DUIJIE", url).env("no_proxy", "127.0.0.1");
    let output = bash.output().expect("bash can be run");
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{text}\n{errors}", output.status);
    text.split(MARK).map(str::to_owned).collect()
}

/// Scores with the sentences that follow them, from lines `"score":894` and `"text":"…"`.
fn matches_in(output: &str) -> Vec<(u32, Vec<String>)> {
    let mut matches: Vec<(u32, Vec<String>)> = Vec::new();
    for line in output.lines() {
        if let Some(score) = line.strip_prefix("\"score\":") {
            matches.push((score.parse().expect("a score is a whole number"), Vec::new()));
        } else if let (Some(text), Some((_, reasons))) = (line.strip_prefix("\"text\":"), matches.last_mut()) {
            reasons.push(text.trim_matches('"').to_owned());
        }
    }
    matches
}

/// The tests' own environment may have settings that are none of the program's business here.
fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("DUIJIE") || text == "DATABASE_URL" || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command
}

/// A data folder that is removed at the end. The program makes it, so that it has the right mode.
struct DataFolder(PathBuf);

impl DataFolder {
    fn new() -> Self {
        Self::named("readme")
    }

    fn named(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("duijie-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn duijie(&self, command: &str) -> Command {
        let mut duijie = without_settings(Command::new(BINARY));
        duijie.arg(command).env("DUIJIE_DATA_DIR", &self.0).env("DUIJIE_LOG_FORMAT", "json").stdin(Stdio::null());
        duijie
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running `duijie serve`, stopped with its PostgreSQL when dropped.
struct Server {
    child: Child,
    url: String,
    lines: mpsc::Receiver<String>,
}

impl Server {
    /// On a port the system chooses; the log tells which.
    fn start(folder: &DataFolder) -> Self {
        let mut command = folder.duijie("serve");
        let spawned = command.env("DUIJIE_BIND", "127.0.0.1:0").stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.expect("the binary can be run");
        let log = BufReader::new(child.stderr.take().expect("the log is piped"));
        let (lines, received) = mpsc::channel();
        let mut server = Self { child, url: String::new(), lines: received };
        // Reads to the end: a full pipe would stop the server.
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|line| drop(lines.send(line))));
        let (deadline, mut seen): (_, Vec<String>) = (Instant::now() + PATIENCE, Vec::new());
        while server.url.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = server
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("not ready ({error}):\n{}", seen.join("\n")));
            if let Some(url) = ready_at(&line) {
                server.url = url;
            }
            seen.push(line);
        }
        server
    }
}

impl Server {
    /// What it has logged since it was ready.
    fn log(&self) -> String {
        let lines: Vec<String> = self.lines.try_iter().collect();
        lines.join("\n")
    }
}

/// The address in `ready: http://127.0.0.1:12345/docs/`.
fn ready_at(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("ready: ")?;
    let (url, _) = rest.split_once("/docs/")?;
    Some(url.to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let deadline = Instant::now() + Duration::from_secs(40);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
