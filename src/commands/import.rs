//! `duijie import`: a file and its mapping in, published listings and a report out.

use std::io::Write;
use std::path::Path;

use duijie::app::import::{Format, ImportReport, Mapping, Options, RowOutcome, parse};
use duijie::config::Config;
use duijie::domain::listing::Terms;
use duijie::domain::message;
use duijie::domain::violation::Params;
use duijie::http;
use duijie::startup::Fault;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::Value;

use super::{fault, with_app};

/// Where the file, its mapping and the report are.
pub struct ImportFiles<'a> {
    pub file: &'a Path,
    pub mapping: &'a Path,
    pub report: Option<&'a Path>,
}

pub async fn import(config: &Config, files: ImportFiles<'_>, options: Options) -> Result<(), Fault> {
    let rows = read_rows(files.file)?;
    let text = String::from_utf8(read(files.mapping)?).map_err(|e| format!("{}: {e}", files.mapping.display()))?;
    let mapping = Mapping::parse(&text).map_err(|e| format!("{}: {e}", files.mapping.display()))?;
    let known = |column: &&str| rows.iter().any(|row| row.get(column).is_some());
    let strangers: Vec<&str> = mapping.columns().filter(|column| !known(column)).collect();
    if !strangers.is_empty() {
        return Err(format!("{}: no row has the column(s) {}", files.mapping.display(), strangers.join(", ")).into());
    }
    // Opened first: a report that cannot be written must not be found out after the import.
    let report_file = files.report.map(create).transpose()?;
    let bar = progress_bar(rows.len());
    let done = || bar.inc(1);
    let imported =
        with_app(config, async |app| app.import(&rows, &mapping, http::shapes(), options, done).await.map_err(fault))
            .await;
    bar.finish_and_clear();
    let report = imported?;
    if let Some(file) = report_file {
        write_report(file, &report)?;
    }
    summarise(&report, options)
}

fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn read_rows(path: &Path) -> Result<Vec<Value>, Fault> {
    let format = Format::of_name(&path.to_string_lossy());
    parse(&read(path)?, format).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// On standard error, and only where a person is watching.
fn progress_bar(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(rows as u64);
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
    bar
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
    let waiting = report.count(RowOutcome::Waiting);
    let good = report.count(RowOutcome::Imported) + waiting + report.count(RowOutcome::Good);
    let there = report.count(RowOutcome::AlreadyThere);
    println!("rows: {}, good: {good}, there already: {there}, faulty: {}", report.rows.len(), faulty.len());
    tell_understood(report);
    if report.committed {
        println!("imported: {good} listings, {} new organisations", report.enterprises_created);
        if waiting > 0 {
            println!("of these {waiting} wait for a moderator before they appear");
        }
        return Ok(());
    }
    println!("nothing was written");
    if options.dry_run && (faulty.is_empty() || options.skip_faulty) {
        return Ok(());
    }
    Err(message::text("import_faulty", &Params::new(), options.language).into())
}

/// Of how many rows the things that matching goes by are known, whether the row says them or they were understood.
fn tell_understood(report: &ImportReport) {
    type Known = fn(&Terms) -> bool;
    let known: [(&str, Known); 6] = [
        ("category", |terms| terms.category.is_some()),
        ("quantity", |terms| terms.quantity.is_some()),
        ("unit", |terms| terms.unit_code.is_some()),
        ("pack", |terms| terms.units_per_pack.is_some() || !terms.specs.is_empty()),
        ("price", |terms| terms.price.is_some() || terms.max_price.is_some()),
        ("place", |terms| terms.region_code.is_some() || terms.location.is_some()),
    ];
    let counts: Vec<String> =
        known.iter().map(|(name, known)| format!("{name} {}", report.count_with(known))).collect();
    println!("known: {}", counts.join(", "));
}
