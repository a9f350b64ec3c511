//! What becomes of written matches when listings came, changed or went: decided here, read and saved by `write`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::app::standing::{Found, Sight, pairs_of};
use crate::db::match_rows::Sided;
use crate::domain::listing::{CloseOutcome, Listing, Side, Urgency};
use crate::domain::match_row::{MatchRow, MatchStatus};
use crate::domain::notification::allowance;
use crate::matching::{Arrival, Item, Match};

pub type Pair = (Uuid, Uuid);

/// A match with its sides, and whether there is something to save.
#[derive(Debug)]
pub struct Concern {
    pub row: MatchRow,
    pub sides: Vec<Sided>,
    pub changed: bool,
}

/// All matches that may be concerned, by pair.
#[derive(Debug, Default)]
pub struct Book {
    pub concerns: BTreeMap<Pair, Concern>,
    /// Other pairs that are written, and not concerned.
    written: BTreeSet<Pair>,
}

/// Listings asked for their best anew for one that was lost, at most: as many as usually have it among theirs.
const BEREFT: usize = 20;

/// A listing has lost a counterpart, or has it on worse terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Loss {
    of: Uuid,
    was_worth: Reverse<u32>,
    bereft: Uuid,
}

/// A side that may be told of a match.
#[derive(Debug)]
pub struct Telling {
    pub pair: Pair,
    pub side: Side,
    pub enterprise_id: Uuid,
    urgency: Urgency,
    score: u32,
}

impl Book {
    pub fn of(known: Vec<(MatchRow, Vec<Sided>)>) -> Self {
        let concern = |(row, sides): (MatchRow, Vec<Sided>)| {
            ((row.need_id, row.offer_id), Concern { row, sides, changed: false })
        };
        Self { concerns: known.into_iter().map(concern).collect(), written: BTreeSet::new() }
    }

    /// Matches that were there: brought up to the listings as they are, or stale. Returns who is to be asked anew: those
    /// with an open match that is no more or is worth less, unless they are `looked_at` themselves.
    pub fn update(&mut self, found: &Found, looked_at: &[Uuid], closed: &[Listing], now: DateTime<Utc>) -> Vec<Uuid> {
        let sights: HashMap<Pair, &Sight> = found.sights.iter().map(|sight| (pair(sight), sight)).collect();
        let mut losses = Vec::new();
        for (pair, concern) in &mut self.concerns {
            let sight = sights.get(pair).copied();
            for side in &mut concern.sides {
                let seen = sight.and_then(|sight| seen_by(side.side, sight));
                let before = worth(side);
                concern.changed |= update_side(side, &concern.row, sight, seen, now);
                if let Some(was) = before.filter(|was| worth(side).is_none_or(|is| is < *was)) {
                    let of = concern.row.counterpart_of(side.side);
                    losses.push(Loss { of, was_worth: Reverse(was), bereft: side.listing_id });
                }
            }
            if let Some(sight) = sight {
                concern.add_sides(sight, now);
            } else {
                concern.convert(closed, now);
            }
            if concern.changed
                && let Some(sight) = sight
            {
                look(&mut concern.row, sight, found, now);
            }
        }
        losses.retain(|loss| !looked_at.contains(&loss.bereft));
        bereft(losses)
    }

    /// Pairs that are written already, beside those concerned.
    pub fn leave_out(&mut self, pairs: Vec<Pair>) {
        self.written.extend(pairs);
    }

    fn is_new(&self, pair: &Pair) -> bool {
        !self.concerns.contains_key(pair) && !self.written.contains(pair)
    }

    /// Pairs that arrivals make and that are not known to be written.
    pub fn new_pairs(&self, found: &Found, limit: usize) -> Vec<Pair> {
        let pairs = found.arrivals.iter().flat_map(|arrival| pairs_of(arrival, limit));
        pairs.filter(|pair| self.is_new(pair)).collect()
    }

