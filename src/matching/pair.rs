//! A need and an offer side by side, with who is asking and how their categories are related.

use std::ops::Deref;

use super::context::Context;
use super::facts::Facts;
use super::item::Item;
use super::time::Journey;
use crate::domain::category::{CategoryTree, Substitute};
use crate::domain::listing::{Kind, Side};
use crate::domain::unit::Ratio;

/// Two listings, and the deal they would make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub need_item: &'a Item,
    pub offer_item: &'a Item,
    deal: Deal<'a>,
}

/// What arithmetic needs of a pair: what both state, without the listings themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deal<'a> {
    pub need: Facts<'a>,
    pub offer: Facts<'a>,
    /// Whose question it is.
    pub asking: Side,
    /// Of the asking listing.
    pub kind: Kind,
    pub distance_km: Option<f64>,
    pub kinship: Kinship<'a>,
}

/// How the offered category stands to the one asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kinship<'a> {
    /// The same or below it.
    Within,
    /// Above it: the offer may or may not be what is asked for.
    Broader,
    Substitute(&'a Substitute),
    Unrelated,
    /// One of the two has no category.
    Unstated,
}

impl<'a> Kinship<'a> {
    /// The categories of the asking listing and of the other.
    pub fn between(asking: Side, query: Option<&'a str>, candidate: Option<&'a str>, ctx: &Context<'a>) -> Self {
        let (asked, offered) = if asking == Side::Need { (query, candidate) } else { (candidate, query) };
        Self::of(asked, offered, &ctx.reference.categories)
    }

    fn of(asked: Option<&'a str>, offered: Option<&str>, tree: &'a CategoryTree) -> Self {
        let (Some(asked), Some(offered)) = (asked, offered) else { return Kinship::Unstated };
        if asked == offered || tree.is_within(offered, asked) {
            Kinship::Within
        } else if tree.is_within(asked, offered) {
            Kinship::Broader
        } else {
            tree.substitute(asked, offered).map_or(Kinship::Unrelated, Kinship::Substitute)
        }
    }
}

impl<'a> Pair<'a> {
    /// Two items of one side are taken as they come; the check of sides says so.
    pub fn new(query: &'a Item, candidate: &'a Item, ctx: &Context<'a>) -> Self {
        let asking = query.side();
        let kinship = Kinship::between(asking, query.category(), candidate.category(), ctx);
        Self::related(query, candidate, kinship)
    }

    /// Whatever their categories are.
    pub fn related(query: &'a Item, candidate: &'a Item, kinship: Kinship<'a>) -> Self {
        let asking = query.side();
        let (need_item, offer_item) = if asking == Side::Need { (query, candidate) } else { (candidate, query) };
        let (need, offer) = (Facts::of(need_item), Facts::of(offer_item));
        let distance_km = need.location.zip(offer.location).map(|(a, b)| a.distance_km(b));
        let deal = Deal { need, offer, asking, kind: query.kind(), distance_km, kinship };
        Self { need_item, offer_item, deal }
    }

    /// Where what both state has been put together already.
    pub fn with_deal(query: &'a Item, candidate: &'a Item, deal: Deal<'a>) -> Self {
        let (need_item, offer_item) = if deal.asking == Side::Need { (query, candidate) } else { (candidate, query) };
        Self { need_item, offer_item, deal }
    }

    pub fn query_item(&self) -> &'a Item {
        if self.asking == Side::Need { self.need_item } else { self.offer_item }
    }

    pub fn candidate_item(&self) -> &'a Item {
        if self.asking == Side::Need { self.offer_item } else { self.need_item }
    }
}

impl<'a> Deref for Pair<'a> {
    type Target = Deal<'a>;

    fn deref(&self) -> &Deal<'a> {
        &self.deal
    }
}

impl<'a> Deal<'a> {
    pub fn query(&self) -> &Facts<'a> {
        if self.asking == Side::Need { &self.need } else { &self.offer }
    }

    pub fn candidate(&self) -> &Facts<'a> {
        if self.asking == Side::Need { &self.offer } else { &self.need }
    }

    /// The same deal, had the candidate stated something else. Places stay as they are.
    pub fn with_candidate(mut self, facts: Facts<'a>) -> Self {
        match self.asking {
            Side::Need => self.offer = facts,
            Side::Offer => self.need = facts,
        }
        self
    }

    pub fn journey(&self) -> Journey {
        Journey {
            available_from: self.offer.available_from,
            needed_by: self.need.needed_by,
            lead_days: self.offer.lead_days,
            distance_km: self.distance_km,
        }
    }

    /// Units offered that stand for one unit asked for.
    pub fn substitution(&self) -> Ratio {
        let Kinship::Substitute(substitute) = self.kinship else { return Ratio::ONE };
        Ratio::new(i128::from(substitute.ratio.millionths()), i128::from(crate::domain::decimal::SCALE))
            .unwrap_or(Ratio::ONE)
    }
}
