use proptest::prelude::*;
use uuid::Uuid;

use super::super::testing::*;
use super::super::*;

fn recomputed(factors: &[Factor]) -> f64 {
    let weights: f64 = factors.iter().map(|f| f.weight).sum();
    1000.0 * factors.iter().map(|f| f.weight * f.u).sum::<f64>() / weights
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn points_sum_to_the_score_and_the_shown_values_give_it(items in any_items(24), query in any_item(1)) {
        let market = market_of(&items);
        let world = World::of(&market);
        for candidate in &items {
            let assessment = assess(&query, candidate, &world.context());
            prop_assert_eq!(assessment.factors.iter().map(|f| f.points).sum::<u32>(), assessment.score);
            prop_assert!((recomputed(&assessment.factors) - f64::from(assessment.score)).abs() <= 0.5 + 1e-6);
            for factor in &assessment.factors {
                prop_assert!((0.0..=1.0).contains(&factor.u));
                prop_assert!((factor.u * 10_000.0 - (factor.u * 10_000.0).round()).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn what_is_stored_of_an_explanation_reads_back(query in any_item(1), candidate in any_item(2)) {
        let assessment = assess(&query, &candidate, &World::new().context());
        let stored = serde_json::to_string(&(&assessment.factors, &assessment.checks)).unwrap();
        let (factors, checks): (Vec<Factor>, Vec<Check>) = serde_json::from_str(&stored).unwrap();
        // A float read from text may differ in its last bit; read once, it stays.
        prop_assert_eq!(factors.len(), assessment.factors.len());
        let shown = |factors: &[Factor]| -> Vec<String> {
            factors.iter().map(|f| format!("{:?} {:?} {:.9} {} {:?}", f.code, f.value.as_ref().map(Value::to_string), f.u, f.points, f.params)).collect()
        };
        prop_assert_eq!(shown(&factors), shown(&assessment.factors));
        let shown = |checks: &[Check]| -> Vec<String> {
            checks.iter().map(|c| format!("{:?} {:?} {:?}", c.code, c.have.as_ref().map(Value::to_string), c.want.as_ref().map(Value::to_string))).collect()
        };
        prop_assert_eq!(shown(&checks), shown(&assessment.checks));
    }

    #[test]
    fn the_components_are_the_same_for_every_candidate(items in any_items(24), query in any_item(1)) {
        let world = World::of(&market_of(&items));
        let asked = |candidate: &Item| -> Vec<FactorCode> {
            assess(&query, candidate, &world.context()).factors.iter().map(|f| f.code).collect()
        };
        let opposite: Vec<&Item> = items.iter().filter(|i| i.side() != query.side()).collect();
        prop_assert!(opposite.windows(2).all(|w| asked(w[0]) == asked(w[1])));
    }

    #[test]
    fn the_answer_is_that_of_looking_at_every_pair(items in any_items(40), query in any_item(1), limit in 0usize..20) {
        let market = market_of(&items);
        let world = World::of(&market);
        let ctx = world.context();
        let outcome = find_matches(&market, &query, limit, &ctx);
        let mut expected: Vec<(u32, Uuid)> = Vec::new();
        for candidate in items.iter().filter(|i| i.side() != query.side() && i.kind() == query.kind()) {
            let assessment = assess(&query, candidate, &ctx);
            if !assessment.checks.iter().any(Check::failed) {
                expected.push((assessment.score, candidate.id));
            }
        }
        prop_assert_eq!(outcome.matches.len(), expected.len().min(limit));
        let worst = outcome.matches.last().map_or(0, |m| m.score);
        for (score, id) in expected {
            prop_assert!(outcome.matches.iter().any(|m| m.id == id && m.score == score) || limit == 0 || score <= worst);
        }
    }

    #[test]
    fn the_order_is_total_and_does_not_depend_on_arrival(items in any_items(30).prop_shuffle(), query in any_item(1)) {
        let market = market_of(&items);
        let world = World::of(&market);
        let outcome = find_matches(&market, &query, 100, &world.context());
        let mut reversed = items.clone();
        reversed.reverse();
        prop_assert_eq!(&find_matches(&market_of(&reversed), &query, 100, &world.context()), &outcome);
        let key = |m: &Match| {
            let millimetres = (m.distance_km.unwrap_or(f64::INFINITY) * 1e6) as u64;
            (std::cmp::Reverse(m.score), millimetres, market.get(m.id).map(|item| item.created_at), m.id)
        };
        prop_assert!(outcome.matches.windows(2).all(|w| key(&w[0]) < key(&w[1])));
        let top = find_matches(&market, &query, 3, &world.context());
        prop_assert_eq!(&top.matches[..], &outcome.matches[..outcome.matches.len().min(3)]);
    }

    #[test]
    fn a_near_miss_fails_exactly_one_relaxable_check(items in any_items(40), query in any_item(1)) {
        let market = market_of(&items);
        let world = World::of(&market);
        let outcome = find_matches(&market, &query, 100, &world.context());
        prop_assert!(outcome.near_misses.len() <= 10);
        prop_assert!(outcome.near_misses.windows(2).all(|w| w[0].score >= w[1].score));
        for miss in &outcome.near_misses {
            prop_assert_eq!(miss.blockers.len(), 1);
            prop_assert!(world.policy.near_misses.relaxable.contains(&miss.blockers[0].code));
            prop_assert!(outcome.matches.iter().all(|m| m.id != miss.id));
        }
    }

    #[test]
    fn either_side_sees_the_same_checks(a in any_item(1), b in any_item(2)) {
        if a.side() == b.side() {
            return Ok(());
        }
        let world = World::new();
        let ctx = world.context();
        prop_assert_eq!(assess(&a, &b, &ctx).checks, assess(&b, &a, &ctx).checks);
    }

    #[test]
    fn changes_may_come_twice_and_in_any_order(
        changes in proptest::collection::vec((0u128..4, 1i32..6, any::<bool>()), 0..24).prop_shuffle(),
        order in any::<prop::sample::Index>(),
    ) {
        let blank = need(serde_json::json!({}));
        let apply = |changes: &[(u128, i32, bool)]| -> Vec<(Uuid, i32)> {
            let mut market = Market::new();
            for (id, version, gone) in changes {
                let id = Uuid::from_u128(*id);
                if *gone {
                    market.remove(id, *version);
                } else {
                    market.upsert(Item { id, version: *version, ..blank.clone() });
                }
            }
            market.iter().map(|item| (item.id, item.version)).collect()
        };
        let mut other = changes.clone();
        if !other.is_empty() {
            let at = order.index(other.len());
            other.rotate_left(at);
            other.reverse();
            other.extend_from_slice(&changes[..at]);
        }
        prop_assert_eq!(apply(&changes), apply(&other));
    }
}

#[test]
fn of_equals_the_nearer_then_the_older_then_the_smaller_id_comes_first() {
    let made = |id: u128, hours: i64, latitude: Option<f64>| {
        let offer = item(id, "offer", serde_json::json!({}));
        let created_at = now() - chrono::TimeDelta::hours(hours);
        // Confirmed at one time, so that only the order of creation differs.
        let location = latitude.and_then(|l| crate::domain::place::Point::new(114.0, l));
        Item { created_at, location, ..offer }
    };
    // All within the 5 km that cost nothing, so the scores are equal.
    let offers = [
        made(9, 1, Some(30.02)),
        made(8, 1, Some(30.01)),
        made(7, 1, Some(30.0)),
        made(6, 2, Some(30.0)),
        made(5, 1, Some(30.0)),
    ];
    let buyer = Item { location: crate::domain::place::Point::new(114.0, 30.0), ..need(serde_json::json!({})) };
    let outcome = find_matches(&market_of(&offers), &buyer, 9, &World::new().context());
    assert!(outcome.matches.windows(2).all(|w| w[0].score == w[1].score));
    let ids: Vec<u128> = outcome.matches.iter().map(|m| m.id.as_u128()).collect();
    assert_eq!(ids, [6, 5, 7, 8, 9]);
}
