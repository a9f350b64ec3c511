//! Which offers, and how much of each: the arithmetic of a bundle, in whole numbers.
//!
//! Every offer used gives a whole number of steps between its least and its most. First as much as possible is
//! covered, never more than needed; then the cost is least: amounts times prices, and a charge for each supplier after
//! the first. At most so many suppliers, who may have several offers.
//!
//! Branch and bound over what is used. The bound is the linear relaxation: an offer of a supplier not yet used costs its share
//! of the charge for its share of what that supplier could give; a multiplier (Lagrange) prices the limit of suppliers. What is
//! left at the end of a branch (all decided) is a small search over steps. The work is bounded by visits of offers, not
//! by time, so that the same question has the same answer; the best bound left open is returned with it.

use std::cmp::Ordering;

use super::relaxation::Relaxed;

/// One that could give something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offer {
    /// Of what is needed, in one step.
    pub step: i64,
    /// Steps; at least 1, and no more than `most`.
    pub least: i64,
    pub most: i64,
    /// For one of what is needed.
    pub price: i64,
    /// Whose it is: numbers from 0, at most [`MOST`].
    pub supplier: usize,
}

/// Different suppliers at most.
const MOST: usize = 256;

/// A set of suppliers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Suppliers([u64; MOST / 64]);

impl Suppliers {
    pub fn add(&mut self, supplier: usize) {
        self.0[supplier / 64 % (MOST / 64)] |= 1 << (supplier % 64);
    }

    pub fn has(&self, supplier: usize) -> bool {
        self.0[supplier / 64 % (MOST / 64)] >> (supplier % 64) & 1 == 1
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

impl Offer {
    pub fn min(&self) -> i64 {
        self.least * self.step
    }

    pub fn max(&self) -> i64 {
        self.most * self.step
    }
}

#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// No offer's most is beyond it.
    pub needed: i64,
    pub offers: Vec<Offer>,
    /// For each supplier after the first, in price times amount.
    pub charge: i128,
    pub most_suppliers: usize,
}

/// What is not covered, then what it costs: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Value {
    pub missing: i64,
    pub cost: i128,
}

impl Value {
    /// With so much more covered at this price.
    fn with(self, amount: i64, price: i64) -> Self {
        let cost = self.cost + i128::from(amount) * i128::from(price);
        Self { missing: self.missing - amount, cost }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Solution {
    /// Steps of each offer, 0 for one not used.
    pub steps: Vec<i64>,
    pub value: Value,
    /// Nothing is better than this; equal to `value` where that is proven the best.
    pub bound: Value,
}

/// Visits of offers before the search gives up proving: some milliseconds.
const WORK: usize = 100_000;
/// So few are to be proven the best.
const FEW: usize = 25;
const WORK_FOR_FEW: usize = 30_000_000;

impl Problem {
    pub fn solve(&self) -> Solution {
        self.solve_within(if self.offers.len() <= FEW { WORK_FOR_FEW } else { WORK })
    }

    pub(super) fn solve_within(&self, work: usize) -> Solution {
        let mut search = Search::new(self, work);
        search.visit(&mut vec![Choice::Open; self.offers.len()]);
        let bound = search.open.map_or(search.best, |open| open.min(search.best));
        Solution { steps: search.steps, value: search.best, bound }
    }

    /// A bound of the cost of covering so much: the cheapest first, least amounts and charges left out.
    pub fn least_cost_of(&self, covered: i64) -> i128 {
        let mut order: Vec<usize> = (0..self.offers.len()).collect();
        order.sort_by(|a, b| self.by_price(*a, *b));
        let mut left = covered;
        let cost = order.into_iter().map(|at| {
            let taken = left.min(self.offers[at].max());
            left -= taken;
            i128::from(taken) * i128::from(self.offers[at].price)
        });
        cost.sum()
    }

    /// The cheapest price first, then the larger.
    pub fn by_price(&self, a: usize, b: usize) -> Ordering {
        let (one, other) = (&self.offers[a], &self.offers[b]);
        one.price.cmp(&other.price).then(other.max().cmp(&one.max())).then(a.cmp(&b))
    }

    fn value_of(&self, steps: &[i64]) -> Value {
        let used = steps.iter().zip(&self.offers).filter(|(steps, _)| **steps > 0);
        let (mut covered, mut cost, mut suppliers) = (0_i64, 0_i128, Suppliers::default());
        for (steps, offer) in used {
            let amount = steps * offer.step;
            covered += amount;
            cost += i128::from(amount) * i128::from(offer.price);
            suppliers.add(offer.supplier);
        }
        let further = suppliers.len().saturating_sub(1);
        Value { missing: self.needed - covered, cost: cost + self.charge * further as i128 }
    }

    /// Of the offers used.
    pub fn suppliers_of(&self, steps: &[i64]) -> Suppliers {
        self.suppliers_where(|at| steps[at] > 0)
    }

    pub fn suppliers_where(&self, is_used: impl Fn(usize) -> bool) -> Suppliers {
        let mut suppliers = Suppliers::default();
        for (at, offer) in self.offers.iter().enumerate() {
            if is_used(at) {
                suppliers.add(offer.supplier);
            }
        }
        suppliers
    }
}

pub(super) fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What has been decided of a offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Open,
    Used,
    Left,
}

struct Search<'p> {
    problem: &'p Problem,
    relaxed: Relaxed<'p>,
    steps: Vec<i64>,
    best: Value,
    /// The least bound of what was not looked at.
    open: Option<Value>,
    work: usize,
}

