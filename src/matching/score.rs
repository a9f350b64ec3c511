//! From components to points.

use strum::VariantArray;

use super::components;
use super::context::Context;
use super::factor::{Component, Factor, FactorCode, U_SCALE, round_u};
use super::facts::Facts;
use super::item::Item;
use super::pair::{Deal, Pair};
use super::policy::Policy;
use super::price::Yardstick;
use super::shares;
use super::text;
use crate::domain::listing::{Kind, Side};

/// The most a score can be.
const FULL: u64 = 1000;

/// The most a weight counts, in millionths: so that no sum of parts leaves 64 bits.
const MOST_WEIGHT: u64 = 100_000_000_000;

/// The components a query can ask for: the same for every candidate, so that scores are comparable.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    kind: Kind,
    codes: Vec<FactorCode>,
    yardstick: Option<Yardstick<'a>>,
    words: text::Asked<'a>,
    scale: Scale,
}

impl<'a> Asked<'a> {
    /// Quantity, trust and freshness can always be asked for; distance with a place; price with a yardstick; time with a
    /// date of one's own; text with words; a chain link with partners; urgency by a supplier.
    pub fn of(query: &'a Item, ctx: &Context<'a>) -> Self {
        Self { words: text::Asked::of(&query.profile, ctx.statistics), ..Self::apart_from_words(query, ctx) }
    }

    /// The same where what words earn is known: it cannot be asked of this.
    pub fn apart_from_words(query: &'a Item, ctx: &Context<'a>) -> Self {
        let facts = Facts::of(query);
        let side = query.side();
        let yardstick = Yardstick::of(&facts, side, ctx);
        let dated = match side {
            Side::Need => facts.needed_by.is_some(),
            Side::Offer => facts.available_from.is_some(),
        };
        let codes = [
            (FactorCode::Quantity, true),
            (FactorCode::Distance, facts.location.is_some()),
            (FactorCode::Price, yardstick.is_some()),
            (FactorCode::Time, dated),
            (FactorCode::Text, !query.profile.is_empty()),
            (FactorCode::Trust, true),
            (FactorCode::Freshness, true),
            (FactorCode::ChainLink, !query.partners.is_empty()),
            (FactorCode::Urgency, side == Side::Offer),
        ];
        let codes: Vec<FactorCode> = codes.into_iter().filter(|(_, can)| *can).map(|(c, _)| c).collect();
        let scale = Scale::new(&codes, query.kind(), ctx.policy);
        Self { kind: query.kind(), codes, yardstick, words: text::Asked::default(), scale }
    }

    pub fn codes(&self) -> &[FactorCode] {
        &self.codes
    }

    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    pub fn yardstick(&self) -> Option<&Yardstick<'a>> {
        self.yardstick.as_ref()
    }

    pub fn words(&self) -> &text::Asked<'a> {
        &self.words
    }

    pub fn components(&self, pair: &Pair<'_>, ctx: &Context<'_>) -> Vec<Component> {
        self.codes.iter().filter_map(|code| self.component(*code, pair, ctx)).collect()
    }

    fn component(&self, code: FactorCode, pair: &Pair<'_>, ctx: &Context<'_>) -> Option<Component> {
        Some(match code {
            FactorCode::Quantity => components::quantity(pair, ctx),
            FactorCode::Distance => components::distance(pair, ctx),
            FactorCode::Price => components::price(pair, self.yardstick.as_ref()?, ctx),
            FactorCode::Time => components::time(pair, ctx),
            FactorCode::Text => components::text(pair, &self.words, ctx),
            FactorCode::Trust => components::trust(pair, ctx),
            FactorCode::Freshness => components::freshness(pair, ctx),
            FactorCode::ChainLink => components::chain_link(pair),
            FactorCode::Urgency => components::urgency(pair),
        })
    }

    /// u in ten-thousandths: that of the component, without what explains it.
    pub fn u(&self, code: FactorCode, pair: &Pair<'_>, ctx: &Context<'_>) -> u32 {
        let candidate = pair.candidate_item();
        let u = match code {
            FactorCode::Text => self.words.share(&candidate.profile, ctx.statistics, ctx.policy),
            FactorCode::Trust => {
                shares::trust(candidate.trust, pair.candidate().category.or(pair.query().category), ctx)
            }
            FactorCode::Freshness => shares::freshness(candidate.confirmed_at, ctx).0,
            FactorCode::ChainLink => shares::chain_link(pair.query_item(), candidate),
            FactorCode::Urgency => {
                let need = pair.need_item;
                shares::urgency(pair.need.urgency, need.urgency_confirmed, need.designated).0
            }
            code => return self.u_of_terms(code, pair, ctx),
        };
        round_u(u)
    }

    /// The same of what terms alone decide: quantity, distance, price and time.
    pub fn u_of_terms(&self, code: FactorCode, deal: &Deal<'_>, ctx: &Context<'_>) -> u32 {
        let u = match code {
            FactorCode::Quantity => shares::quantity(deal, ctx).0,
            FactorCode::Distance => shares::distance(deal.distance_km, deal.kind, ctx.policy),
            FactorCode::Price => self.yardstick.as_ref().map_or(0.0, |yardstick| shares::price(deal, yardstick, ctx).0),
            FactorCode::Time => shares::time(deal, ctx).0,
            _ => 1.0,
        };
        round_u(u)
    }

    pub fn score(&self, pair: &Pair<'_>, ctx: &Context<'_>) -> u32 {
        self.score_with(|code| self.u(code, pair, ctx))
    }

    /// From u in ten-thousandths of each component asked for.
    pub fn score_with(&self, u: impl Fn(FactorCode) -> u32) -> u32 {
        self.scale.score(self.codes.iter().map(|code| self.scale.part(*code, u(*code))).sum())
    }

    /// The score and the factors whose points sum to it.
    pub fn factors(&self, components: Vec<Component>, policy: &Policy) -> (u32, Vec<Factor>) {
        let parts: Vec<u64> = components.iter().map(|c| self.scale.part(c.code, c.u)).collect();
        let (score, points) = (self.scale.score(parts.iter().sum()), self.scale.points(&parts));
        let factors = components.into_iter().zip(points).map(|(component, points)| {
            let weight = policy.weight(self.kind, component.code).to_f64();
            factor(component, weight, points)
        });
        (score, factors.collect())
    }
}

