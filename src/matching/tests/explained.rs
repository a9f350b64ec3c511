//! Whether what an explanation says comes true, by the oracle: used on every generated market.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use serde_json::Value as Json;
use uuid::Uuid;

use super::super::*;
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::{Side, Terms};

/// Rank among the matches, from 1, and score.
type Place = Option<(usize, u32)>;

pub(in crate::matching) struct Oracle<'a> {
    pub market: Market,
    pub query: &'a Item,
    pub ctx: Context<'a>,
    pub shown: usize,
}

impl Oracle<'_> {
    fn place(&self, market: &Market, query: &Item, id: Uuid) -> Place {
        let matches = find_matches(market, query, usize::MAX, &self.ctx).matches;
        matches.iter().position(|found| found.id == id).map(|at| (at + 1, matches[at].score))
    }

    /// The place the listing takes once the field is changed.
    fn changed(&mut self, id: Uuid, one: &Counterfactual, to: Option<&Json>) -> Place {
        let candidate = Arc::clone(self.market.get(id).unwrap());
        match one.whose {
            Whose::Own => self.place(&self.market, &with(self.query, &one.field, to), id),
            Whose::Theirs => {
                assert!(self.market.upsert(with(&candidate, &one.field, to)));
                let place = self.place(&self.market, self.query, id);
                assert!(self.market.upsert((*candidate).clone()));
                place
            }
        }
    }

    /// The change has the effect, and one step less has not.
    pub fn comes_true(&mut self, id: Uuid, one: &Counterfactual) {
        let before = self.place(&self.market, self.query, id);
        let holds = |place: Place| match one.code {
            CounterfactualCode::WouldMatch => place.is_some(),
            CounterfactualCode::WouldRankHigher => {
                place.is_some_and(|(rank, _)| before.is_some_and(|(was, _)| rank < was))
            }
        };
        assert!(!holds(before), "{one:#?}");
        let after = self.changed(id, one, one.to.as_ref());
        assert!(holds(after), "{one:#?}\n{:#?}\n{:#?}", self.query, self.market.get(id));
        let (rank, score) = after.unwrap();
        assert_eq!((one.rank, one.score), (Some(rank).filter(|rank| *rank <= self.shown), score), "{one:#?}");
        // What is not stated holds as the policy's, a whole number of kilometres.
        let unstated = Json::from(self.ctx.policy.max_detour_km as u64);
        let from = one.from.as_ref().or(Some(&unstated).filter(|_| one.field.ends_with("_km")));
        if let (Some(from), Some(to)) = (from, &one.to)
            && let Some(less) = one_step_less(&one.field, from, to)
        {
            assert!(!holds(self.changed(id, one, Some(&less))), "{less} would do: {one:#?}\n{:#?}", self.query);
        }
    }
}

pub(in crate::matching) fn positions(outcome: &Outcome, market: &Market) -> Vec<Position> {
    let position = |found: &Match| Position {
        score: found.score,
        distance_km: found.distance_km,
        created_at: market.get(found.id).unwrap().created_at,
        id: found.id,
    };
    outcome.matches.iter().map(position).collect()
}

/// The listing as its poster would change it.
fn with(item: &Item, field: &str, to: Option<&Json>) -> Item {
    let mut document = serde_json::to_value(&*item.terms).unwrap();
    let (parent, name) = field.rsplit_once('/').unwrap();
    match (document.pointer_mut(parent).unwrap(), to) {
        (Json::Array(list), Some(to)) => list[name.parse::<usize>().unwrap()] = to.clone(),
        (parent, Some(to)) => parent[name] = to.clone(),
        (parent, None) => drop(parent.as_object_mut().unwrap().remove(name)),
    }
    let terms: Terms = serde_json::from_value(document).unwrap();
    let remaining = match (item.remaining, item.terms.quantity, terms.quantity) {
        (Some(left), Some(before), Some(now)) => {
            Decimal::from_millionths(left.millionths() + now.millionths() - before.millionths())
        }
        (left, ..) => left,
    };
    Item { terms: Arc::new(terms), remaining, ..item.clone() }
}

/// A unit nearer to where the field stands; `None` where there is nothing between.
fn one_step_less(field: &str, from: &Json, to: &Json) -> Option<Json> {
    if let (Some(a), Some(b)) = (from.as_i64(), to.as_i64()) {
        return Some(Json::from(if b > a { b - 1 } else { b + 1 }));
    }
    let (a, b) = (from.as_str()?, to.as_str()?);
    if let (Ok(a), Ok(b)) = (a.parse::<NaiveDate>(), b.parse::<NaiveDate>()) {
        let day = TimeDelta::days(if b > a { -1 } else { 1 });
        return Some(Json::from((b + day).to_string()));
    }
    let (a, b) = (a.parse::<Decimal>().ok()?.millionths(), b.parse::<Decimal>().ok()?.millionths());
    let step = match field {
        _ if field.ends_with("/amount") => {
            if a >= 100_000 {
                10_000
            } else {
                100
            }
        }
        _ if a >= SCALE && (field.ends_with("quantity") || field.ends_with("capacity_per_day")) => SCALE,
        _ if field.ends_with("highest_rate") => 10_000,
        // Just as far as the other's: the least less will not do.
        _ if ["minimum_amount", "weight_kg", "volume_m3"].iter().any(|exact| field.ends_with(exact)) => 1,
        // The last place of a number that was itself rounded to it is not known here.
        _ => return None,
    };
    let less = if b > a { (b - step).max(a) } else { (b + step).min(a) };
    Decimal::from_millionths(less).map(|less| Json::from(less.to_string()))
}

/// The nearest eligible needs, no more than it takes.
pub(in crate::matching) fn is_a_pool(oracle: &Oracle<'_>, id: Uuid, pool: &Pool) {
    let (query, ctx) = (oracle.query, &oracle.ctx);
    let candidate = oracle.market.get(id).unwrap();
    let (need, offer) = if query.side() == Side::Need { (query, &**candidate) } else { (&**candidate, query) };
    let alone = |other: &Item| -> bool {
        let failed: Vec<CheckCode> =
            assess(other, offer, ctx).checks.iter().filter(|check| check.failed()).map(|check| check.code).collect();
        failed == [CheckCode::MinimumOrder]
    };
    let km = |other: &Item| need.location.unwrap().distance_km(other.location.unwrap());
    let mut eligible: Vec<&Item> = oracle
        .market
        .partition(Side::Need, need.kind())
        .map(AsRef::as_ref)
        .filter(|other| other.id != need.id && other.location.is_some())
        .filter(|other| km(other) <= ctx.policy.pooling_radius_km && alone(other))
        .filter(|other| other.is_visible_to(Some(query.enterprise_id), query.verified))
        .collect();
    eligible.sort_by(|a, b| km(a).total_cmp(&km(b)).then((a.created_at, a.id).cmp(&(b.created_at, b.id))));
    let expected: Vec<Uuid> =
        std::iter::once(need.id).chain(eligible.iter().map(|other| other.id)).take(pool.needs.len()).collect();
    assert_eq!(pool.needs, expected);
    assert!(pool.total >= offer.terms.min_order_quantity.unwrap());
}
