//! Texts as people write them, and a reader with the reference data that ships with the product.
#![allow(dead_code, clippy::expect_used)]

use chrono::NaiveDate;
use duijie::domain::shipped;
use duijie::vocabulary::understanding::Understanding;
use serde_json::Value;

/// A Wednesday.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 2, 26).expect("a day")
}

pub fn understanding() -> Understanding {
    Understanding::new(&shipped::reference().expect("the shipped reference data"))
}

/// The messages of the tests.
pub fn messages() -> Vec<String> {
    let messages: Vec<Value> =
        serde_json::from_str(include_str!("../../src/vocabulary/understanding/tests/messages.json")).expect("messages");
    messages.iter().filter_map(|message| message["text"].as_str()).map(str::to_owned).collect()
}

/// Words the readers know and signs that trip them.
pub fn fragments() -> Vec<String> {
    serde_json::from_str(include_str!("../../src/vocabulary/understanding/tests/fragments.json")).expect("fragments")
}

/// Their lines, and the clauses of those.
pub fn titles() -> Vec<String> {
    let messages = messages();
    let lines = messages.iter().flat_map(|message| message.lines());
    let clauses = messages.iter().flat_map(|message| message.split(['\n', '，', '；', '。', '、']));
    let mut titles: Vec<String> =
        lines.chain(clauses).map(|text| text.trim().to_owned()).filter(|text| text.chars().count() > 3).collect();
    titles.sort();
    titles.dedup();
    titles
}