impl<'p> Search<'p> {
    fn new(problem: &'p Problem, work: usize) -> Self {
        let nothing = vec![0; problem.offers.len()];
        let relaxed = Relaxed::new(problem);
        Self { problem, relaxed, best: problem.value_of(&nothing), steps: nothing, open: None, work }
    }

    fn visit(&mut self, choices: &mut Vec<Choice>) {
        let Some(bound) = self.relaxed.bound(choices) else { return };
        if bound.value >= self.best {
            return;
        }
        self.work = self.work.saturating_sub(2 * choices.len());
        self.try_amounts(choices, &bound.amounts);
        if bound.value >= self.best {
            return;
        }
        if self.work == 0 {
            self.leave_open(bound.value);
            return;
        }
        let Some(next) = self.undecided(choices, &bound.amounts) else {
            self.settle(choices, bound.value);
            return;
        };
        // What the relaxation does without is done without first: so the best is met early.
        let mut order = [Choice::Used, Choice::Left];
        if bound.amounts[next] == 0 {
            order.reverse();
        }
        for choice in order {
            choices[next] = choice;
            self.visit(choices);
        }
        choices[next] = Choice::Open;
    }

    fn leave_open(&mut self, bound: Value) {
        self.open = Some(self.open.map_or(bound, |open| open.min(bound)));
    }

    /// Of those there are suppliers left for, the one the relaxation splits most; else the one it uses most; else any.
    fn undecided(&self, choices: &[Choice], amounts: &[i64]) -> Option<usize> {
        let used = self.problem.suppliers_where(|at| choices[at] == Choice::Used);
        let is_full = used.len() == self.problem.most_suppliers;
        let may_be_used = |at: &usize| !is_full || used.has(self.problem.offers[*at].supplier);
        let open = (0..choices.len()).filter(|at| choices[*at] == Choice::Open).filter(may_be_used);
        open.min_by_key(|at| {
            let (offer, amount) = (&self.problem.offers[*at], amounts[*at]);
            let split = amount > 0 && amount < offer.max();
            (!split, std::cmp::Reverse(amount), *at)
        })
    }

    /// What the relaxation uses, as far as it may be used: the best of it, by price.
    fn try_amounts(&mut self, choices: &[Choice], amounts: &[i64]) {
        let mut chosen: Vec<usize> =
            (0..choices.len()).filter(|at| choices[*at] == Choice::Used || amounts[*at] > 0).collect();
        chosen.sort_by_key(|at| (choices[*at] != Choice::Used, std::cmp::Reverse(amounts[*at]), *at));
        let mut suppliers = Suppliers::default();
        chosen.retain(|at| {
            let supplier = self.problem.offers[*at].supplier;
            let fits = suppliers.has(supplier) || suppliers.len() < self.problem.most_suppliers;
            if fits {
                suppliers.add(supplier);
            }
            fits
        });
        // One whose least does not fit may keep the others out.
        while !chosen.is_empty() {
            chosen.sort_by(|a, b| self.problem.by_price(*a, *b));
            if self.least_of(&chosen) <= self.problem.needed {
                let steps = self.greedy(&chosen);
                self.consider(&steps, self.problem.value_of(&steps));
                return;
            }
            let largest = (0..chosen.len()).max_by_key(|at| self.problem.offers[chosen[*at]].min());
            chosen.remove(largest.unwrap_or(0));
        }
    }

