//! `duijie reference`: which editions of the reference data are in force, and replacing one.

use std::path::Path;

use duijie::app::Error;
use duijie::app::reference::{LoadReport, Loading, Usage};
use duijie::config::Config;
use duijie::domain::message::{self, Language};
use duijie::domain::violation::{Params, Violation, Violations};
use duijie::startup::Fault;

use super::{fault, with_app};

/// Codes shown of each change; the rest is counted.
const SHOWN: usize = 20;

pub async fn load(config: &Config, scheme: &str, file: &Path, dry_run: bool, language: Language) -> Result<(), Fault> {
    let content = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let loading = Loading { scheme, content: &content, dry_run };
    let report = with_app(config, async |app| match app.load_reference(loading).await {
        Err(Error::Invalid(faults)) => Err(refused(&faults, language)),
        other => other.map_err(fault),
    })
    .await?;
    summarise(scheme, &report, dry_run, language);
    Ok(())
}

fn refused(faults: &Violations, language: Language) -> Fault {
    let line = |fault: &Violation| {
        let detail = message::text(fault.code, &fault.params, language);
        let params = Params::from([("row", fault.pointer.clone()), ("detail", detail.clone())]);
        if fault.pointer.is_empty() { detail } else { message::text("reference_fault", &params, language) }
    };
    // What cannot be read is found first; people go through a file from its beginning.
    let row = |fault: &&Violation| fault.pointer.split(' ').next().and_then(|row| row.parse::<u64>().ok());
    let mut found: Vec<&Violation> = faults.iter().collect();
    found.sort_by_key(row);
    found.into_iter().for_each(|fault| eprintln!("{}", line(fault)));
    message::text("reference_refused", &Params::new(), language).into()
}

fn summarise(scheme: &str, report: &LoadReport, dry_run: bool, language: Language) {
    if report.same {
        println!("{scheme}: version {} is this very file; nothing was written", report.version);
    } else {
        let changes = [
            ("added", &report.added),
            ("changed", &report.changed),
            ("retired", &report.retired),
            ("in force again", &report.restored),
        ];
        for (what, codes) in changes.into_iter().filter(|(_, codes)| !codes.is_empty()) {
            println!("{what}: {} ({})", codes.len(), listed(codes));
        }
        let verb = if dry_run { "would be in force; nothing was written" } else { "is in force" };
        println!("{scheme}: version {} {verb}", report.version);
    }
    show(&report.usages, language);
}

fn listed(codes: &[String]) -> String {
    let shown = codes.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if codes.len() > SHOWN { format!("{shown}, …") } else { shown }
}

/// What refers to retired codes, a line a kind of reference.
fn show(usages: &[Usage], language: Language) {
    if usages.is_empty() {
        return println!("nothing refers to a retired code");
    }
    println!("retired codes that are still referred to:");
    for usage in usages {
        let name = if language == Language::Zh { &usage.name_zh } else { &usage.name_en };
        let heir = usage.replaced_by.as_ref().map(|code| format!(" → {code}")).unwrap_or_default();
        println!("  {} {name}{heir}: {} in {} ({})", usage.code, usage.count, usage.place, listed_all(usage));
    }
}

/// At most 20 are read from the database.
fn listed_all(usage: &Usage) -> String {
    let more = usize::try_from(usage.count).is_ok_and(|count| count > usage.ids.len());
    usage.ids.join(", ") + if more { ", …" } else { "" }
}

pub async fn status(config: &Config, language: Language) -> Result<(), Fault> {
    let statuses = with_app(config, async |app| app.reference_status().await.map_err(fault)).await?;
    println!("{:<12} {:>7} {:>7} {:>7}  {:<8}  loaded at", "scheme", "version", "items", "retired", "source");
    for status in &statuses {
        println!(
            "{:<12} {:>7} {:>7} {:>7}  {:<8}  {}",
            status.scheme,
            status.version,
            status.items,
            status.retired,
            status.source,
            status.loaded_at.format("%Y-%m-%dT%H:%M:%SZ")
        );
    }
    show(&statuses.into_iter().flat_map(|status| status.usages).collect::<Vec<_>>(), language);
    Ok(())
}
