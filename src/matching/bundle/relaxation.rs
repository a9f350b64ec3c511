//! The linear relaxation of a bundle: what nothing below a branch can beat.

use std::cmp::Ordering;

use super::problem::{Choice, Problem, Suppliers, Value, gcd};

/// Halvings of the range in which the best multiplier lies.
const MULTIPLIER_STEPS: usize = 24;

/// The offers in the order of what they cost with their share of the charge, for each multiplier used.
pub(super) struct Relaxed<'p> {
    problem: &'p Problem,
    orders: Vec<Order>,
    by_price: Vec<usize>,
    /// What each supplier could give, all its offers together, and no more than is needed.
    most: Vec<i128>,
    /// Suppliers, by that.
    by_size: Vec<usize>,
    /// What is covered is a multiple of it.
    common_step: i64,
}

pub(super) struct Bound {
    pub value: Value,
    /// What the relaxation takes of each offer.
    pub amounts: Vec<i64>,
}

/// Prices of the undecided, each with its share of `charge + multiplier`, cheapest first.
struct Order {
    multiplier: i128,
    open: Vec<usize>,
    /// What a unit of each supplier bears of these, rounded down, and the remainder of the division.
    shares: Vec<(i128, i128)>,
}

impl Order {
    fn new(problem: &Problem, most: &[i128], multiplier: i128) -> Self {
        let mut open: Vec<usize> = (0..problem.offers.len()).collect();
        let fixed = problem.charge + multiplier;
        open.sort_by(|a, b| dearness(problem, most, fixed, *a, *b).then(a.cmp(b)));
        let shares = most.iter().map(|most| (*most).max(1)).map(|most| (fixed / most, fixed % most)).collect();
        Self { multiplier, open, shares }
    }

    /// What so much of a supplier, who has `most`, bears of the charge and the multiplier, rounded down: no bound is too high.
    fn share(&self, supplier: usize, taken: i128, most: i128) -> i128 {
        let (whole, rest) = self.shares[supplier];
        whole * taken + if rest == 0 { 0 } else { rest * taken / most }
    }
}

/// Compares `price + fixed / most` of the supplier exactly: whole parts, then the remainders as fractions.
fn dearness(problem: &Problem, most: &[i128], fixed: i128, a: usize, b: usize) -> Ordering {
    let parts = |at: usize| {
        let (price, max) = (i128::from(problem.offers[at].price), most[problem.offers[at].supplier]);
        (price + fixed / max, fixed % max, max)
    };
    let ((whole, rest, max), (other_whole, other_rest, other_max)) = (parts(a), parts(b));
    whole.cmp(&other_whole).then((rest * other_max).cmp(&(other_rest * max)))
}