    /// Their listings.
    pub fn new_listings(&self, found: [&Found; 2], limit: usize) -> Vec<Uuid> {
        let pairs = found.into_iter().flat_map(|found| self.new_pairs(found, limit));
        let mut ids: Vec<Uuid> = pairs.flat_map(|(need, offer)| [need, offer]).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// New matches, as far as neither listing has had its day's; `made` counts those of the day. Returns which.
    pub fn add(
        &mut self,
        found: &Found,
        limit: usize,
        made: &mut HashMap<Uuid, usize>,
        now: DateTime<Utc>,
    ) -> BTreeSet<Pair> {
        let mut added = BTreeSet::new();
        let sights: HashMap<Pair, &Sight> = found.sights.iter().map(|sight| (pair(sight), sight)).collect();
        for pair in found.arrivals.iter().flat_map(|arrival| pairs_of(arrival, limit)) {
            let Some(sight) = sights.get(&pair).filter(|_| self.is_new(&pair)) else { continue };
            let full = [pair.0, pair.1].iter().any(|id| made.get(id).is_some_and(|count| *count >= limit));
            if full || sight.of_need.is_none() && sight.of_offer.is_none() {
                continue;
            }
            for id in [pair.0, pair.1] {
                *made.entry(id).or_default() += 1;
            }
            self.concerns.insert(pair, Concern::new(sight, found, now));
            added.insert(pair);
        }
        added
    }

    /// Who is to be told: the askers among whose best an arrival stands, unless they dismissed it or know these versions.
    pub fn tellings(&self, found: &Found) -> Vec<Telling> {
        let each = |arrival: &Arrival| {
            arrival.among.iter().filter_map(|asker| self.telling(asker, &arrival.listing)).collect::<Vec<_>>()
        };
        found.arrivals.iter().flat_map(each).collect()
    }

    /// Those whose own best have grown by these pairs.
    pub fn tellings_of_own(&self, found: &Found, pairs: &BTreeSet<Pair>) -> Vec<Telling> {
        let each = |arrival: &Arrival| {
            let new = arrival.own.iter().filter(|other| pairs.contains(&pair_of(&arrival.listing, other)));
            new.filter_map(|other| self.telling(&arrival.listing, other)).collect::<Vec<_>>()
        };
        found.arrivals.iter().flat_map(each).collect()
    }

    fn telling(&self, asker: &Item, other: &Item) -> Option<Telling> {
        let pair = pair_of(asker, other);
        let need = if asker.side() == Side::Need { asker } else { other };
        self.concerns.get(&pair)?.telling(asker.side(), pair, need)
    }
}

impl Telling {
    /// The most urgent first, then the highest score.
    pub fn order(&self) -> (Urgency, Reverse<u32>, Pair) {
        (self.urgency, Reverse(self.score), self.pair)
    }

    /// Whether the enterprise, told so often today, is told this too.
    pub fn fits(&self, told: usize, cap: usize) -> bool {
        told < allowance(self.urgency, cap)
    }
}

impl Concern {
    fn new(sight: &Sight, found: &Found, now: DateTime<Utc>) -> Self {
        let row = MatchRow {
            id: Uuid::now_v7(),
            need_id: sight.need.id,
            offer_id: sight.offer.id,
            need_version: sight.need.version,
            offer_version: sight.offer.version,
            policy_version: found.policy.version,
            stats_version: found.stats_version,
            as_of: found.as_of,
            created_at: now,
            updated_at: now,
        };
        let mut concern = Self { row, sides: Vec::new(), changed: true };
        concern.add_sides(sight, now);
        concern
    }

    /// Those that may see the other and have no state yet.
    fn add_sides(&mut self, sight: &Sight, now: DateTime<Utc>) {
        for (side, own) in [(Side::Need, &sight.need), (Side::Offer, &sight.offer)] {
            let there = self.sides.iter().any(|held| held.side == side);
            if let Some(seen) = seen_by(side, sight).filter(|_| !there) {
                self.sides.push(new_side(self.row.id, side, own, seen.clone(), now));
                self.changed = true;
            }
        }
    }

