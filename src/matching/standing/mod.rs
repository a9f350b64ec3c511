//! Standing matches: every open listing keeps its best K counterparts, so that a new or changed listing finds exactly
//! those whose best it enters.
//!
//! The question of [`find_matches`](super::find_matches) with the roles swapped. Askers lie in blocks of neighbours that
//! know the least it takes to enter anywhere in them; the listing that arrives is held against those, then gauged for single
//! askers from what is kept of them in brief (`cells`, `ground`), then scored as any pair is. What leaves a full list makes it inexact: somebody unknown stands next. Such a list
//! is made exact when an arrival depends on it, or beside the traffic ([`StandingMatches::refine`]); it is never guessed.
//!
//! Scores hold for an epoch: policy, statistics and hour. A new one takes over block by block ([`StandingMatches::renew`]);
//! every answer is exact by the epoch of its asker.

mod cells;
mod entry;
mod gauge;
mod ground;
mod partition;
mod rates;
mod reach;
mod slack;
mod texts;
mod ways;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::context::Context;
use super::index::{Shift, Snapshot};
use super::item::Item;
use super::memo::Memo;
use super::pair::Kinship;
use super::position::Position;
use super::rank::Ranked;
use crate::domain::listing::{Kind, Side};
use entry::{Entry, Member};
use gauge::Gauge;
use partition::Partition;
use reach::Candidate;

type Category = Option<Arc<str>>;

/// What scores are made with, now and for the askers that still wait to be taken over from the epoch before. Policies
/// without near misses ([`Policy::without_near_misses`](super::Policy::without_near_misses)) spare work.
#[derive(Debug, Clone, Copy)]
pub struct Epochs<'a> {
    pub present: Context<'a>,
    pub before: Context<'a>,
}

impl<'a> Epochs<'a> {
    pub fn only(present: Context<'a>) -> Self {
        Self { present, before: present }
    }
}

/// What became of a new or changed listing.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub listing: Arc<Item>,
    /// Its own best K, best first.
    pub own: Vec<Arc<Item>>,
    /// Those among whose best K it stands, the highest score first.
    pub among: Vec<Arc<Item>>,
}

#[derive(Debug)]
pub struct StandingMatches {
    k: usize,
    epoch: u32,
    /// The market as it was when it was last looked at.
    market: Arc<Snapshot>,
    /// Every open listing. Never gone through in its own order.
    askers: HashMap<Uuid, Arc<Item>>,
    ends: BTreeSet<(DateTime<Utc>, Uuid)>,
    groups: BTreeMap<(Side, Kind), BTreeMap<Category, Partition>>,
}

/// Where an asker is kept, while nothing is put in or taken out.
#[derive(Debug, Clone)]
struct Spot {
    group: (Side, Kind),
    category: Category,
    block: usize,
    row: usize,
}

/// An asker whose best a listing enters.
struct Hit {
    spot: Spot,
    asker: Arc<Item>,
    score: u32,
    distance_km: Option<f64>,
    exact: bool,
}

impl StandingMatches {
    /// Of the listings open in `market`; nobody's best is known yet.
    pub fn of(market: Arc<Snapshot>, ctx: &Context<'_>) -> Self {
        let mut standing = Self {
            k: ctx.policy.standing_k.max(1),
            epoch: 0,
            market: Arc::clone(&market),
            askers: HashMap::new(),
            ends: BTreeSet::new(),
            groups: BTreeMap::new(),
        };
        for item in market.iter().filter(|item| item.is_open(ctx.now)) {
            standing.put_in(item, &Epochs::only(*ctx));
        }
        standing
    }

    pub fn len(&self) -> usize {
        self.askers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.askers.is_empty()
    }

    /// Takes over what happened in the market up to `market`.
    pub fn advance(&mut self, shifts: Vec<Shift>, market: Arc<Snapshot>, epochs: &Epochs<'_>) {
        self.market = market;
        self.expire(epochs);
        let (mut left, mut arrived) = (Vec::new(), Vec::new());
        for shift in net(shifts) {
            left.extend(shift.before.and_then(|before| self.askers.get(&before.id).cloned()));
            arrived.extend(shift.after.filter(|after| after.is_open(epochs.present.now)));
        }
        for item in &left {
            self.take_out(item, epochs);
        }
        for item in &arrived {
            self.put_in(item, epochs);
        }
        let k = self.k;
        for item in &arrived {
            for hit in self.hits(item, epochs, true) {
                self.change(&hit.spot, |entry| entry.insert(item, hit.score, k));
            }
        }
    }