impl<'p> Relaxed<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        let mut most = vec![0; problem.offers.iter().map(|offer| offer.supplier + 1).max().unwrap_or(0)];
        for offer in &problem.offers {
            let all = &mut most[offer.supplier];
            *all = (*all + i128::from(offer.max())).min(problem.needed.into());
        }
        let mut by_size: Vec<usize> = (0..most.len()).collect();
        by_size.sort_by_key(|supplier| (std::cmp::Reverse(most[*supplier]), *supplier));
        let common_step = problem.offers.iter().fold(0, |common, offer| gcd(common, offer.step)).max(1);
        let mut by_price: Vec<usize> = (0..problem.offers.len()).collect();
        by_price.sort_by(|a, b| problem.by_price(*a, *b));
        let orders = vec![Order::new(problem, &most, 0)];
        let mut relaxed = Self { problem, orders, by_price, most, by_size, common_step };
        if let Some(multiplier) = relaxed.best_multiplier().filter(|multiplier| *multiplier > 0) {
            relaxed.orders.push(Order::new(problem, &relaxed.most, multiplier));
        }
        relaxed
    }

    /// `None` where the branch holds nothing: the least of those used is more than is needed.
    pub fn bound(&self, choices: &[Choice]) -> Option<Bound> {
        let base = self.base(choices)?;
        let mut bounds = self.orders.iter().map(|order| self.filled(order, choices, &base));
        let first = bounds.next()?;
        Some(bounds.fold(first, |best, other| if other.value.cost > best.value.cost { other } else { best }))
    }

    fn base(&self, choices: &[Choice]) -> Option<Base> {
        let problem = self.problem;
        let used = problem.suppliers_where(|at| choices[at] == Choice::Used);
        let mut base = Base { used, least: 0, most: 0, cost: 0, target: 0 };
        for (choice, offer) in choices.iter().zip(&problem.offers) {
            if *choice == Choice::Used {
                base.least += i128::from(offer.min());
                base.most += i128::from(offer.max());
                base.cost += i128::from(offer.min()) * i128::from(offer.price);
            }
        }
        let needed = i128::from(problem.needed);
        if base.least > needed || used.len() > problem.most_suppliers {
            return None;
        }
        let room = problem.most_suppliers - used.len();
        let mut others = Suppliers::default();
        for (at, offer) in problem.offers.iter().enumerate() {
            if choices[at] == Choice::Open && self.fits(at, &base) {
                match used.has(offer.supplier) {
                    true => base.most += i128::from(offer.max()),
                    false => others.add(offer.supplier),
                }
            }
        }
        let largest = self.by_size.iter().filter(|supplier| others.has(**supplier)).take(room);
        let reach = base.most + largest.map(|supplier| self.most[*supplier]).sum::<i128>();
        let target = i64::try_from(reach.min(needed)).unwrap_or(problem.needed);
        base.target = target - target % self.common_step;
        Some(base)
    }

    /// Beside the least of those used there is room for its own least.
    fn fits(&self, at: usize, base: &Base) -> bool {
        base.least + i128::from(self.problem.offers[at].min()) <= i128::from(self.problem.needed)
    }

    /// The cheapest first, the extra of those used among them, until the target is reached.
    fn filled(&self, order: &Order, choices: &[Choice], base: &Base) -> Bound {
        let problem = self.problem;
        let fixed = problem.charge + order.multiplier;
        let mut amounts = vec![0; choices.len()];
        let is_open = |at: usize| choices[at] == Choice::Open && self.fits(at, base);
        let of_used = |at: usize| base.used.has(problem.offers[at].supplier);
        // Further offers of those used are free of charge.
        let is_extra = |at: &usize| choices[*at] == Choice::Used || is_open(*at) && of_used(*at);
        for at in (0..choices.len()).filter(|at| choices[*at] == Choice::Used) {
            amounts[at] = problem.offers[at].min();
        }
        let mut extra = self.by_price.iter().copied().filter(is_extra).peekable();
        let mut open = order.open.iter().copied().filter(|at| is_open(*at) && !of_used(*at)).peekable();
        let mut left = i128::from(base.target) - base.least;
        let mut cost = base.cost + fixed * base.used.len() as i128
            - problem.charge
            - order.multiplier * problem.most_suppliers as i128;
        while left > 0 {
            let used_first = match (extra.peek(), open.peek()) {
                (Some(used), Some(open)) => {
                    let offer = &problem.offers[*open];
                    let dear = i128::from(offer.price) + order.shares[offer.supplier].0;
                    i128::from(problem.offers[*used].price) <= dear
                }
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let Some(at) = (if used_first { extra.next() } else { open.next() }) else { break };
            let offer = &problem.offers[at];
            let room = i128::from(offer.max() - amounts[at]);
            let taken = left.min(room);
            cost += taken * i128::from(offer.price);
            if !used_first {
                cost += order.share(offer.supplier, taken, self.most[offer.supplier]);
            }
            amounts[at] += i64::try_from(taken).unwrap_or(0);
            left -= taken;
        }
        // With nobody used there is no first offer to be free of charge.
        let none = base.target == 0;
        let missing = problem.needed - base.target;
        Bound { value: Value { missing, cost: if none { 0 } else { cost.max(0) } }, amounts }
    }

    /// The one under which the bound at the root is highest: it rises, then falls.
    fn best_multiplier(&self) -> Option<i128> {
        let problem = self.problem;
        let choices = vec![Choice::Open; problem.offers.len()];
        let base = self.base(&choices)?;
        let bound =
            |multiplier: i128| self.filled(&Order::new(problem, &self.most, multiplier), &choices, &base).value.cost;
        let dearest = problem.offers.iter().map(|s| i128::from(s.price)).max()?;
        let (mut low, mut high) = (0_i128, dearest.checked_mul(i128::from(problem.needed))? + 1);
        let amounts = self.filled(&Order::new(problem, &self.most, 0), &choices, &base).amounts;
        if problem.suppliers_of(&amounts).len() <= problem.most_suppliers {
            return None;
        }
        for _ in 0..MULTIPLIER_STEPS {
            let third = (high - low) / 3;
            let (a, b) = (low + third, high - third);
            if bound(a) < bound(b) { low = a } else { high = b }
        }
        Some((low + high) / 2)
    }
}

struct Base {
    used: Suppliers,
    least: i128,
    most: i128,
    cost: i128,
    /// As much as can be covered.
    target: i64,
}
