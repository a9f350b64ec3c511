//! One large need, several suppliers: how much to take of whom.
//!
//! Three plans over the best matches of a need: cheapest (landed cost and a charge for each further supplier), fewest
//! suppliers, nearest (least unit-kilometres). Each covers as much as its suppliers can, never more than is needed; a
//! supplier gives nothing, or between its minimum order and what it has left, in whole lots. Each says what it costs, what
//! nothing can beat (`bound`) and how far it is from that (`gap`).

mod problem;
mod relaxation;
mod supply;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::context::Context;
use super::factor::Flag;
use super::facts::Facts;
use super::item::Item;
use super::price::Yardstick;
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::domain::trade::Money;
use problem::{Offer, Problem, Solution};
use supply::Supply;

/// The best matches that are combined.
pub const POOL: usize = 200;
pub const MOST_SUPPLIERS: usize = 25;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Objective {
    Cheapest,
    Fewest,
    Nearest,
}

/// The plans of one need.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundles {
    /// Over all days of the need, in `unit_code`.
    pub needed: Decimal,
    pub unit_code: String,
    /// Of every cost; absent where no price can be compared.
    pub currency: Option<String>,
    /// Offers that were combined.
    pub pool: usize,
    /// Matches that say too little of their quantity to be combined.
    pub left_out: usize,
    /// One for each objective; none where there is nothing to combine.
    pub plans: Vec<Plan>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub objective: Objective,
    /// The largest share first.
    pub lines: Vec<Line>,
    /// In the need's unit.
    pub covered: Decimal,
    pub missing: Decimal,
    /// Of the lines and the charge; absent where no price is known.
    pub cost: Option<Money>,
    /// For the suppliers after the first.
    pub supplier_charge: Option<Money>,
    /// No plan of these offers covers as much for less (nearest: over fewer unit-kilometres).
    pub bound: Bound,
    /// `(value − bound) / value`; 0 where the plan is proven the best.
    pub gap: f64,
    /// Nothing covers more, and nothing that covers as much is better.
    pub optimal: bool,
    /// Kilometres one unit travels on average, as far as places are known.
    pub mean_km: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Bound {
    Cost { value: Decimal },
    UnitKilometres { value: Decimal },
}

/// What one offer gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub listing_id: Uuid,
    pub version: i32,
    pub enterprise_id: Uuid,
    /// In the need's unit.
    pub quantity: Decimal,
    /// The same in the offer's own.
    pub offer_quantity: Decimal,
    pub offer_unit_code: String,
    /// Landed, for one of the need's unit.
    pub unit_price: Option<Decimal>,
    pub cost: Option<Decimal>,
    pub distance_km: Option<f64>,
    pub flags: Vec<Flag>,
}

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBundle {
    /// Offers are not bundled.
    NotANeed,
    QuantityUnknown,
}

impl NoBundle {
    /// Told from the listing alone, before anything is ranked.
    pub fn of(need: &Item) -> Option<Self> {
        let facts = Facts::of(need);
        match (need.side(), facts.quantity, facts.unit) {
            (Side::Offer, ..) => Some(NoBundle::NotANeed),
            (Side::Need, Some(_), Some(_)) => None,
            (Side::Need, ..) => Some(NoBundle::QuantityUnknown),
        }
    }
}

/// `offers` are matches of `need`, best first, found with less than all of it accepted.
pub fn bundle(need: &Item, offers: &[Item], most: usize, ctx: &Context<'_>) -> Result<Bundles, NoBundle> {
    if let Some(refused) = NoBundle::of(need) {
        return Err(refused);
    }
    let facts = Facts::of(need);
    let yardstick = Yardstick::of(&facts, Side::Need, ctx).or_else(|| supply::any_price(need, offers, ctx));
    let supplies: Vec<Supply<'_>> =
        offers.iter().filter_map(|offer| Supply::of(need, offer, yardstick.as_ref(), ctx)).collect();
    let needed = supplies.iter().map(|supply| supply.needed).max().or(facts.quantity).unwrap_or_default();
    let priced = supplies.iter().any(|supply| supply.price.is_some());
    let currency = yardstick.filter(|_| priced).map(|yardstick| yardstick.currency.to_owned());
    let table = Table { needed, most, supplies: &supplies, currency: currency.as_deref(), ctx };
    let plans = match supplies.is_empty() {
        true => Vec::new(),
        false => Objective::VARIANTS.iter().map(|objective| table.plan(*objective)).collect(),
    };
    let (pool, left_out) = (supplies.len(), offers.len() - supplies.len());
    Ok(Bundles { needed, unit_code: facts.unit.unwrap_or_default().to_owned(), currency, pool, left_out, plans })
}

/// What all plans are made of.
struct Table<'a> {
    needed: Decimal,
    most: usize,
    supplies: &'a [Supply<'a>],
    currency: Option<&'a str>,
    ctx: &'a Context<'a>,
}

