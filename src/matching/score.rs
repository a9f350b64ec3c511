//! From components to points.

use super::components;
use super::context::Context;
use super::factor::{Component, Factor, FactorCode, U_SCALE};
use super::facts::Facts;
use super::item::Item;
use super::pair::Pair;
use super::policy::Policy;
use super::price::Yardstick;
use crate::domain::listing::{Kind, Side};

/// The most a score can be.
const FULL: u128 = 1000;

/// The components a query can ask for: the same for every candidate, so that scores are comparable.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    kind: Kind,
    codes: Vec<FactorCode>,
    yardstick: Option<Yardstick<'a>>,
}

impl<'a> Asked<'a> {
    /// Quantity, trust and freshness can always be asked for; distance with a place; price with a yardstick; time with a
    /// date of one's own; text with words; a chain link with partners; urgency by a supplier.
    pub fn of(query: &'a Item, ctx: &Context<'a>) -> Self {
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
        Self {
            kind: query.kind(),
            codes: codes.into_iter().filter(|(_, can)| *can).map(|(c, _)| c).collect(),
            yardstick,
        }
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
            FactorCode::Text => components::text(pair, ctx),
            FactorCode::Trust => components::trust(pair, ctx),
            FactorCode::Freshness => components::freshness(pair, ctx),
            FactorCode::ChainLink => components::chain_link(pair),
            FactorCode::Urgency => components::urgency(pair),
        })
    }

    pub fn score(&self, components: &[Component], policy: &Policy) -> u32 {
        Weighed::new(components, self.kind, policy).score()
    }

    /// The score and the factors whose points sum to it.
    pub fn factors(&self, components: Vec<Component>, policy: &Policy) -> (u32, Vec<Factor>) {
        let weighed = Weighed::new(&components, self.kind, policy);
        let (score, points) = (weighed.score(), weighed.points());
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
        value: component.value.as_ref().map(super::check::Value::bare),
        unit: component.value.as_ref().and_then(super::check::Value::unit),
        u: f64::from(component.u) / f64::from(U_SCALE),
        weight,
        points,
        flags: component.flags,
        params: component.params,
    }
}

/// Whole numbers, so that points and score agree exactly: each part is `1000 × w × u` over `total`.
struct Weighed {
    parts: Vec<u128>,
    total: u128,
}

impl Weighed {
    fn new(components: &[Component], kind: Kind, policy: &Policy) -> Self {
        let weight = |c: &Component| u128::try_from(policy.weight(kind, c.code).millionths()).unwrap_or(0);
        let total: u128 = components.iter().map(weight).sum::<u128>() * u128::from(U_SCALE);
        let parts = components.iter().map(|c| FULL * weight(c) * u128::from(c.u)).collect();
        Self { parts, total: total.max(1) }
    }

    /// Rounded half up.
    fn score(&self) -> u32 {
        let sum: u128 = self.parts.iter().sum();
        u32::try_from((2 * sum + self.total) / (2 * self.total)).unwrap_or(u32::MAX)
    }

    /// By largest remainder: every part rounded down, what is left given to the largest remainders, the first among equals.
    fn points(&self) -> Vec<u32> {
        let mut points: Vec<u32> =
            self.parts.iter().map(|part| u32::try_from(part / self.total).unwrap_or(u32::MAX)).collect();
        let left = self.score().saturating_sub(points.iter().sum()) as usize;
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(self.parts[i] % self.total), i));
        for &index in order.iter().take(left) {
            points[index] += 1;
        }
        points
    }
}