fn factor(component: Component, weight: f64, points: u32) -> Factor {
    Factor {
        code: component.code,
        value: component.value,
        u: f64::from(component.u) / f64::from(U_SCALE),
        weight,
        points,
        flags: component.flags,
        params: component.params,
    }
}

/// Whole numbers, so that points and score agree exactly: a component's part is `1000 × w × u`, the score the sum of the
/// parts over `total`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    weights: [u64; FactorCode::VARIANTS.len()],
    total: u64,
}

impl Scale {
    fn new(codes: &[FactorCode], kind: Kind, policy: &Policy) -> Self {
        let mut weights = [0; FactorCode::VARIANTS.len()];
        for code in codes {
            weights[*code as usize] = policy.weight(kind, *code).millionths().unsigned_abs().min(MOST_WEIGHT);
        }
        let total = weights.iter().sum::<u64>() * u64::from(U_SCALE);
        Self { weights, total: total.max(1) }
    }

    /// Of a component with `u` in ten-thousandths; 0 for one not asked for.
    pub fn part(&self, code: FactorCode, u: u32) -> u64 {
        FULL * self.weights[code as usize] * u64::from(u)
    }

    pub fn in_points(&self, sum: u64) -> f64 {
        sum as f64 / self.total as f64
    }

    /// Rounded half up.
    pub fn score(&self, sum: u64) -> u32 {
        u32::try_from((2 * sum + self.total) / (2 * self.total)).unwrap_or(u32::MAX)
    }

    /// The smallest sum that makes this score.
    pub fn least(&self, score: u32) -> u64 {
        (u64::from(2 * score).saturating_sub(1) * self.total).div_ceil(2)
    }

    /// By largest remainder: every part rounded down, what is left given to the largest remainders, the first among equals.
    fn points(&self, parts: &[u64]) -> Vec<u32> {
        let mut points: Vec<u32> =
            parts.iter().map(|part| u32::try_from(part / self.total).unwrap_or(u32::MAX)).collect();
        let left = self.score(parts.iter().sum()).saturating_sub(points.iter().sum()) as usize;
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(parts[i] % self.total), i));
        for &index in order.iter().take(left) {
            points[index] += 1;
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_sum_of_a_score_is_the_smallest() {
        let scale = Scale::new(&[FactorCode::Quantity, FactorCode::Text], Kind::Ppe, &Policy::default());
        for score in 1..=1000 {
            let least = scale.least(score);
            assert_eq!((scale.score(least - 1), scale.score(least)), (score - 1, score));
        }
        assert_eq!(scale.least(0), 0);
    }
}