    /// A side that closed its listing as met here with the other's enterprise.
    fn convert(&mut self, closed: &[Listing], now: DateTime<Utc>) {
        let enterprise_of =
            |side: Side| self.sides.iter().find(|held| held.side == side).map(|held| held.enterprise_id);
        let others = [Side::Need, Side::Offer].map(|side| (side, enterprise_of(side.opposite())));
        for side in &mut self.sides {
            let other = others.iter().find(|(held, _)| *held == side.side).and_then(|(_, other)| *other);
            let met = closed.iter().any(|listing| {
                listing.id == side.listing_id
                    && listing.outcome == Some(CloseOutcome::MetHere)
                    && listing.counterpart_id.is_some()
                    && listing.counterpart_id == other
            });
            self.changed |= met && side.convert(now);
        }
    }

    fn telling(&self, side: Side, pair: Pair, need: &Item) -> Option<Telling> {
        use MatchStatus::{Shortlisted, Suggested, Viewed};
        let held = self.sides.iter().find(|held| held.side == side)?;
        let open = matches!(held.status, Suggested | Viewed | Shortlisted);
        let known = held.notified == Some((self.row.need_version, self.row.offer_version));
        // Anyone can call a need critical: unconfirmed, it counts as normal.
        let stated = need.terms.urgency;
        let urgency = if need.urgency_confirmed { stated } else { stated.max(Urgency::Normal) };
        let (enterprise_id, score) = (held.enterprise_id, held.explanation.score);
        (open && !known).then_some(Telling { pair, side, enterprise_id, urgency, score })
    }
}

fn pair(sight: &Sight) -> Pair {
    (sight.need.id, sight.offer.id)
}

fn pair_of(one: &Item, other: &Item) -> Pair {
    match one.side() {
        Side::Need => (one.id, other.id),
        Side::Offer => (other.id, one.id),
    }
}

/// The score of an open match.
fn worth(side: &Sided) -> Option<u32> {
    use MatchStatus::{Shortlisted, Suggested, Viewed};
    matches!(side.status, Suggested | Viewed | Shortlisted).then_some(side.explanation.score)
}

/// Of each lost listing those it was worth most to.
fn bereft(mut losses: Vec<Loss>) -> Vec<Uuid> {
    losses.sort_unstable();
    let of_each = losses.chunk_by(|one, next| one.of == next.of);
    let askers: BTreeSet<Uuid> = of_each.flat_map(|of| of.iter().take(BEREFT)).map(|loss| loss.bereft).collect();
    askers.into_iter().collect()
}

fn seen_by(side: Side, sight: &Sight) -> Option<&Match> {
    match side {
        Side::Need => sight.of_need.as_ref(),
        Side::Offer => sight.of_offer.as_ref(),
    }
}

fn update_side(
    side: &mut Sided,
    row: &MatchRow,
    sight: Option<&Sight>,
    seen: Option<&Match>,
    now: DateTime<Utc>,
) -> bool {
    let Some((seen, sight)) = seen.zip(sight) else { return side.lapse(now) };
    let same = row.need_version == sight.need.version && row.offer_version == sight.offer.version;
    let told = |found: &Match| (found.score, found.matchable_quantity);
    let as_before = same && told(&side.explanation) == told(seen);
    if as_before && side.status != MatchStatus::Stale {
        return false;
    }
    side.fits(seen.clone(), now);
    true
}

fn new_side(match_id: Uuid, side: Side, own: &Item, explanation: Match, now: DateTime<Utc>) -> Sided {
    Sided {
        match_id,
        side,
        enterprise_id: own.enterprise_id,
        listing_id: own.id,
        status: MatchStatus::Suggested,
        explanation,
        reason: None,
        note: None,
        decided_by: None,
        decided_at: None,
        notified: None,
        version: 1,
        updated_at: now,
    }
}

fn look(row: &mut MatchRow, sight: &Sight, found: &Found, now: DateTime<Utc>) {
    (row.need_version, row.offer_version) = (sight.need.version, sight.offer.version);
    (row.policy_version, row.stats_version) = (found.policy.version, found.stats_version);
    (row.as_of, row.updated_at) = (found.as_of, now);
}
