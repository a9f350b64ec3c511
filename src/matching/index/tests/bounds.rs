use super::market::{self, Maker};
use super::{CROWDED, statistics};
use crate::matching::checks::{self, Screening};
use crate::matching::factor::FactorCode;
use crate::matching::index::Index;
use crate::matching::index::bound::Question;
use crate::matching::index::earned::most;
use crate::matching::index::earnings::Bars;
use crate::matching::index::field::{Field, earn};
use crate::matching::index::gauge::Gauged;
use crate::matching::index::query::Candidate;
use crate::matching::index::scan::Scan;
use crate::matching::index::standing::Standing;
use crate::matching::pair::{Kinship, Pair};
use crate::matching::{Context, Market, Policy};

/// No row does better than its block is given credit for, as a match or as a near miss.
#[test]
fn a_ceiling_is_above_every_row() {
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, CROWDED, 21);
    let items: Vec<_> = maker.items(0, 2500).collect();
    let mut market = Market::new();
    for item in &items {
        market.upsert(item.clone());
    }
    let index = Index::of(items);
    let statistics = statistics(&market, &reference, &policy);
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let (snapshot, mut looked_at, mut in_cells, mut slack) = (index.snapshot(), 0, 0, (0.0, 0));
    for id in 0..60 {
        let query = maker.item(1_000_000 + id);
        let question = Question::new(&query, ctx);
        for (.., category, partition) in snapshot.partitions(Some(question.side), Some(query.kind())) {
            let kinship = Kinship::between(query.side(), query.category(), category, &ctx);
            let standing = Standing::of(&query, category, kinship, &ctx);
            let field = Field::new(standing, partition);
            let mut scan = Scan::new(Question::new(&query, ctx), 10);
            scan.expect_ways(partition.ways());
            for (at, block, gone) in partition.blocks() {
                let mut ceiling = question.ceiling(&block.summary, &field.standing);
                let earned = field.earned.of_block(at, |words| earn(words, &field.standing, &question, scan.worths()));
                if let Some((ceiling, earned)) = ceiling.as_mut().zip(earned) {
                    scan.lower(ceiling, most(earned).max(0.0));
                }
                let candidate = ceiling.map(|ceiling| Candidate { block, gone, field: &field, ceiling, earned });
                let gauged = candidate.as_ref().map_or(Vec::new(), |candidate| scan.gauged(candidate));
                let found = candidate.as_ref().map_or(Vec::new(), |candidate| scan.found(candidate));
                in_cells += usize::from(!block.cells().is_empty());
                for (at, (row, item)) in block.rows().iter().zip(block.items()).enumerate() {
                    let pair = Pair::new(&query, item, &ctx);
                    let screening = checks::screen(&pair, &ctx);
                    if screening == Screening::Out {
                        continue;
                    }
                    let part = |code: &FactorCode| question.scale().part(*code, question.asked.u(*code, &pair, &ctx));
                    let sum: u64 = question.asked.codes().iter().map(part).sum();
                    let ceiling = ceiling.as_ref().unwrap();
                    let bound = match screening {
                        Screening::Match => ceiling.matches.then_some(ceiling.parts.sum),
                        _ => ceiling.near_sum(),
                    };
                    assert!(bound.is_some_and(|bound| bound >= sum), "{screening:?} {query:#?} {item:#?}");
                    let of =
                        |gauged: Gauged| if screening == Screening::Match { gauged.as_match } else { gauged.as_miss };
                    let points = question.scale().in_points(sum);
                    let (from_afar, closely) = gauged[at];
                    let found = found.iter().find(|row| usize::from(row.at) == at).map(|row| row.gauged);
                    let found = found.unwrap_or_else(|| panic!("not found: {screening:?} {query:#?} {item:#?}"));
                    for most in [from_afar, closely, found].map(of) {
                        assert!(f64::from(most) >= points, "{most} {points} {screening:?} {query:#?} {item:#?}");
                    }
                    let bars = match screening {
                        Screening::Match => Bars { matches: points as f32, misses: f32::INFINITY },
                        _ => Bars { matches: f32::INFINITY, misses: points as f32 },
                    };
                    // Of which nothing has been worked out yet.
                    let unmet = Field::new(standing, partition);
                    let candidate = Candidate { block, gone, field: &unmet, ceiling: *ceiling, earned };
                    assert!(scan.finds(&candidate, at, bars), "{points} {screening:?} {query:#?} {item:#?}");
                    let far = pair.distance_km.unwrap_or(f64::INFINITY);
                    assert!(
                        f64::from(from_afar.km) <= far && f64::from(found.km) <= far,
                        "{from_afar:?} {found:?} {far}"
                    );
                    if from_afar.as_match.is_finite() {
                        slack.0 += f64::from(of(from_afar)) - points;
                        slack.1 += 1;
                    }
                    assert!(pair.distance_km.is_none_or(|km| km >= ceiling.km));
                    assert!(question.freshness(row.confirmed_at) >= part(&FactorCode::Freshness));
                    assert!(field.standing.kinship != Kinship::Unrelated);
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 1000, "{looked_at}");
    assert!(in_cells > 100, "{in_cells}");
    let slack = slack.0 / f64::from(slack.1);
    assert!(slack < 40.0, "a row is thought {slack} points better than it is");
}
