//! Messages written as people write them in a work group, with the drafts a reader would make of them.

use serde::Deserialize;

use super::{render, today, understanding};
use crate::vocabulary::understanding::{DateRole, Draft};

#[derive(Deserialize)]
struct Message {
    text: String,
    drafts: Vec<Expected>,
}

/// What is not given is not asked about.
#[derive(Deserialize)]
struct Expected {
    category: Option<String>,
    side: Option<String>,
    quantity: Option<String>,
    price: Option<String>,
    by: Option<String>,
    available: Option<String>,
    place: Option<String>,
}

impl Expected {
    /// Field, what is expected, what was understood.
    fn compare(&self, draft: &Draft) -> Vec<(&'static str, String, String)> {
        let it = &draft.understood;
        let date = |role| it.date(role).map(|found| found.value.date.to_string());
        let fields = [
            ("category", &self.category, it.category().map(|found| found.value.clone())),
            ("side", &self.side, it.side.as_ref().map(|found| <&str>::from(found.value).to_owned())),
            ("quantity", &self.quantity, it.quantity().map(|found| render(&found.value))),
            ("price", &self.price, it.price().map(|found| super::prices::render(&found.value))),
            ("by", &self.by, date(DateRole::NeededBy)),
            ("available", &self.available, date(DateRole::AvailableFrom)),
            ("place", &self.place, it.place().map(|found| found.value.region_code.clone())),
        ];
        let asked = fields.into_iter().filter_map(|(name, expected, got)| Some((name, expected.clone()?, got)));
        asked.map(|(name, expected, got)| (name, expected, got.unwrap_or_default())).collect()
    }
}

/// How much is understood. The limits are a little below what was reached, so that a loss shows.
#[test]
fn messages_of_a_work_group() {
    let messages: Vec<Message> = serde_json::from_str(include_str!("messages.json")).unwrap();
    let (mut divided, mut fields, mut right, mut whole) = (0, 0, 0, 0);
    let mut report = Vec::new();
    for message in &messages {
        let drafts = understanding().understand_message(&message.text, today(), Some("410300"));
        let same = drafts.len() == message.drafts.len();
        divided += usize::from(same);
        if !same {
            let titles: Vec<&str> = drafts.iter().map(|draft| draft.understood.title.as_str()).collect();
            report.push(format!("{}: {} drafts, not {}: {titles:?}", message.text, drafts.len(), message.drafts.len()));
        }
        let mut faults = 0;
        for (index, expected) in message.drafts.iter().enumerate() {
            let empty = Draft {
                understood: Default::default(),
                span: crate::vocabulary::understanding::Span { start: 0, end: 0 },
            };
            for (name, expected, got) in expected.compare(drafts.get(index).unwrap_or(&empty)) {
                fields += 1;
                right += usize::from(expected == got);
                if expected != got {
                    faults += 1;
                    report.push(format!("{}: {name} of {}: {got:?}, not {expected:?}", message.text, index + 1));
                }
            }
        }
        whole += usize::from(same && faults == 0);
    }
    let all = messages.len();
    println!(
        "{}\nof {all} messages {divided} divided rightly, {whole} without fault; {right} of {fields} fields",
        report.join("\n")
    );
    assert!(divided * 100 >= all * 98, "{divided} of {all} divided rightly:\n{}", report.join("\n"));
    assert!(right * 100 >= fields * 98, "{right} of {fields} fields right:\n{}", report.join("\n"));
}
