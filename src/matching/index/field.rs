//! A partition as a question meets it.

use std::cell::OnceCell;

use super::bound::Question;
use super::earned::Earned;
use super::earnings::Earnings;
use super::partition::Partition;
use super::standing::Standing;
use super::words::{Words, Worths};

pub(super) struct Field<'a> {
    pub standing: Standing<'a>,
    pub partition: &'a Partition,
    /// What its words earn.
    pub earned: Earned<'a>,
    /// Worked out when the first of its blocks is gauged.
    pub earnings: OnceCell<Box<Earnings<'a>>>,
}

impl<'a> Field<'a> {
    pub fn new(standing: Standing<'a>, partition: &'a Partition) -> Self {
        Self { standing, partition, earned: Earned::of(partition), earnings: OnceCell::new() }
    }
}

/// By the numbers of texts; minus infinity for those that do not make up for a missing category, empty where none does.
pub(super) fn earn(words: &Words, standing: &Standing<'_>, question: &Question<'_>, worths: &Worths) -> Vec<f32> {
    match question.agreement.as_ref().filter(|_| standing.by_words) {
        Some(agreement) => words.earn_agreeing(worths, agreement),
        None => words.earn(worths),
    }
}
