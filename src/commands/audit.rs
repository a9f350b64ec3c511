//! `duijie audit`: whether the event log is what was written.

use duijie::app::audit::{Fault as Broken, Walk};
use duijie::config::Config;
use duijie::domain::message::{self, Language};
use duijie::domain::violation::Params;
use duijie::startup::Fault;

use super::{fault, with_app};

/// Reads `SEQ:HASH`.
pub fn position(text: &str) -> Result<(i64, Vec<u8>), String> {
    let malformed = || "a head is a number, a colon and 64 hexadecimal digits".to_owned();
    let (seq, hash) = text.split_once(':').ok_or_else(malformed)?;
    let seq: i64 = seq.parse().ok().filter(|seq| *seq > 0).ok_or_else(malformed)?;
    let digits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = (0..hash.len()).step_by(2).filter(|_| digits);
    let bytes: Option<Vec<u8>> = pairs.map(|i| u8::from_str_radix(&hash[i..i + 2], 16).ok()).collect();
    bytes.filter(|bytes| bytes.len() == 32).map(|hash| (seq, hash)).ok_or_else(malformed)
}

/// Prints every fault as it is found, then how far the log reaches; an error where there was any.
pub async fn verify(config: &Config, expected: Option<(i64, Vec<u8>)>, language: Language) -> Result<(), Fault> {
    with_app(config, async |app| {
        duijie::jobs::number(app).await.map_err(fault)?;
        let mut faults = 0u64;
        let told = |found: Broken| {
            faults += 1;
            println!("{}", describe(&found, language));
        };
        let walk = app.verify_audit(expected, told).await.map_err(fault)?;
        println!("{}", message::text("audit_head", &[("head", head(&walk))].into(), language));
        let counts: Params = [
            ("events", walk.seq.to_string()),
            ("details", walk.details.to_string()),
            ("erased", walk.erased.to_string()),
            ("faults", faults.to_string()),
        ]
        .into();
        if faults > 0 {
            return Err(message::text("audit_broken", &counts, language).into());
        }
        println!("{}", message::text("audit_holds", &counts, language));
        Ok(())
    })
    .await
}

fn head(walk: &Walk) -> String {
    let hash: String = walk.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}:{hash}", walk.seq)
}

fn describe(found: &Broken, language: Language) -> String {
    let (code, name, value) = match found {
        Broken::Missing { seq } => ("audit_missing", "seq", seq.to_string()),
        Broken::Altered { seq } => ("audit_altered", "seq", seq.to_string()),
        Broken::DetailMissing { seq } => ("audit_detail_missing", "seq", seq.to_string()),
        Broken::DetailAltered { seq } => ("audit_detail_altered", "seq", seq.to_string()),
        Broken::EventMissing { event_id } => ("audit_event_missing", "id", event_id.to_string()),
        Broken::ErasureUnfounded { erasure_id } => ("audit_erasure_unfounded", "id", erasure_id.to_string()),
        Broken::HeadMissing { seq } => ("audit_head_missing", "seq", seq.to_string()),
        Broken::HeadDiffers { seq } => ("audit_head_differs", "seq", seq.to_string()),
    };
    message::text(code, &[(name, value)].into(), language)
}