    /// Of an open listing: its own best, and whose best it stands among: exactly the first `limit` of them, the highest
    /// score first. `None` where it is not open.
    pub fn arrival(&mut self, id: Uuid, limit: usize, epochs: &Epochs<'_>) -> Option<Arrival> {
        let listing = Arc::clone(self.askers.get(&id)?);
        let own = self.settle_own(&listing, epochs);
        let mut among = Vec::new();
        for hit in self.hits(&listing, epochs, true) {
            if among.len() >= limit {
                break;
            }
            let stands = hit.exact || {
                let best = self.settle(&hit.spot, &hit.asker, epochs);
                best.iter().any(|member| member.item.id == id)
            };
            if stands {
                among.push(hit.asker);
            }
        }
        Some(Arrival { listing, own, among })
    }

    /// Of an open listing: its own best alone. The market is asked only where they are not known for sure.
    pub fn best(&mut self, id: Uuid, epochs: &Epochs<'_>) -> Option<Arrival> {
        let listing = Arc::clone(self.askers.get(&id)?);
        let own = match self.best_of(id)? {
            (best, true) => best.iter().filter_map(|(id, _)| self.askers.get(id).cloned()).collect(),
            _ => self.settle_own(&listing, epochs),
        };
        Some(Arrival { listing, own, among: Vec::new() })
    }

    /// An open listing.
    pub fn get(&self, id: Uuid) -> Option<&Arc<Item>> {
        self.askers.get(&id)
    }

    /// The listings whose end has come.
    fn expire(&mut self, epochs: &Epochs<'_>) {
        while let Some((_, id)) = self.ends.first().copied().filter(|(end, _)| *end <= epochs.present.now) {
            self.ends.pop_first();
            if let Some(item) = self.askers.get(&id).cloned() {
                self.take_out(&item, epochs);
            }
        }
    }

    fn put_in(&mut self, item: &Arc<Item>, epochs: &Epochs<'_>) {
        self.askers.insert(item.id, Arc::clone(item));
        self.ends.insert((item.terms.valid_until, item.id));
        let category = item.category().map(Arc::from);
        let partition = self.groups.entry((item.side(), item.kind())).or_default().entry(category).or_default();
        let epoch = partition.epoch_at(item).unwrap_or(self.epoch);
        let ctx = if epoch == self.epoch { epochs.present } else { epochs.before };
        partition.insert(item, self.epoch, &ctx);
    }

    fn take_out(&mut self, item: &Arc<Item>, epochs: &Epochs<'_>) {
        self.askers.remove(&item.id);
        self.ends.remove(&(item.terms.valid_until, item.id));
        if let Some(partitions) = self.groups.get_mut(&(item.side(), item.kind())) {
            let category = item.category().map(Arc::from);
            if let Some(partition) = partitions.get_mut(&category) {
                partition.remove(item);
                if partition.is_empty() {
                    partitions.remove(&category);
                }
            }
        }
        let (id, k) = (item.id, self.k);
        for spot in self.holders(item, epochs) {
            self.change(&spot, |entry| {
                entry.remove(id, k);
            });
        }
    }

    /// Those a listing would enter, best first, with its score there: nothing is changed. Of inexact askers, those it may
    /// enter.
    pub fn entering(&self, listing: &Arc<Item>, epochs: &Epochs<'_>) -> Vec<(Arc<Item>, u32)> {
        let hits = self.hits(listing, epochs, true);
        hits.into_iter().map(|hit| (hit.asker, hit.score)).collect()
    }

    /// The same by looking at every asker: the measure of [`StandingMatches::entering`].
    pub fn entering_by_scan(&self, listing: &Arc<Item>, epochs: &Epochs<'_>) -> Vec<(Arc<Item>, u32)> {
        let hits = self.hits(listing, epochs, false);
        hits.into_iter().map(|hit| (hit.asker, hit.score)).collect()
    }

    /// The best of an open listing with their scores, and whether they are known for sure.
    pub fn best_of(&self, id: Uuid) -> Option<(Vec<(Uuid, u32)>, bool)> {
        let asker = self.askers.get(&id)?;
        let partition = self.groups.get(&(asker.side(), asker.kind()))?.get(&asker.category().map(Arc::from))?;
        let (block, row) = partition.find(asker)?;
        let entry = partition.blocks().get(block)?.entries().get(row)?;
        Some((entry.best().iter().map(|member| (member.item.id, member.score)).collect(), entry.exact))
    }

