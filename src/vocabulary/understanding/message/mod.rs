//! One pasted message as several drafts: `口罩2000个、84消毒液20桶，额温枪5把，本周五前送到涧西区`.
//!
//! The message is cut into clauses, clauses with goods become items, and what stands between them (places, days, prices,
//! 求购 and 可供) is given to the items it is about: to its own, to those of its line, or to all.

mod clauses;
mod items;
mod remarks;
mod share;
mod split;
mod words;

use chrono::NaiveDate;
use serde::Serialize;

use super::source::Span;
use super::{Understanding, Understood};

/// A message is cut into at most so many drafts.
const MOST_DRAFTS: usize = 200;

/// One listing to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draft {
    /// What was said of it, what it shares with others included.
    pub understood: Understood,
    /// The characters of the message it was cut from, without what it shares.
    pub span: Span,
}

impl Understanding {
    /// A draft for each thing a message asks for or offers, in its order; none where no goods are named.
    pub fn understand_message(&self, input: &str, today: NaiveDate, hint_region: Option<&str>) -> Vec<Draft> {
        let findings = self.findings(input, today, hint_region);
        let clauses = clauses::cut(&findings);
        let parts = items::classify(&findings, &clauses);
        let mut drafts = Vec::new();
        for item in parts.iter().filter(|part| part.is_item).take(MOST_DRAFTS) {
            let understood = self.understood(&findings, item.range);
            drafts.push(Draft { understood, span: findings.text.span(item.range.start, item.range.end) });
        }
        share::apply(&findings, &parts, &mut drafts);
        drafts
    }
}
