//! The standing matches of this process: what it takes to enter the best of every open listing, kept in step with the
//! index, and taken over into new statistics, another policy or another hour a little at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::market::Frozen;
use super::{App, Error};
use crate::matching::{Arrival, Context, Epochs, Item, Match, Policy, StandingMatches, match_of};

/// Blocks taken over, or lists made exact, before the clock is looked at.
const BLOCKS: usize = 1;
const LISTS: usize = 4;

#[derive(Default)]
pub struct Standing(Mutex<Option<Kept>>);

struct Kept {
    matches: StandingMatches,
    present: Epoch,
    before: Epoch,
    /// Some askers are still scored by the epoch before.
    renewing: bool,
}

/// What scores are made with while it lasts. Its policy asks for no near misses.
#[derive(Clone)]
pub struct Epoch(Frozen);

/// A pair as either side sees it; `None` where that side has no match in the other.
#[derive(Debug, Clone)]
pub struct Sight {
    pub need: Arc<Item>,
    pub offer: Arc<Item>,
    pub of_need: Option<Match>,
    pub of_offer: Option<Match>,
}

/// What is asked about a listing.
#[derive(Debug, Clone, Copy)]
pub enum Look {
    /// It came or changed: its own best, and whose best it stands among.
    Whole,
    /// It lost one of its best: its own best.
    Own,
}

/// What is known of listings that came, changed or went.
pub struct Found {
    pub arrivals: Vec<Arrival>,
    /// Of the pairs asked for and those of the arrivals; none where a listing is not open.
    pub sights: Vec<Sight>,
    pub policy: Arc<Policy>,
    pub stats_version: i32,
    pub as_of: chrono::DateTime<chrono::Utc>,
}

impl Epoch {
    fn of(frozen: Frozen) -> Self {
        let policy = Arc::new(frozen.policy.without_near_misses());
        Self(Frozen { policy, ..frozen })
    }

    /// Scores of the epoch; what has expired goes by the true time.
    fn context(&self, now: &Frozen) -> Context<'_> {
        let Frozen { policy, statistics, knowledge, .. } = &self.0;
        let as_of = self.0.context().as_of;
        Context::new(&knowledge.reference, policy, statistics, now.now).as_of(as_of)
    }

    fn holds(&self, now: &Frozen) -> bool {
        self.0.policy.version == now.policy.version
            && self.0.statistics.version == now.statistics.version
            && Arc::ptr_eq(&self.0.knowledge, &now.knowledge)
            && self.0.context().as_of == now.context().as_of
    }
}

impl Kept {
    fn epochs<'a>(present: &'a Epoch, before: &'a Epoch, now: &Frozen) -> Epochs<'a> {
        Epochs { present: present.context(now), before: before.context(now) }
    }
}