    /// Takes what looking at everything gives an open listing from who has it, instead of asking the index.
    pub fn know(&mut self, id: Uuid, best: Vec<(Uuid, u32)>) {
        let Some(asker) = self.askers.get(&id).cloned() else { return };
        let member = |(id, score)| Some(Member { item: Arc::clone(self.askers.get(&id)?), score });
        let best: Vec<Member> = best.into_iter().filter_map(member).collect();
        let k = self.k;
        if let Some(spot) = self.spot(&asker) {
            self.change(&spot, |entry| entry.settle(best, k));
        }
    }

    fn spot(&self, asker: &Item) -> Option<Spot> {
        let (group, category): (_, Category) = ((asker.side(), asker.kind()), asker.category().map(Arc::from));
        let (block, row) = self.groups.get(&group)?.get(&category)?.find(asker)?;
        Some(Spot { group, category, block, row })
    }

    /// Begins an epoch of other statistics, another policy or another hour. To be called when [`StandingMatches::renew`]
    /// has nothing left to do.
    pub fn begin_epoch(&mut self, k: usize) {
        let (from, to) = (std::mem::replace(&mut self.k, k.max(1)), k.max(1));
        if from != to {
            for partition in self.groups.values_mut().flat_map(BTreeMap::values_mut) {
                partition.blocks_mut().for_each(|block| block.resize(from, to));
            }
        }
        self.epoch += 1;
    }

    /// Takes up to `blocks` blocks of askers over into the present epoch; returns whether any is left.
    pub fn renew(&mut self, blocks: usize, epochs: &Epochs<'_>) -> bool {
        let (epoch, k) = (self.epoch, self.k);
        let mut left = blocks;
        for partition in self.groups.values_mut().flat_map(BTreeMap::values_mut) {
            for at in 0..partition.blocks().len() {
                if partition.blocks().get(at).is_none_or(|block| block.epoch == epoch) {
                    continue;
                }
                if left == 0 {
                    return true;
                }
                partition.renew(at, epoch, k, &epochs.present);
                left -= 1;
            }
        }
        false
    }

    /// Makes up to `askers` inexact lists exact; returns how many there were to do.
    pub fn refine(&mut self, askers: usize, epochs: &Epochs<'_>) -> usize {
        let wanting = self.inexact(askers);
        for (spot, asker) in &wanting {
            self.settle(spot, asker, epochs);
        }
        wanting.len()
    }

    /// How many lists are not known for sure.
    pub fn count_inexact(&self) -> usize {
        let partitions = self.groups.values().flat_map(BTreeMap::values);
        partitions.flat_map(Partition::blocks).map(partition::Block::inexact).sum()
    }

    /// Beside the listings themselves.
    pub fn bytes(&self) -> usize {
        let partitions = self.groups.values().flat_map(BTreeMap::values);
        let known = self.askers.capacity() * (size_of::<(Uuid, Arc<Item>)>() + 1);
        let ends = self.ends.len() * size_of::<(DateTime<Utc>, Uuid)>() * 3 / 2;
        partitions.map(Partition::bytes).sum::<usize>() + known + ends
    }

    fn inexact(&self, most: usize) -> Vec<(Spot, Arc<Item>)> {
        let mut found = Vec::new();
        for (group, partitions) in &self.groups {
            for (category, partition) in partitions {
                for (block, of_block) in partition.blocks().iter().enumerate().filter(|(_, b)| b.inexact() > 0) {
                    for (row, entry) in of_block.entries().iter().enumerate().filter(|(_, entry)| !entry.exact) {
                        if found.len() >= most {
                            return found;
                        }
                        let spot = Spot { group: *group, category: category.clone(), block, row };
                        found.push((spot, Arc::clone(&entry.asker)));
                    }
                }
            }
        }
        found
    }

    fn settle_own(&mut self, listing: &Arc<Item>, epochs: &Epochs<'_>) -> Vec<Arc<Item>> {
        let Some(spot) = self.spot(listing) else { return vec![] };
        let best = self.settle(&spot, listing, epochs);
        best.into_iter().map(|member| member.item).collect()
    }

    /// Asks the market for the best of one asker, and returns them.
    fn settle(&mut self, spot: &Spot, asker: &Arc<Item>, epochs: &Epochs<'_>) -> Vec<Member> {
        let Some(epoch) = self.block(spot).map(|block| block.epoch) else { return vec![] };
        let ctx = if epoch == self.epoch { epochs.present } else { epochs.before };
        let member =
            |found: Position| Some(Member { item: Arc::clone(self.askers.get(&found.id)?), score: found.score });
        let best: Vec<Member> = self.market.rank(asker, self.k, &ctx).into_iter().filter_map(member).collect();
        let k = self.k;
        self.change(spot, |entry| entry.settle(best.clone(), k));
        best
    }

