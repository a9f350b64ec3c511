use std::collections::BTreeSet;

use super::market::{self, Maker};
use super::{CROWDED, statistics};
use crate::domain::listing::Side;
use crate::matching::checks;
use crate::matching::index::details::{MOST, stances};
use crate::matching::index::near::COMMON;
use crate::matching::pair::Pair;
use crate::matching::{Context, Market, Policy};

/// A check beyond terms fails only where both sides let it.
#[test]
fn no_check_beyond_terms_fails_unforeseen() {
    let mut seen = Seen::default();
    // Another seed is a market in other categories.
    for seed in [31, 32, 33] {
        look_at_all(seed, &mut seen);
    }
    assert!(seen.failed.len() > 25, "{:?}", seen.failed);
    assert!(seen.surely.len() > 8, "{:?}", seen.surely);
    assert!(seen.ruled_out > 3000, "{}", seen.ruled_out);
}

#[derive(Default)]
struct Seen {
    failed: BTreeSet<String>,
    surely: BTreeSet<String>,
    ruled_out: usize,
}

fn look_at_all(seed: u64, seen: &mut Seen) {
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, CROWDED, seed);
    let mut market = Market::new();
    let items: Vec<_> = maker.items(0, 1200).collect();
    for item in &items {
        market.upsert(item.clone());
    }
    let statistics = statistics(&market, &reference, &policy);
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let of = |side| items.iter().filter(move |item| item.side() == side);
    for need in of(Side::Need).take(300) {
        let own = stances(need);
        assert!(own.len() <= MOST);
        for offer in of(Side::Offer).filter(|offer| offer.kind() == need.kind()) {
            let both: Vec<_> = own.iter().zip(stances(offer)).filter(|(a, b)| a.lets && b.lets).collect();
            assert!(both.iter().all(|(a, b)| (a.code, a.surely) == (b.code, b.surely)));
            seen.ruled_out += usize::from(both.is_empty());
            let checks = checks::all(&Pair::new(need, offer, &ctx), &ctx);
            let mut sure: Vec<_> =
                both.iter().filter(|(stance, _)| stance.surely).filter_map(|(stance, _)| stance.code).collect();
            for code in &sure {
                assert!(
                    checks.iter().any(|check| check.code == *code && check.failed()),
                    "{code:?} {need:#?} {offer:#?}"
                );
                seen.surely.insert(format!("{code:?}"));
            }
            let listed = sure.len();
            sure.dedup();
            assert_eq!(listed, sure.len(), "one check, twice: {need:#?} {offer:#?}");
            for check in checks {
                if check.failed() && !COMMON.contains(&check.code) {
                    let foreseen = both.iter().any(|(stance, _)| stance.code.is_none_or(|code| code == check.code));
                    assert!(foreseen, "{:?} {need:#?} {offer:#?}", check.code);
                    seen.failed.insert(format!("{:?}", check.code));
                }
            }
        }
    }
}
