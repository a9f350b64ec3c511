//! How the listings of a partition stand to a question, category alone considered.

use crate::domain::listing::Side;
use crate::matching::checks::words_mean;
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::pair::Kinship;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing<'a> {
    pub kinship: Kinship<'a>,
    /// A category is missing, and each listing's words decide.
    pub by_words: bool,
}

impl<'a> Standing<'a> {
    pub fn of(query: &'a Item, category: Option<&'a str>, ctx: &Context<'a>) -> Self {
        let kinship = Kinship::between(query.side(), query.category(), category, ctx);
        let settled = match (query.category(), category) {
            (None, Some(code)) => words_mean(query.side(), &query.profile, code, ctx),
            _ => false,
        };
        Self { kinship, by_words: kinship == Kinship::Unstated && !settled }
    }

    /// No listing of such a partition passes the check of categories.
    pub fn is_unrelated(&self) -> bool {
        self.kinship == Kinship::Unrelated
    }
}

/// The code of a check that both sides can ask of each other.
pub(super) fn asked_of<T>(asked: Side, of_offer: T, of_need: T) -> T {
    if asked == Side::Offer { of_offer } else { of_need }
}
