//! Which process, if any, is the server of a cluster.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// What is known of a process in relation to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// It does not exist, or has ended and only waits for its parent.
    Gone,
    /// It is a PostgreSQL server on the cluster.
    Ours,
    /// It is something else that was given the same number.
    Other,
    /// It is a PostgreSQL server on a folder that cannot be determined.
    Unknown,
}

/// What the first line of the cluster's `postmaster.pid` says.
pub fn recorded_pid(cluster: &Path) -> Option<Pid> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    (pid > 0).then(|| Pid::from_raw(pid))
}

pub fn identify(pid: Pid, cluster: &Path) -> Identity {
    if kill(pid, None) == Err(Errno::ESRCH) {
        return Identity::Gone;
    }
    if !Path::new("/proc/self").exists() {
        return by_ps(pid, cluster);
    }
    match fs::metadata(format!("/proc/{pid}/cwd")) {
        Ok(_) if runs_postgres_in(pid, cluster) => Identity::Ours,
        Ok(_) => Identity::Other,
        Err(error) if error.kind() == ErrorKind::NotFound => Identity::Gone,
        // Root in a container may not look into other accounts' processes, but may read command lines.
        Err(_) => match fs::read(format!("/proc/{pid}/cmdline")) {
            Ok(line) => by_command_line(&line, cluster),
            Err(_) => Identity::Gone,
        },
    }
}

/// Backends that outlived their postmaster, and so keep the next one from starting. Empty where there is no `/proc`.
pub fn servers_on(cluster: &Path) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(Pid::from_raw)
        .filter(|pid| runs_postgres_in(*pid, cluster))
        .collect()
}

/// PostgreSQL's processes work in their cluster. Compared by inode: the folder may have been renamed since.
fn runs_postgres_in(pid: Pid, cluster: &Path) -> bool {
    let (Ok(cwd), Ok(cluster)) = (fs::metadata(format!("/proc/{pid}/cwd")), fs::metadata(cluster)) else {
        return false;
    };
    let same_folder = cwd.dev() == cluster.dev() && cwd.ino() == cluster.ino();
    // After an upgrade of the package the link reads "…/postgres (deleted)".
    let is_postgres = fs::read_link(format!("/proc/{pid}/exe"))
        .is_ok_and(|exe| exe.file_name().is_some_and(|name| name.as_bytes().starts_with(b"postgres")));
    same_folder && is_postgres
}

fn by_command_line(line: &[u8], cluster: &Path) -> Identity {
    let mut words = line.split(|byte| *byte == 0);
    let program = words.next().unwrap_or_default();
    if program.is_empty() {
        return Identity::Gone;
    }
    let name = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if name != b"postgres" && name != b"postmaster" {
        return Identity::Other;
    }
    let folder = words.skip_while(|word| *word != b"-D").nth(1).unwrap_or_default();
    match folder {
        _ if folder == cluster.as_os_str().as_bytes() => Identity::Ours,
        [b'/', ..] => Identity::Other,
        _ => Identity::Unknown,
    }
}

/// For systems without `/proc`.
fn by_ps(pid: Pid, cluster: &Path) -> Identity {
    let ps = std::process::Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid.to_string()]).output();
    let Ok(output) = ps else {
        return Identity::Unknown;
    };
    let line = String::from_utf8_lossy(&output.stdout);
    match () {
        () if line.trim().is_empty() => Identity::Gone,
        () if !line.contains("postgres") => Identity::Other,
        () if line.contains(&format!("-D {} ", cluster.display())) => Identity::Ours,
        () => Identity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_tells_whose_server_it_is() {
        let cluster = Path::new("/data/postgres");
        let is = |line: &[u8]| by_command_line(line, cluster);
        assert_eq!(is(b"/usr/bin/postgres\0-D\0/data/postgres\0-c\0port=5432\0"), Identity::Ours);
        assert_eq!(is(b"/usr/bin/postgres\0-D\0/other\0"), Identity::Other);
        assert_eq!(is(b"postgres\0-D\0data\0"), Identity::Unknown);
        assert_eq!(is(b"postgres: duijie duijie [local] idle\0"), Identity::Other);
        assert_eq!(is(b"sleep\x00100\x00"), Identity::Other);
        assert_eq!(is(b""), Identity::Gone);
    }

    #[test]
    fn this_process_is_no_server() {
        assert_eq!(identify(Pid::this(), Path::new("/")), Identity::Other);
        assert_eq!(identify(Pid::from_raw(i32::MAX), Path::new("/")), Identity::Gone);
    }
}
