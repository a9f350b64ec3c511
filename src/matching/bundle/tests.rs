//! Every answer against trying everything.

use proptest::prelude::*;

use super::problem::{Offer, Problem, Suppliers, Value};

/// The best of all ways, one offer after the other.
fn by_trying(problem: &Problem) -> Value {
    fn rest(problem: &Problem, at: usize, used: Suppliers, value: Value) -> Value {
        let Some(offer) = problem.offers.get(at) else { return value };
        let mut best = rest(problem, at + 1, used, value);
        let mut with = used;
        with.add(offer.supplier);
        if with.len() > problem.most_suppliers {
            return best;
        }
        let charge = if used.len() > 0 && with.len() > used.len() { problem.charge } else { 0 };
        for steps in offer.least..=offer.most {
            let amount = steps * offer.step;
            if amount > value.missing {
                break;
            }
            let cost = value.cost + i128::from(amount) * i128::from(offer.price) + charge;
            best = best.min(rest(problem, at + 1, with, Value { missing: value.missing - amount, cost }));
        }
        best
    }
    rest(problem, 0, Suppliers::default(), Value { missing: problem.needed, cost: 0 })
}

fn offer(steps: &'static [i64]) -> impl Strategy<Value = Offer> {
    (prop::sample::select(steps), 1_i64..5, 0_i64..6, 0_i64..30, 0_usize..6)
        .prop_map(|(step, least, more, price, supplier)| Offer { step, least, most: least + more, price, supplier })
}

fn problem(steps: &'static [i64]) -> impl Strategy<Value = Problem> {
    (1_i64..60, prop::collection::vec(offer(steps), 0..6), 0_i128..200, 1_usize..5).prop_map(
        |(needed, offers, charge, most_suppliers)| {
            let fits = |s: Offer| Offer { most: s.most.min(needed / s.step), ..s };
            let offers = offers.into_iter().map(fits).filter(|s| s.least <= s.most).collect();
            Problem { needed, offers, charge, most_suppliers }
        },
    )
}

fn is_feasible(problem: &Problem, steps: &[i64]) -> bool {
    let used: Vec<(i64, &Offer)> = steps.iter().copied().zip(&problem.offers).filter(|(n, _)| *n > 0).collect();
    problem.suppliers_of(steps).len() <= problem.most_suppliers
        && used.iter().all(|(n, offer)| (offer.least..=offer.most).contains(n))
        && used.iter().map(|(n, offer)| n * offer.step).sum::<i64>() <= problem.needed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn in_single_units_it_is_the_best(problem in problem(&[1])) {
        let solution = problem.solve();
        prop_assert!(is_feasible(&problem, &solution.steps));
        prop_assert_eq!(solution.value, by_trying(&problem));
        prop_assert_eq!(solution.bound, solution.value);
    }

    #[test]
    fn in_lots_it_is_the_best(problem in problem(&[1, 2, 3, 5, 8])) {
        let solution = problem.solve();
        prop_assert!(is_feasible(&problem, &solution.steps));
        prop_assert_eq!(solution.value, by_trying(&problem));
        prop_assert_eq!(solution.bound, solution.value);
    }

    #[test]
    fn a_bound_is_never_beaten(problem in problem(&[1, 2, 3]), work in 0_usize..60) {
        let solution = problem.solve_within(work);
        prop_assert!(is_feasible(&problem, &solution.steps));
        let best = by_trying(&problem);
        prop_assert!(solution.bound <= best && best <= solution.value);
    }
}

/// By xorshift (Marsaglia 2003), so that a failure can be found again.
fn large(seed: u64, count: usize) -> Problem {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from(state % n).unwrap()
    };
    let scale = 1_000_000;
    let offers: Vec<Offer> = (0..count)
        .map(|supplier| {
            let least = 1 + below(300);
            Offer { step: scale, least, most: least + below(5000), price: 300_000 + below(900_000), supplier }
        })
        .collect();
    let total: i64 = offers.iter().map(Offer::max).sum();
    let needed = total / 3 / scale * scale;
    let fits = |s: Offer| Offer { most: s.most.min(needed / s.step), ..s };
    let offers = offers.into_iter().map(fits).filter(|s| s.least <= s.most).collect();
    Problem { needed, offers, charge: 200 * i128::from(scale) * i128::from(scale), most_suppliers: count.min(25) }
}

#[test]
fn up_to_25_suppliers_are_proven_the_best() {
    for seed in 1..=60 {
        let problem = large(seed, 25);
        let solution = problem.solve();
        assert_eq!(solution.value, solution.bound, "seed {seed}");
    }
}

/// In lots of many sizes, many of them as far away as each other, nobody charged for.
fn in_mixed_lots(seed: u64) -> Problem {
    let mut problem = large(seed, 25);
    let lots = [1, 10, 20, 25, 50, 100, 1000];
    for (at, offer) in problem.offers.iter_mut().enumerate() {
        let step = lots[(at * 5 + seed as usize) % lots.len()] * offer.step;
        let least = (offer.min() + step - 1) / step;
        let price = offer.price.max(700_000);
        *offer = Offer { step, least, most: (offer.max() / step).max(least), price, ..*offer };
    }
    Problem { charge: 0, ..problem }
}

#[test]
fn up_to_25_suppliers_are_proven_the_best_in_mixed_lots() {
    for seed in 1..=30 {
        let problem = in_mixed_lots(seed);
        let solution = problem.solve();
        assert!(is_feasible(&problem, &solution.steps), "seed {seed}");
        assert_eq!(solution.value, solution.bound, "seed {seed}");
    }
}

#[test]
fn of_200_the_gap_is_small() {
    for seed in 1..=10 {
        let problem = large(seed, 200);
        let solution = problem.solve();
        assert!(is_feasible(&problem, &solution.steps));
        assert_eq!(solution.value.missing, solution.bound.missing, "seed {seed}");
        let gap = (solution.value.cost - solution.bound.cost) as f64 / solution.value.cost as f64;
        assert!(gap < 0.02, "seed {seed}: {gap}");
    }
}
