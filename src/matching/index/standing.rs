//! How the listings of a partition stand to a question, category alone considered.

use crate::domain::listing::Side;
use crate::matching::checks::words_mean;
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::pair::Kinship;
use crate::matching::shares;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing<'a> {
    pub category: Option<&'a str>,
    pub kinship: Kinship<'a>,
    /// What is usual in the category: a newcomer's trust, the days an offer takes.
    pub trust: f64,
    pub lead_days: f64,
    /// A category is missing, and each listing's words decide.
    pub by_words: bool,
    /// Where the footings of the partition's ways to count and price begin, among those of the question.
    pub first_way: usize,
}

impl<'a> Standing<'a> {
    /// `kinship`: of the two categories. Unrelated ones are seldom worth the rest.
    pub fn of(query: &'a Item, category: Option<&'a str>, kinship: Kinship<'a>, ctx: &Context<'a>) -> Self {
        let settled = match (query.category(), category) {
            (None, Some(code)) => words_mean(query.side(), &query.profile, code, ctx),
            _ => false,
        };
        let (offered, asked) = asked_of(query.side(), (query.category(), category), (category, query.category()));
        Self {
            category,
            kinship,
            trust: shares::trust(None, category.or(query.category()), ctx),
            lead_days: shares::usual_lead(offered.or(asked), ctx),
            by_words: kinship == Kinship::Unstated && !settled,
            first_way: 0,
        }
    }
}

/// Of two things the one that goes with the side that is asked.
pub(super) fn asked_of<T>(asked: Side, of_offer: T, of_need: T) -> T {
    if asked == Side::Offer { of_offer } else { of_need }
}
