//! nDCG@10, reciprocal rank and recall@100 of one ranking, and whether one system is better than another.

use serde::Serialize;

/// From this grade on a document counts as an answer.
const RELEVANT: u32 = 1;
const NDCG_DEPTH: usize = 10;
const RECALL_DEPTH: usize = 100;
/// Differences smaller than this are ties.
const TIE: f64 = 1e-9;
const PERMUTATIONS: usize = 10_000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measures {
    /// Gain `2^grade − 1`, discount `log2(rank + 1)`, over the ideal order of all that was judged
    /// (Burges et al. 2005). `trec_eval -m ndcg_cut.10` takes the grade itself as the gain.
    pub ndcg_at_10: f64,
    /// 1 over the rank of the first document of grade 1 or more, 0 where none was found.
    pub mrr: f64,
    /// Share of the documents of grade 1 or more that are among the first 100.
    pub recall_at_100: f64,
}

/// Of a ranking given by the grade of each document (0 where nobody judged it) and of all grades of its query.
/// `None` where nothing is relevant: such a query measures nothing.
pub fn measure(ranked: &[u32], judged: &[u32]) -> Option<Measures> {
    let relevant = judged.iter().filter(|grade| **grade >= RELEVANT).count();
    if relevant == 0 {
        return None;
    }
    let mut ideal = judged.to_vec();
    ideal.sort_unstable();
    ideal.reverse();
    let first = ranked.iter().position(|grade| *grade >= RELEVANT);
    let found = ranked.iter().take(RECALL_DEPTH).filter(|grade| **grade >= RELEVANT).count();
    Some(Measures {
        ndcg_at_10: gained(ranked) / gained(&ideal),
        mrr: first.map_or(0.0, |at| 1.0 / (at + 1) as f64),
        recall_at_100: found as f64 / relevant as f64,
    })
}

fn gained(grades: &[u32]) -> f64 {
    let gain = |(at, grade): (usize, &u32)| (f64::from(*grade).exp2() - 1.0) / ((at + 2) as f64).log2();
    // A sum of no floats is −0.
    grades.iter().take(NDCG_DEPTH).enumerate().map(gain).fold(0.0, |sum, gain| sum + gain)
}

/// Zero for no queries.
pub fn mean(all: &[Measures]) -> Measures {
    let of = |pick: fn(&Measures) -> f64| all.iter().map(pick).sum::<f64>() / all.len().max(1) as f64;
    Measures { ndcg_at_10: of(|m| m.ndcg_at_10), mrr: of(|m| m.mrr), recall_at_100: of(|m| m.recall_at_100) }
}

/// `differences` of how many queries are above, at and below zero.
pub fn wins_ties_losses(differences: &[f64]) -> (usize, usize, usize) {
    let wins = differences.iter().filter(|d| **d > TIE).count();
    let losses = differences.iter().filter(|d| **d < -TIE).count();
    (wins, differences.len() - wins - losses, losses)
}

/// Two-sided p of the paired randomisation test (Smucker et al. 2007): how often the mean would be as far from zero if
/// each difference had either sign. 10,000 permutations of a fixed seed, so that it holds still; 1 without differences.
pub fn randomisation_p(differences: &[f64]) -> f64 {
    let observed = differences.iter().sum::<f64>().abs() - TIE;
    let mut random = SplitMix(0x5eed);
    let as_far = (0..PERMUTATIONS).filter(|_| {
        let sum: f64 = differences.iter().map(|d| if random.next() >> 63 == 0 { *d } else { -d }).sum();
        sum.abs() >= observed
    });
    // The observed order is one of the permutations: p is never 0.
    (as_far.count() + 1) as f64 / (PERMUTATIONS + 1) as f64
}

/// SplitMix64 (Steele et al. 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