    fn block(&self, spot: &Spot) -> Option<&partition::Block> {
        self.groups.get(&spot.group)?.get(&spot.category)?.blocks().get(spot.block)
    }

    fn change(&mut self, spot: &Spot, change: impl FnOnce(&mut Entry)) {
        let partition = self.groups.get_mut(&spot.group).and_then(|all| all.get_mut(&spot.category));
        if let Some(block) = partition.and_then(|partition| partition.block_mut(spot.block)) {
            block.change(spot.row, change);
        }
    }

    /// Everybody among whose best the listing stands.
    fn holders(&self, listing: &Item, epochs: &Epochs<'_>) -> Vec<Spot> {
        let mut spots = Vec::new();
        self.search(listing, epochs, true, |_, entry, _, spot| {
            if entry.holds(listing) {
                spots.push(spot());
            }
        });
        spots
    }

    /// Not `bounded`: every asker is looked at.
    fn hits(&self, listing: &Arc<Item>, epochs: &Epochs<'_>, bounded: bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.search(listing, epochs, bounded, |candidate, entry, text, spot| {
            if let Some(Ranked { score, distance_km, .. }) = candidate.enters(entry, text, self.k) {
                let (asker, exact) = (Arc::clone(&entry.asker), entry.exact);
                hits.push(Hit { spot: spot(), asker, score, distance_km, exact });
            }
        });
        hits.sort_by(|a, b| a.ranked().compare(&b.ranked()));
        hits
    }

    /// Looks at whoever the listing may enter, or at everybody whose goods it could be.
    fn search(
        &self,
        listing: &Item,
        epochs: &Epochs<'_>,
        bounded: bool,
        mut look: impl FnMut(&Candidate<'_>, &Entry, Option<f64>, &dyn Fn() -> Spot),
    ) {
        let group = (listing.side().opposite(), listing.kind());
        let memos = [Memo::new(), Memo::new()];
        let (present, before) = (epochs.present.remembering(&memos[0]), epochs.before.remembering(&memos[1]));
        let gauges = [OnceCell::new(), OnceCell::new()];
        if bounded && gauge::nobody_may_have(listing) {
            return;
        }
        for (category, partition) in self.groups.get(&group).into_iter().flatten() {
            let code = category.as_deref();
            let kinship = Kinship::between(group.0, code, listing.category(), &present);
            if kinship == Kinship::Unrelated {
                continue;
            }
            let candidates = [OnceCell::new(), OnceCell::new()];
            let mut grounds = [const { OnceCell::new() }; 2];
            for (block, of_block) in partition.blocks().iter().enumerate() {
                let (at, ctx) = if of_block.epoch == self.epoch { (0, present) } else { (1, before) };
                let gauge = gauges[at].get_or_init(|| Gauge::new(listing, ctx));
                let candidate = candidates[at].get_or_init(|| Candidate::new(listing, gauge.trust(code), kinship, ctx));
                let mut show = |row: usize, text: Option<f64>| {
                    if let Some(entry) = of_block.entries().get(row) {
                        look(candidate, entry, text, &|| Spot { group, category: category.clone(), block, row });
                    }
                };
                if !bounded {
                    (0..of_block.entries().len()).for_each(|row| show(row, None));
                    continue;
                }
                let ground = &mut grounds[at];
                ground.get_or_init(|| gauge.ground(code, kinship, &partition.ways, &partition.texts));
                let Some(Some(ground)) = ground.get_mut() else { continue };
                ground.look(of_block, &mut show);
            }
        }
    }
}

impl Hit {
    fn ranked(&self) -> Ranked<'_> {
        Ranked { score: self.score, distance_km: self.distance_km, item: &self.asker }
    }
}

/// One shift a listing: from before the first to after the last.
fn net(shifts: Vec<Shift>) -> Vec<Shift> {
    let mut of_listing: BTreeMap<Uuid, Shift> = BTreeMap::new();
    for shift in shifts {
        let Some(id) = shift.id() else { continue };
        match of_listing.get_mut(&id) {
            Some(earlier) => earlier.after = shift.after,
            None => {
                of_listing.insert(id, shift);
            }
        }
    }
    of_listing.into_values().collect()
}
