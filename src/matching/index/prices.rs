//! The best price a block's rows could have: those that count and price alike bounded together.

use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::matching::factor::FactorCode;
use crate::matching::shares;

use super::block::Block;
use super::bound::Question;
use super::manners::Manners;
use super::row::{Flags, Row};
use super::scan::deal;
use super::standing::Standing;

/// Blocks whose rows price in more ways than this are not bounded.
const MOST: usize = 6;

/// Rows that count alike, in one currency and for one unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alike {
    row: u8,
    /// The least an offer asks, the most a need pays.
    best: Decimal,
    /// A need that pays nothing has no price too high.
    nothing: bool,
}

/// `None` where there are too many ways.
pub(super) fn alike(rows: &[Row], manners: &Manners, side: Side) -> Option<Box<[Alike]>> {
    let mut groups: Vec<Alike> = Vec::new();
    for (at, row) in (0_u8..).zip(rows) {
        let Some(amount) = row.amount() else { continue };
        let same = |held: &Alike| {
            rows.get(usize::from(held.row))
                .is_some_and(|held| held.count == row.count && manners.same_measure_of_money(held.money, row.money))
        };
        if let Some(held) = groups.iter_mut().find(|held| same(held)) {
            held.best = if side == Side::Offer { held.best.min(amount) } else { held.best.max(amount) };
            held.nothing |= amount.is_zero();
        } else if groups.len() == MOST {
            return None;
        } else {
            groups.push(Alike { row: at, best: amount, nothing: amount.is_zero() });
        }
    }
    Some(groups.into())
}

impl<'a> Question<'a> {
    /// The most any row's price earns; `None` where that cannot be told.
    pub fn price(&self, block: &'a Block, standing: &Standing<'a>) -> Option<u64> {
        let groups = block.prices().filter(|_| (0.0..=1.0).contains(&self.ctx.policy.price_floor))?;
        let yardstick = self.asked.yardstick()?;
        let silent = if block.summary.every.has(Flags::AMOUNT) { 0.0 } else { self.ctx.policy.unknown.price };
        let of = |group: &Alike| {
            let row = block.rows().get(usize::from(group.row))?;
            let mut deal = deal(self, row, (block, standing), None);
            if let Some(quote) = &mut deal.offer.price {
                // At best it needs neither tax nor freight.
                (quote.tax_included, quote.delivered) = (true, true);
                if self.side == Side::Offer {
                    quote.amount = group.best;
                }
            }
            if let Some(cap) = deal.need.cap.as_mut().filter(|_| self.side == Side::Need) {
                cap.amount = group.best;
            }
            let free = self.side == Side::Need && group.nothing;
            Some(if free { 1.0 } else { shares::price(&deal, yardstick, &self.rough).0 })
        };
        let best = groups.iter().map(of).try_fold(silent, |best, u| Some(best.max(u?)))?;
        Some(self.part(FactorCode::Price, best))
    }
}