impl Standing {
    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// What stands now, after all that has happened in the index. Takes a while: for a thread that does not answer.
    fn with_standing<T>(&self, work: impl FnOnce(&mut StandingMatches, &Epochs<'_>, &Epoch) -> T) -> T {
        let (mut guard, now) = (self.standing.kept(), self.frozen());
        // A panic in `work` leaves what stands half done: it is then made anew.
        let mut kept = self.in_step(guard.take(), &now);
        let epochs = Kept::epochs(&kept.present, &kept.before, &now);
        let result = work(&mut kept.matches, &epochs, &kept.present);
        *guard = Some(kept);
        result
    }

    /// Another process writes matches from now on, or nobody does.
    pub fn drop_standing(&self) {
        let mut kept = self.standing.kept();
        *kept = None;
        self.market.index.unfollow();
    }

    fn in_step(&self, kept: Option<Kept>, now: &Frozen) -> Kept {
        if let Some(mut kept) = kept
            && let Some((shifts, market)) = self.market.shifts()
        {
            let epochs = Kept::epochs(&kept.present, &kept.before, now);
            kept.matches.advance(shifts, market, &epochs);
            return kept;
        }
        let epoch = Epoch::of(now.clone());
        let matches = StandingMatches::of(self.market.follow(), &epoch.context(now));
        tracing::info!(listings = matches.len(), "standing matches begun");
        Kept { matches, before: epoch.clone(), present: epoch, renewing: false }
    }

    /// The listings' own best, whose best they stand among, if that is asked, and how either side sees those pairs and
    /// the ones named. A listing that cannot be looked at without a panic is left out.
    pub fn look_at(&self, look: Look, listings: &[Uuid], pairs: &[(Uuid, Uuid)], limit: usize) -> Result<Found, Error> {
        let look = || {
            self.with_standing(|standing, epochs, epoch| {
                let mut arrival = |id: Uuid| match look {
                    Look::Whole => standing.arrival(id, limit, epochs),
                    Look::Own => standing.best(id, epochs),
                };
                let arrivals: Vec<Arrival> = listings.iter().filter_map(|id| arrival(*id)).collect();
                let mut wanted: Vec<(Uuid, Uuid)> = pairs.to_vec();
                wanted.extend(arrivals.iter().flat_map(|arrival| pairs_of(arrival, limit)));
                wanted.sort_unstable();
                wanted.dedup();
                let sight = |(need, offer): (Uuid, Uuid)| {
                    let (need, offer) = (standing.get(need)?, standing.get(offer)?);
                    Some(sight(need, offer, &epochs.present))
                };
                Found {
                    sights: wanted.into_iter().filter_map(sight).collect(),
                    arrivals,
                    policy: Arc::clone(&epoch.0.policy),
                    stats_version: epoch.0.statistics.version,
                    as_of: epochs.present.as_of,
                }
            })
        };
        match catch_unwind(AssertUnwindSafe(look)) {
            Ok(found) => Ok(found),
            Err(_) => Err(Error::Fault(format!("looking at the standing matches of {listings:?} panicked"))),
        }
    }

    /// Goes on with what can wait, for about so long: another epoch, lists that are not exact. Only where this process
    /// keeps standing matches.
    pub fn tend_standing(&self, budget: Duration) {
        if self.standing.kept().is_none() {
            return;
        }
        let begun = Instant::now();
        while begun.elapsed() < budget && self.tend_a_little() {}
    }

    /// Returns whether there is more to do.
    fn tend_a_little(&self) -> bool {
        let (mut guard, now) = (self.standing.kept(), self.frozen());
        let mut kept = self.in_step(guard.take(), &now);
        if !kept.renewing && !kept.present.holds(&now) {
            kept.before = std::mem::replace(&mut kept.present, Epoch::of(now.clone()));
            kept.matches.begin_epoch(now.policy.standing_k);
            kept.renewing = true;
        }
        let epochs = Kept::epochs(&kept.present, &kept.before, &now);
        let more = if kept.renewing {
            kept.renewing = kept.matches.renew(BLOCKS, &epochs);
            true
        } else {
            kept.matches.refine(LISTS, &epochs) > 0
        };
        *guard = Some(kept);
        more
    }
}

/// The pairs an arrival makes, the best first: its own best, then those it stands among.
pub fn pairs_of(arrival: &Arrival, limit: usize) -> Vec<(Uuid, Uuid)> {
    let listing = &arrival.listing;
    let pair = |other: &Arc<Item>| match listing.side() {
        crate::domain::listing::Side::Need => (listing.id, other.id),
        crate::domain::listing::Side::Offer => (other.id, listing.id),
    };
    let mut pairs: Vec<(Uuid, Uuid)> = Vec::new();
    for other in arrival.own.iter().chain(&arrival.among) {
        let pair = pair(other);
        if pairs.len() < limit && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

fn sight(need: &Arc<Item>, offer: &Arc<Item>, ctx: &Context<'_>) -> Sight {
    Sight {
        of_need: match_of(need, offer, ctx),
        of_offer: match_of(offer, need, ctx),
        need: Arc::clone(need),
        offer: Arc::clone(offer),
    }
}
