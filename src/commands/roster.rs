//! `duijie roster import`: the bureau's roster from a table, all rows or none.

use std::path::Path;

use duijie::app::import::{Format, parse};
use duijie::config::Config;
use duijie::domain::roster::RosterRow;
use duijie::startup::Fault;
use serde_json::Value;

use super::{fault, with_app};

/// Names of columns as rosters have them, the usual one first.
const CODE: [&str; 4] = ["uscc", "统一社会信用代码", "社会信用代码", "code"];
const NAME: [&str; 5] = ["legal_name", "企业名称", "单位名称", "名称", "name"];
const PHONE: [&str; 6] = ["phone", "联系电话", "手机", "手机号", "电话", "mobile"];
const CONTACT: [&str; 3] = ["contact", "联系人", "负责人"];

pub async fn import(config: &Config, file: &Path, dry_run: bool) -> Result<(), Fault> {
    let named = |reason: String| -> Fault { format!("{}: {reason}", file.display()).into() };
    let bytes = std::fs::read(file).map_err(|error| named(error.to_string()))?;
    let table = parse(&bytes, Format::Csv).map_err(|error| named(error.to_string()))?;
    let rows = rows(&table).map_err(named)?;
    let count = rows.len();
    let loaded = with_app(config, async |app| app.import_roster(rows, dry_run).await.map_err(fault)).await?;
    let (added, changed, unchanged) = (loaded.added, loaded.changed, loaded.unchanged);
    println!("rows: {count}, added: {added}, changed: {changed}, unchanged: {unchanged}");
    println!("without a mobile number, so not to be verified by it: {}", loaded.without_mobile);
    if dry_run {
        println!("nothing was written");
    }
    Ok(())
}

fn rows(table: &[Value]) -> Result<Vec<RosterRow>, String> {
    let of = |row: &Value, names: &[&str]| {
        let cell = names.iter().find_map(|name| row.get(*name)).and_then(Value::as_str);
        cell.map(str::to_owned)
    };
    let known = |names: &[&str]| table.iter().any(|row| of(row, names).is_some());
    for names in [&CODE[..], &NAME[..], &PHONE[..]] {
        if !known(names) {
            return Err(format!("there is no column named {}", names.join(" or ")));
        }
    }
    let row = |row: &Value| RosterRow {
        uscc: of(row, &CODE).unwrap_or_default(),
        legal_name: of(row, &NAME).unwrap_or_default(),
        phone: of(row, &PHONE),
        contact: of(row, &CONTACT),
    };
    Ok(table.iter().map(row).collect())
}
