//! What the commands besides `serve` do: each opens the store, calls one use case, and prints what became of it.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use chrono::Utc;
use duijie::app::import::{ImportReport, Mapping, Options, RowOutcome};
use duijie::app::{App, Error};
use duijie::config::Config;
use duijie::db::migrations;
use duijie::domain::account::{self, Password};
use duijie::domain::message::{self, Language};
use duijie::domain::violation::{Params, Violations};
use duijie::startup::{Fault, Store};
use serde_json::Value;

use crate::Step;

pub mod reference;

/// Opens the store beside a running `serve` if there is one, brings it up to date, and closes it again.
async fn with_app<T>(config: &Config, work: impl AsyncFnOnce(&App) -> Result<T, Fault>) -> Result<T, Fault> {
    let store = Store::open_beside(config).await?;
    let outcome = async {
        store.migrate().await?;
        let app = store.app(config).await?;
        let result = work(&app).await?;
        duijie::jobs::sequence(&app).await.map_err(fault)?;
        Ok(result)
    }
    .await;
    store.close().await;
    outcome
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Invalid(violations) => told(&violations).into(),
        Error::Conflict(code, params) => message::text(code, &params, Language::En).into(),
        Error::Busy(detail) | Error::Fault(detail) => detail.into(),
        other => format!("{other:?}").into(),
    }
}

fn told(violations: &Violations) -> String {
    let lines = violations.iter().map(|v| format!("{}: {}", v.pointer, message::text(v.code, &v.params, Language::En)));
    lines.collect::<Vec<_>>().join("\n")
}

pub async fn migrate(config: &Config, step: Step) -> Result<(), Fault> {
    let store = Store::open_beside(config).await?;
    let outcome = match step {
        Step::Down | Step::Redo if store.beside_server => {
            Err("a duijie serves from this data folder: stop it before its tables are taken away".into())
        }
        step => migrate_store(&store, step).await,
    };
    store.close().await;
    outcome
}

async fn migrate_store(store: &Store, step: Step) -> Result<(), Fault> {
    let print = |verb: &str, names: Vec<String>| names.iter().for_each(|name| println!("{verb} {name}"));
    match step {
        Step::Up => print("applied", migrations::up(&store.database).await?),
        Step::Down => print("reverted", migrations::down(&store.database).await?.into_iter().collect()),
        Step::Redo => {
            print("reverted", migrations::down(&store.database).await?.into_iter().collect());
            print("applied", migrations::up(&store.database).await?);
        }
        Step::Status => {
            for (name, applied) in migrations::status(&store.database).await? {
                println!("{} {name}", if applied { "applied" } else { "pending" });
            }
        }
    }
    Ok(())
}

pub async fn demo(config: &Config) -> Result<(), Fault> {
    with_app(config, async |app| {
        let new = app.load_demo().await.map_err(fault)?;
        println!(
            "{}",
            if new == 0 { "the demo data is there already".to_owned() } else { format!("{new} demo listings loaded") }
        );
        Ok(())
    })
    .await
}

pub async fn create_admin(config: &Config, email: &str, name: &str) -> Result<(), Fault> {
    let email = account::normalize_email(email).ok_or("--email is not an address")?;
    let password = read_password()?;
    let mut violations = Violations::new();
    account::check_password(&password, account::ROLE_PASSWORD_MIN, "password", &mut violations);
    if !violations.is_empty() {
        return Err(told(&violations).into());
    }
    let name = name.to_owned();
    with_app(config, async move |app| {
        let id = app.create_admin(email, name, Password::typed(password), Utc::now()).await.map_err(fault)?;
        println!("administrator {id}");
        Ok(())
    })
    .await
}

/// Never an argument: those are seen by everybody on the machine.
fn read_password() -> Result<String, Fault> {
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("Password (at least 15 characters): ")?);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Where the file, its mapping and the report are.
pub struct ImportFiles<'a> {
    pub file: &'a Path,
    pub mapping: &'a Path,
    pub report: Option<&'a Path>,
}

pub async fn import(config: &Config, files: ImportFiles<'_>, options: Options) -> Result<(), Fault> {
    let rows = read_json_lines(files.file)?;
    let mapping = Mapping::parse(&read(files.mapping)?).map_err(|e| format!("{}: {e}", files.mapping.display()))?;
    let known = |column: &&str| rows.iter().any(|row| row.get(column).is_some());
    let strangers: Vec<&str> = mapping.columns().filter(|column| !known(column)).collect();
    if !strangers.is_empty() {
        return Err(format!("{}: no row has the column(s) {}", files.mapping.display(), strangers.join(", ")).into());
    }
    // Opened first: a report that cannot be written must not be found out after the import.
    let report_file = files.report.map(create).transpose()?;
    let report = with_app(config, async |app| app.import(&rows, &mapping, options).await.map_err(fault)).await?;
    if let Some(file) = report_file {
        write_report(file, &report)?;
    }
    summarise(&report, options)
}

fn read(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn read_json_lines(path: &Path) -> Result<Vec<Value>, Fault> {
    let content = read(path)?;
    let lines = content.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    // What is no object is reported as a faulty row, like any other fault.
    Ok(lines.map(|line| serde_json::from_str(line).unwrap_or(Value::Null)).collect())
}

fn create(path: &Path) -> Result<std::fs::File, Fault> {
    std::fs::File::create(path).map_err(|error| format!("--report {}: {error}", path.display()).into())
}

fn write_report(file: std::fs::File, report: &ImportReport) -> Result<(), Fault> {
    let mut file = std::io::BufWriter::new(file);
    for row in &report.rows {
        writeln!(file, "{}", serde_json::to_string(row)?)?;
    }
    Ok(file.flush()?)
}

/// Faults shown on the terminal; the report file has them all.
const SHOWN: usize = 20;

fn summarise(report: &ImportReport, options: Options) -> Result<(), Fault> {
    let faulty: Vec<_> = report.rows.iter().filter(|row| row.outcome == RowOutcome::Faulty).collect();
    for row in faulty.iter().take(SHOWN) {
        let faults: Vec<String> =
            row.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect();
        eprintln!("row {}: {}", row.row, faults.join("; "));
    }
    if faulty.len() > SHOWN {
        eprintln!("… and {} more", faulty.len() - SHOWN);
    }
    let good = report.count(RowOutcome::Imported) + report.count(RowOutcome::Good);
    let there = report.count(RowOutcome::AlreadyThere);
    println!("rows: {}, good: {good}, there already: {there}, faulty: {}", report.rows.len(), faulty.len());
    if report.committed {
        println!("imported: {good} listings, {} new organisations", report.enterprises_created);
        return Ok(());
    }
    println!("nothing was written");
    if options.dry_run {
        return Ok(());
    }
    Err(message::text("import_faulty", &Params::new(), options.language).into())
}
