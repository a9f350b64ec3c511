//! Finding PostgreSQL's server programs.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::account::Account;
use super::cluster;

const MINIMUM_MAJOR: u32 = 15;

/// One installation of PostgreSQL that the server's account can execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    folder: PathBuf,
    major: u32,
}

impl Programs {
    /// The installation for `cluster`: of its own major version when it exists, else the first that is new enough.
    pub async fn find(account: &Account, cluster: &Path) -> Result<Self, EmbeddedError> {
        let wanted = cluster::major_version(cluster)?;
        let mut found = Vec::new();
        for folder in candidate_folders() {
            if let Some(major) = major_version(account, &folder.join("postgres")).await {
                found.push(Self { folder, major });
            }
        }
        match wanted {
            Some(version) => for_version(&found, version, cluster),
            None => for_new_cluster(&found),
        }
    }

    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }
}

fn for_version(found: &[Programs], version: u32, cluster: &Path) -> Result<Programs, EmbeddedError> {
    if version < MINIMUM_MAJOR {
        return Err(other_version(found, version, cluster));
    }
    match found.iter().find(|programs| programs.major == version) {
        Some(programs) => Ok(programs.clone()),
        None if found.is_empty() => Err(EmbeddedError::NoPrograms),
        None => Err(other_version(found, version, cluster)),
    }
}

fn other_version(found: &[Programs], version: u32, cluster: &Path) -> EmbeddedError {
    EmbeddedError::OtherVersion { cluster: cluster.to_owned(), version, found: list(found) }
}

fn for_new_cluster(found: &[Programs]) -> Result<Programs, EmbeddedError> {
    if found.is_empty() {
        return Err(EmbeddedError::NoPrograms);
    }
    let new_enough = found.iter().find(|programs| programs.major >= MINIMUM_MAJOR);
    new_enough.cloned().ok_or_else(|| EmbeddedError::TooOld { minimum: MINIMUM_MAJOR, found: list(found) })
}

fn list(found: &[Programs]) -> String {
    let names = found.iter().map(|programs| format!("{} in {}", programs.major, programs.folder.display()));
    match found {
        [] => "none".to_owned(),
        _ => names.collect::<Vec<_>>().join(", "),
    }
}

/// `None` also when the account may not execute the program.
async fn major_version(account: &Account, postgres: &Path) -> Option<u32> {
    let output = account.command(postgres).arg("--version").output().await.ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, also `18beta1`.
fn parse_version(text: &str) -> Option<u32> {
    let version = text.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// PATH first, then where Debian, Red Hat, a source build and Homebrew put them, newest version first.
fn candidate_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    folders.extend(versioned("/usr/lib/postgresql", ""));
    folders.extend(versioned("/usr", "pgsql-"));
    folders.push("/usr/local/pgsql/bin".into());
    folders.extend(versioned("/opt/homebrew/opt", "postgresql@"));
    let mut seen = HashSet::new();
    folders.retain(|folder| folder.join("initdb").exists() && is_new(&folder.join("postgres"), &mut seen));
    folders
}

/// Whether the program exists and was not yet seen, perhaps through a symbolic link.
fn is_new(program: &Path, seen: &mut HashSet<PathBuf>) -> bool {
    fs::canonicalize(program).is_ok_and(|program| seen.insert(program))
}

/// `<parent>/<prefix><number>/bin`, the highest number first.
fn versioned(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(number, _)| Reverse(*number));
    found.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Programs> {
        let one = |major: &u32| Programs { folder: format!("/pg/{major}").into(), major: *major };
        majors.iter().map(one).collect()
    }

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_version("pyenv: postgres: command not found"), None);
    }

    #[test]
    fn a_new_cluster_takes_the_first_that_is_new_enough() {
        assert_eq!(for_new_cluster(&installed(&[14, 16, 17])).unwrap().major, 16);
        let too_old = for_new_cluster(&installed(&[14])).unwrap_err().to_string();
        assert!(too_old.contains("14 in /pg/14"), "{too_old}");
        assert!(matches!(for_new_cluster(&installed(&[])), Err(EmbeddedError::NoPrograms)));
    }

    #[test]
    fn an_existing_cluster_takes_only_its_own_version() {
        let cluster = Path::new("/data/postgres");
        assert_eq!(for_version(&installed(&[17, 16]), 16, cluster).unwrap().major, 16);
        let refused = for_version(&installed(&[17, 15]), 16, cluster).unwrap_err().to_string();
        assert!(refused.contains("made by PostgreSQL 16") && refused.contains("17 in /pg/17"), "{refused}");
    }
}