    fn least_of(&self, chosen: &[usize]) -> i64 {
        chosen.iter().map(|at| self.problem.offers[*at].min()).fold(0, i64::saturating_add)
    }

    /// All of the chosen at their least, then the cheapest first.
    fn greedy(&self, chosen: &[usize]) -> Vec<i64> {
        let mut steps = vec![0; self.problem.offers.len()];
        let mut left = self.problem.needed - self.least_of(chosen);
        for at in chosen {
            let offer = &self.problem.offers[*at];
            let more = (left / offer.step).min(offer.most - offer.least);
            steps[*at] = offer.least + more;
            left -= more * offer.step;
        }
        steps
    }

    fn consider(&mut self, steps: &[i64], value: Value) {
        if value < self.best {
            (self.best, self.steps) = (value, steps.to_vec());
        }
    }

    /// Everything is decided but the amounts: whole steps of those used, the cheapest first, looked at with a bound.
    fn settle(&mut self, choices: &[Choice], bound: Value) {
        let mut chosen: Vec<usize> = (0..choices.len()).filter(|at| choices[*at] == Choice::Used).collect();
        chosen.sort_by(|a, b| self.problem.by_price(*a, *b));
        if self.least_of(&chosen) > self.problem.needed {
            return;
        }
        let mut steps = vec![0; choices.len()];
        for at in &chosen {
            steps[*at] = self.problem.offers[*at].least;
        }
        let rooms: Vec<Room> = chosen.iter().map(|at| Room::of(*at, &self.problem.offers[*at])).collect();
        let value = self.problem.value_of(&steps);
        if !self.fill(&rooms, &mut steps, value) {
            self.leave_open(bound);
        }
    }

    /// Adds steps of those with room, in order, to what is of this value; whether everything was looked at.
    fn fill(&mut self, rooms: &[Room], steps: &mut Vec<i64>, value: Value) -> bool {
        let Some((first, rest)) = rooms.split_first() else {
            self.consider(steps, value);
            return true;
        };
        let least = self.problem.offers[first.at].least;
        let common = rest.iter().fold(0, |common, room| gcd(common, room.step)).max(1);
        for more in (0..=value.missing.min(first.most) / first.step).rev() {
            if self.work == 0 {
                steps[first.at] = least;
                return false;
            }
            self.work -= rooms.len().min(self.work);
            steps[first.at] = least + more;
            let value = value.with(more * first.step, first.price);
            let rest: Vec<Room> = rest.iter().map(|room| room.beside(first, more)).collect();
            // Giving less leaves more to the dearer: from here on nothing is better.
            if filled_at_best(&rest, value, 1) >= self.best {
                break;
            }
            if filled_at_best(&rest, value, common) < self.best && !self.fill(&rest, steps, value) {
                steps[first.at] = least;
                return false;
            }
        }
        steps[first.at] = least;
        true
    }
}

/// The cheapest of the rest first, whether whole or not; together a multiple of `common`.
fn filled_at_best(rest: &[Room], value: Value, common: i64) -> Value {
    let mut left = value.missing - value.missing % common;
    rest.iter().fold(value, |value, room| {
        let more = left.min(room.most);
        left -= more;
        value.with(more, room.price)
    })
}

/// What one that is used may give beyond its least.
#[derive(Debug, Clone, Copy)]
struct Room {
    at: usize,
    step: i64,
    most: i64,
    price: i64,
}

impl Room {
    fn of(at: usize, offer: &Offer) -> Self {
        Self { at, step: offer.step, most: offer.max() - offer.min(), price: offer.price }
    }

    /// Beside one no dearer that gives so many steps: what both could give alike is given by that one, as far as it can.
    fn beside(self, cheaper: &Room, more: i64) -> Self {
        let alike = i128::from(self.step / gcd(self.step, cheaper.step)) * i128::from(cheaper.step);
        match i64::try_from(alike) {
            Ok(alike) if cheaper.most - more * cheaper.step >= alike => {
                Self { most: self.most.min(alike - self.step), ..self }
            }
            _ => self,
        }
    }
}
