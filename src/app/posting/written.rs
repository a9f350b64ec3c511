//! Texts that fields are understood from, each read once.

use super::{Passage, Reading, Source};
use crate::domain::category::CategoryTree;
use crate::domain::listing::Kind;
use crate::vocabulary::understanding::{Found, Understood as Said};

/// What a text is about, where it is about one thing only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    Category,
    Quantity,
    Price,
    /// When, and how urgent.
    Time,
    Place,
    Standard,
}

pub struct Written<'w> {
    source: Source,
    text: &'w str,
    said: Said,
    /// What it says counts so much of what a title says.
    share: f64,
    /// Absent: everything.
    about: Option<Aspect>,
}

/// What is less sure than this is not taken.
const LEAST_CONFIDENCE: f64 = 0.5;
/// The same of a text that is about this and nothing else.
const LEAST_CONFIDENCE_OF_COLUMN: f64 = 0.15;
/// A description of which more characters are left, when all that was understood is taken out, is about more than
/// amounts and days.
const MOST_LEFT: usize = 6;
/// Remarks are about other things too.
const DESCRIPTION_SHARE: f64 = 0.8;

impl<'w> Written<'w> {
    pub fn title(reading: &Reading<'_>, text: &'w str) -> Self {
        Self::read(reading, Source::Title, text)
    }

    pub fn description(reading: &Reading<'_>, text: &'w str) -> Self {
        Self { share: DESCRIPTION_SHARE, ..Self::read(reading, Source::Description, text) }
    }

    pub fn column(reading: &Reading<'_>, about: Aspect, text: &'w str) -> Self {
        Self { about: Some(about), ..Self::read(reading, Source::Column, text) }
    }

    /// One draft of a message.
    pub fn message(text: &'w str, said: Said) -> Self {
        Self { source: Source::Message, text, said, share: 1.0, about: None }
    }

    fn read(reading: &Reading<'_>, source: Source, text: &'w str) -> Self {
        Self { source, text, said: reading.said(text), share: 1.0, about: None }
    }

    /// What it says about this.
    pub fn of(&self, aspect: Aspect) -> Option<&Said> {
        self.about.is_none_or(|about| about == aspect).then_some(&self.said)
    }

    /// 另需奥司他韦胶囊 500盒: a description may speak of other goods than the `category`, and count those.
    pub fn is_of_other_goods(&self, category: Option<&str>, tree: &CategoryTree) -> bool {
        if self.source != Source::Description {
            return false;
        }
        let kind = |code: &str| tree.get(code).map(|category| category.kind);
        // 检测报告 of masks is no other goods, but a service; 电梯一部 beside gowns is.
        let apart = |named: &str, category: &str| {
            kind(named) == kind(category) || (kind(named), kind(category)) == (Some(Kind::Equipment), Some(Kind::Ppe))
        };
        let related = |named: &str| {
            category.is_some_and(|category| {
                tree.is_within(named, category) || tree.is_within(category, named) || !apart(named, category)
            })
        };
        let amounts = self.said.quantities.len() + self.said.prices.len();
        match self.said.categories.as_slice() {
            // Names nobody knows are left of it.
            [] => amounts > 0 && (amounts > 2 || self.said.title.chars().count() > MOST_LEFT),
            named => !named.iter().all(|found| related(&found.value)),
        }
    }

    pub fn least_confidence(&self) -> f64 {
        if self.about.is_some() { LEAST_CONFIDENCE_OF_COLUMN } else { LEAST_CONFIDENCE }
    }

    pub fn said(&self) -> &Said {
        &self.said
    }

    pub fn source(&self) -> Source {
        self.source
    }

    pub fn confidence<T>(&self, found: &Found<T>) -> f64 {
        found.confidence * self.share
    }

    pub fn passage<T>(&self, found: &Found<T>) -> Passage {
        Passage::of(self.text, found.span)
    }
}
