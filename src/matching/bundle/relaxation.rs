//! The linear relaxation of a bundle: what nothing below a branch can beat.

use std::cmp::Ordering;

use super::problem::{Choice, Problem, Value, gcd};

/// Halvings of the range in which the best multiplier lies.
const MULTIPLIER_STEPS: usize = 24;

/// The suppliers in the order of what they cost with their share of the charge, for each multiplier used, and by size.
pub(super) struct Relaxed<'p> {
    problem: &'p Problem,
    orders: Vec<Order>,
    by_size: Vec<usize>,
    /// What is covered is a multiple of it.
    common_step: i64,
}

pub(super) struct Bound {
    pub value: Value,
    /// What the relaxation takes of each supplier.
    pub amounts: Vec<i64>,
}

/// Prices of the undecided, each with its share of `charge + multiplier`, cheapest first.
struct Order {
    multiplier: i128,
    open: Vec<usize>,
}

impl Order {
    fn new(problem: &Problem, multiplier: i128) -> Self {
        let mut open: Vec<usize> = (0..problem.suppliers.len()).collect();
        let fixed = problem.charge + multiplier;
        open.sort_by(|a, b| dearness(problem, fixed, *a, *b).then(a.cmp(b)));
        Self { multiplier, open }
    }
}

/// Compares `price + fixed / max` exactly: whole parts, then the remainders as fractions.
fn dearness(problem: &Problem, fixed: i128, a: usize, b: usize) -> Ordering {
    let parts = |at: usize| {
        let (price, max) = (i128::from(problem.suppliers[at].price), i128::from(problem.suppliers[at].max()));
        (price + fixed / max, fixed % max, max)
    };
    let ((whole, rest, max), (other_whole, other_rest, other_max)) = (parts(a), parts(b));
    whole.cmp(&other_whole).then((rest * other_max).cmp(&(other_rest * max)))
}

impl<'p> Relaxed<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        let mut by_size: Vec<usize> = (0..problem.suppliers.len()).collect();
        by_size.sort_by_key(|at| (std::cmp::Reverse(problem.suppliers[*at].max()), *at));
        let common_step = problem.suppliers.iter().fold(0, |common, supplier| gcd(common, supplier.step)).max(1);
        let mut relaxed = Self { problem, orders: vec![Order::new(problem, 0)], by_size, common_step };
        if let Some(multiplier) = relaxed.best_multiplier().filter(|multiplier| *multiplier > 0) {
            relaxed.orders.push(Order::new(problem, multiplier));
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
        let mut base = Base { used: 0, least: 0, most: 0, cost: 0, target: 0 };
        for (choice, supplier) in choices.iter().zip(&problem.suppliers) {
            if *choice == Choice::Used {
                base.used += 1;
                base.least += i128::from(supplier.min());
                base.most += i128::from(supplier.max());
                base.cost += i128::from(supplier.min()) * i128::from(supplier.price);
            }
        }
        let needed = i128::from(problem.needed);
        if base.least > needed || base.used > problem.most_suppliers {
            return None;
        }
        let room = problem.most_suppliers - base.used;
        let fits = |at: &&usize| choices[**at] == Choice::Open && self.fits(**at, &base);
        let largest = self.by_size.iter().filter(fits).take(room);
        let reach = base.most + largest.map(|at| i128::from(problem.suppliers[*at].max())).sum::<i128>();
        let target = i64::try_from(reach.min(needed)).unwrap_or(problem.needed);
        base.target = target - target % self.common_step;
        Some(base)
    }

    /// Beside the least of those used there is room for its own least.
    fn fits(&self, at: usize, base: &Base) -> bool {
        base.least + i128::from(self.problem.suppliers[at].min()) <= i128::from(self.problem.needed)
    }

    /// The cheapest first, the extra of those used among them, until the target is reached.
    fn filled(&self, order: &Order, choices: &[Choice], base: &Base) -> Bound {
        let problem = self.problem;
        let fixed = problem.charge + order.multiplier;
        let mut amounts = vec![0; choices.len()];
        let mut extra: Vec<usize> = (0..choices.len()).filter(|at| choices[*at] == Choice::Used).collect();
        for at in &extra {
            amounts[*at] = problem.suppliers[*at].min();
        }
        extra.sort_by(|a, b| problem.by_price(*a, *b));
        let mut extra = extra.into_iter().peekable();
        let mut open =
            order.open.iter().copied().filter(|at| choices[*at] == Choice::Open && self.fits(*at, base)).peekable();
        let mut left = i128::from(base.target) - base.least;
        let mut cost =
            base.cost + fixed * base.used as i128 - problem.charge - order.multiplier * problem.most_suppliers as i128;
        while left > 0 {
            let used_first = match (extra.peek(), open.peek()) {
                (Some(used), Some(open)) => {
                    let supplier = &problem.suppliers[*open];
                    let dear = i128::from(supplier.price) + fixed / i128::from(supplier.max());
                    i128::from(problem.suppliers[*used].price) <= dear
                }
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let Some(at) = (if used_first { extra.next() } else { open.next() }) else { break };
            let supplier = &problem.suppliers[at];
            let (price, max) = (i128::from(supplier.price), i128::from(supplier.max()));
            let room = if used_first { max - i128::from(supplier.min()) } else { max };
            let taken = left.min(room);
            cost += taken * price;
            if !used_first {
                cost += fixed_share(fixed, taken, max);
            }
            amounts[at] += i64::try_from(taken).unwrap_or(0);
            left -= taken;
        }
        // With nobody used there is no first supplier to be free of charge.
        let none = base.target == 0;
        let missing = problem.needed - base.target;
        Bound { value: Value { missing, cost: if none { 0 } else { cost.max(0) } }, amounts }
    }

    /// The one under which the bound at the root is highest: it rises, then falls.
    fn best_multiplier(&self) -> Option<i128> {
        let problem = self.problem;
        let choices = vec![Choice::Open; problem.suppliers.len()];
        let base = self.base(&choices)?;
        let bound = |multiplier: i128| self.filled(&Order::new(problem, multiplier), &choices, &base).value.cost;
        let dearest = problem.suppliers.iter().map(|s| i128::from(s.price)).max()?;
        let (mut low, mut high) = (0_i128, dearest.checked_mul(i128::from(problem.needed))? + 1);
        let used = self.filled(&Order::new(problem, 0), &choices, &base).amounts.iter().filter(|a| **a > 0).count();
        if used <= problem.most_suppliers {
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
    used: usize,
    least: i128,
    most: i128,
    cost: i128,
    /// As much as can be covered.
    target: i64,
}

/// `fixed × taken / max`, rounded down: no bound is too high.
fn fixed_share(fixed: i128, taken: i128, max: i128) -> i128 {
    (fixed / max) * taken + (fixed % max) * taken / max
}
