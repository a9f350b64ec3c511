use super::market::{self, Maker};
use super::{CROWDED, statistics};
use crate::matching::index::block::ROWS;
use crate::matching::index::words::{Agreement, STRETCH, Words, Worths, mentioned, wanted};
use crate::matching::text::{Asked, names_any, share_a_concept};
use crate::matching::{Market, Policy};

/// Texts far apart, as in the blocks of a stretch: every step from text to text takes one byte, two or three.
#[test]
fn no_text_earns_less_than_it_shares_and_none_that_shares_nothing_earns_more() {
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, CROWDED, 5);
    let items: Vec<_> = maker.items(0, 600).collect();
    let mut market = Market::new();
    for item in &items {
        market.upsert(item.clone());
    }
    let statistics = statistics(&market, &reference, &policy);
    let numbers = [0, 1, 127, 128, 129, 5000, 16_383];
    assert_eq!(STRETCH * ROWS, 16_384);
    let (mut in_full, mut agreed, mut refused) = (0, 0, 0);
    for texts in items.windows(numbers.len()).step_by(100) {
        let words = Words::of(numbers.into_iter().zip(texts.iter().map(|item| &item.profile)));
        for query in items.iter().take(15).chain(texts) {
            let asked = Asked::of(&query.profile, &statistics);
            for unread in [0.0, 0.04] {
                let worths = Worths::of(&asked, 20.0, unread);
                let (earned, most) = (words.earn(&worths), words.most(&worths));
                assert_eq!(earned.len(), 16_384);
                for (at, item) in numbers.into_iter().zip(texts) {
                    let (earned, share) = (earned[usize::from(at)], asked.share(&item.profile, &statistics, &policy));
                    assert!(f64::from(earned) >= 20.0 * share, "{earned} {share} {:?}", item.terms.title);
                    in_full += usize::from(share == 1.0);
                }
                assert!(earned[2] <= unread * 20.0, "who says nothing earns {}", earned[2]);
                assert!(earned.iter().all(|earned| *earned <= most + 0.01));
            }
            let agreement = Agreement {
                meant: query.category().into_iter().map(mentioned).collect(),
                asked: asked.tokens().map(wanted).collect(),
                names_category: names_any(&query.profile),
            };
            let earned = words.earn_agreeing(&Worths::of(&asked, 20.0, 0.0), &agreement);
            for (at, item) in numbers.into_iter().zip(texts) {
                let agrees = earned.get(usize::from(at)).is_some_and(|earned| *earned > f32::NEG_INFINITY);
                let both_name = names_any(&query.profile) && names_any(&item.profile);
                let shares = asked.share(&item.profile, &statistics, &policy) > 0.0;
                let means = query.category().is_some_and(|code| item.profile.mentions(code));
                let may = share_a_concept(&query.profile, &item.profile) || means || !both_name && shares;
                assert!(agrees || !may, "{:?} {:?}", query.terms.title, item.terms.title);
                (agreed, refused) = (agreed + usize::from(agrees), refused + usize::from(!agrees));
            }
        }
    }
    assert!(in_full > 20 && agreed > 50 && refused > 50, "{in_full} {agreed} {refused}");
}
