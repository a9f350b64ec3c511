//! Needs below a supplier's minimum order, and who together would reach it (拼单).

use uuid::Uuid;

use super::check::CheckCode;
use super::checks::{self, Screening};
use super::context::Context;
use super::item::Item;
use super::pair::Pair;
use super::policy::{NearMissRules, Policy};
use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;

/// Needs looked at, the nearest first: bounds the work where a city asks for one thing.
pub(super) const MOST_LOOKED_AT: usize = 200;
/// Needs of a pool: more do not order together.
const MOST_NEEDS: usize = 100;

/// Needs that order together.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// The need at hand first, then by distance from it; all visible to who asks.
    pub needs: Vec<Uuid>,
    pub radius_km: f64,
    /// What they come to, at least the minimum, in the offer's unit.
    pub total: Decimal,
    pub unit_code: Option<String>,
}

/// Who sees the answer.
#[derive(Debug, Clone, Copy)]
pub struct PoolReader {
    pub enterprise_id: Uuid,
    pub verified: bool,
}

/// The nearest needs that together with `need` reach the minimum order of `offer`, each of which fails nothing but the
/// minimum by itself. `around` are listings near the need, in any order, at least the nearest
/// [`MOST_LOOKED_AT`]; those beyond the policy's radius do not count.
pub fn pool<'m>(
    offer: &Item,
    need: &Item,
    around: impl IntoIterator<Item = &'m Item>,
    reader: PoolReader,
    ctx: &Context<'_>,
) -> Option<Pool> {
    let radius_km = ctx.policy.pooling_radius_km;
    let (minimum, centre) = (offer.terms.min_order_quantity?, need.location?);
    let strict = only_the_minimum_may_fail(ctx.policy);
    let ctx = ctx.with_policy(&strict);
    let mut near: Vec<(f64, &Item)> = around
        .into_iter()
        .filter(|other| other.id != need.id && other.side() == Side::Need && other.kind() == need.kind())
        .filter(|other| other.is_visible_to(Some(reader.enterprise_id), reader.verified))
        .filter_map(|other| Some((centre.distance_km(other.location?), other)))
        .filter(|(km, _)| *km <= radius_km)
        .collect();
    near.sort_by(|(a, x), (b, y)| a.total_cmp(b).then((x.created_at, x.id).cmp(&(y.created_at, y.id))));
    let mut needs = vec![need.id];
    let mut total = below_the_minimum(need, offer, &ctx)?;
    for (_, other) in near.into_iter().take(MOST_LOOKED_AT) {
        let Some(more) = below_the_minimum(other, offer, &ctx) else { continue };
        total = Decimal::from_millionths(total.millionths().checked_add(more.millionths())?)?;
        needs.push(other.id);
        if total >= minimum {
            return Some(Pool { needs, radius_km, total, unit_code: offer.terms.unit_code.clone() });
        }
        if needs.len() >= MOST_NEEDS {
            return None;
        }
    }
    None
}

fn only_the_minimum_may_fail(policy: &Policy) -> Policy {
    let near_misses = NearMissRules { relaxable: vec![CheckCode::MinimumOrder], ..policy.near_misses.clone() };
    Policy { near_misses, ..policy.clone() }
}

/// What a need asks for, in the offer's unit, where the minimum order is the one check it fails.
fn below_the_minimum(need: &Item, offer: &Item, ctx: &Context<'_>) -> Option<Decimal> {
    let pair = Pair::new(need, offer, ctx);
    // Cheaper to ask than all the rest, and few are.
    let needed = checks::below_the_minimum(&pair, ctx)?;
    (checks::screen(&pair, ctx) == Screening::NearMiss).then_some(needed)
}