impl Table<'_> {
    fn plan(&self, objective: Objective) -> Plan {
        let problem = self.problem(objective);
        let solution = problem.solve();
        let mut lines: Vec<Line> =
            (0..self.supplies.len()).filter(|at| solution.steps[*at] > 0).map(|at| self.line(at, &solution)).collect();
        lines.sort_by(|a, b| b.quantity.cmp(&a.quantity).then(a.listing_id.cmp(&b.listing_id)));
        let covered = decimal(i128::from(self.needed.millionths() - solution.value.missing));
        let further = problem.suppliers_of(&solution.steps).len().saturating_sub(1);
        let charge = self.charge() * further as i128;
        let goods: i128 = lines.iter().filter_map(|line| line.cost).map(|cost| i128::from(cost.millionths())).sum();
        let money = |millionths: i128| {
            self.currency.map(|currency| Money { amount: decimal(millionths), currency: currency.to_owned() })
        };
        let (bound, gap) = self.bound(objective, &problem, &solution);
        Plan {
            objective,
            covered,
            missing: decimal(i128::from(solution.value.missing)),
            cost: money(goods + charge),
            supplier_charge: money(charge),
            bound,
            gap,
            optimal: solution.value == solution.bound,
            mean_km: self.mean_km(&solution),
            lines,
        }
    }

    fn problem(&self, objective: Objective) -> Problem {
        let offers: Vec<Offer> =
            self.supplies.iter().zip(self.numbers()).map(|(s, by)| s.offer(self.price(objective, s), by)).collect();
        let needed = self.needed.millionths();
        let charge = match objective {
            Objective::Cheapest => self.charge() * i128::from(SCALE),
            // Dearer than all there is to buy.
            Objective::Fewest => {
                let dearest = offers.iter().map(|offer| i128::from(offer.price)).max().unwrap_or(0);
                dearest * i128::from(needed) + 1
            }
            Objective::Nearest => 0,
        };
        Problem { needed, offers, charge, most_suppliers: self.most.clamp(1, MOST_SUPPLIERS) }
    }

    /// Of the supplier of each: its enterprise, numbered.
    fn numbers(&self) -> impl Iterator<Item = usize> {
        let mut enterprises: Vec<Uuid> = self.supplies.iter().map(|supply| supply.offer.enterprise_id).collect();
        enterprises.sort_unstable();
        enterprises.dedup();
        self.supplies.iter().map(move |s| enterprises.binary_search(&s.offer.enterprise_id).unwrap_or(0))
    }

    /// In millionths of the currency, or in metres. What is not stated is taken at its worst: the dearest price of the
    /// need's own limit and the others', the farthest of the places known.
    fn price(&self, objective: Objective, supply: &Supply<'_>) -> i64 {
        match objective {
            Objective::Cheapest | Objective::Fewest => {
                let worst = || self.supplies.iter().filter_map(|s| s.price.into_iter().chain(s.most).max()).max();
                supply.price.or_else(worst).unwrap_or(0)
            }
            Objective::Nearest => {
                let farthest = || self.supplies.iter().filter_map(|s| s.metres).max();
                supply.metres.or_else(farthest).unwrap_or(0)
            }
        }
    }

    /// For each supplier after the first, in millionths; none where the policy's currency is not that of the prices.
    fn charge(&self) -> i128 {
        let policy = self.ctx.policy;
        let same = self.currency == Some(policy.freight_currency.as_str());
        if same { i128::from(policy.extra_supplier_charge.millionths()) } else { 0 }
    }

    fn line(&self, at: usize, solution: &Solution) -> Line {
        let supply = &self.supplies[at];
        let steps = solution.steps[at];
        let amount = steps * supply.step;
        let price = supply.price.filter(|_| self.currency.is_some());
        let cost = price.map(|price| self.minor(i128::from(amount) * i128::from(price)));
        Line {
            listing_id: supply.offer.id,
            version: supply.offer.version,
            enterprise_id: supply.offer.enterprise_id,
            quantity: decimal(amount.into()),
            offer_quantity: decimal(i128::from(steps) * i128::from(supply.own_step)),
            offer_unit_code: supply.unit.to_owned(),
            unit_price: price.map(|price| decimal(price.into())),
            cost,
            distance_km: supply.metres.map(|metres| metres as f64 / 1000.0),
            flags: supply.flags.clone(),
        }
    }

    /// Price times amount to the currency's minor unit, halves up.
    fn minor(&self, product: i128) -> Decimal {
        let currency = self.currency.and_then(|code| self.ctx.reference.currencies.get(code));
        let digits = u32::from(currency.and_then(|currency| currency.minor_units).unwrap_or(2).min(6));
        let unit = 10_i128.pow(6 - digits);
        let grain = unit * i128::from(SCALE);
        decimal((product + grain / 2) / grain * unit)
    }

    fn bound(&self, objective: Objective, problem: &Problem, solution: &Solution) -> (Bound, f64) {
        let (value, mut bound) = (solution.value.cost, solution.bound.cost);
        if solution.bound.missing < solution.value.missing {
            bound = problem.least_cost_of(problem.needed - solution.value.missing);
        }
        let gap = if value > 0 { ((value - bound) as f64 / value as f64).max(0.0) } else { 0.0 };
        let of = |value| decimal(value / i128::from(SCALE));
        match objective {
            Objective::Cheapest => (Bound::Cost { value: of(bound) }, gap),
            // Without the charge that only orders: the cost of as many suppliers, where fewer are ruled out.
            Objective::Fewest => {
                let more = problem.suppliers_of(&solution.steps).len().saturating_sub(1) as i128;
                let cost = (bound - problem.charge * more).max(0) + self.charge() * more * i128::from(SCALE);
                (Bound::Cost { value: of(cost) }, gap)
            }
            Objective::Nearest => (Bound::UnitKilometres { value: of(bound * 1000) }, gap),
        }
    }

    fn mean_km(&self, solution: &Solution) -> Option<f64> {
        let given = self.supplies.iter().zip(&solution.steps).filter(|(_, steps)| **steps > 0);
        let known = given.filter_map(|(supply, steps)| Some(((steps * supply.step) as f64, supply.metres? as f64)));
        let (units, metres) =
            known.fold((0.0, 0.0), |(units, sum), (amount, far)| (units + amount, sum + amount * far));
        (units > 0.0).then(|| metres / units / 1000.0)
    }
}

/// Kept within what a decimal holds.
fn decimal(millionths: i128) -> Decimal {
    i64::try_from(millionths.max(0)).ok().and_then(Decimal::from_millionths).unwrap_or(Decimal::MAX)
}
