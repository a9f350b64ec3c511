//! An arrival's own side of what askers give it at most (`ground`): reckoned in floats, above the score by what rounding can
//! add.

use strum::VariantArray;

use crate::domain::decimal::Decimal;
use crate::domain::listing::{RequiredLevel, Side, Visibility};
use crate::domain::place::Point;
use crate::matching::context::Context;
use crate::matching::factor::FactorCode;
use crate::matching::facts::Facts;
use crate::matching::gauging::EARTH_KM;
use crate::matching::item::Item;
use crate::matching::shares;
use crate::matching::text::{Asked, Heard, names_any};
use crate::vocabulary::TextProfile;

use super::cells::{
    ANYWHERE, Credentials, HAZARD, LICENSED, REQUIRES_VERIFIED, STANCES, STEPS, SUBSTITUTES, VERIFIED, is_hazardous,
    is_licensed, sort,
};
use super::entry::Asks;
use super::texts::Concepts;

/// What a score is rounded by, half a point, and its components: half a ten-thousandth each; and floats.
const HAIR: f32 = 0.57;
/// Of a place in whole steps, and of a distance.
const HAIR_KM: f32 = 0.3;
/// More than any score.
pub(super) const OUT: f32 = -1e6;
/// As the score has it.
const MOST_WEIGHT: f64 = 100_000.0;

/// Squares of chords are told apart by exponent and the first bits of the fraction: from so small ones, so many.
const FRACTION: u32 = 23 - 4;
const NEAREST: f32 = 1.0 / (1 << 20) as f32;
pub(super) const FAR: usize = 23 * 16;

/// An arrival's own side of it, for one kind and epoch.
pub(super) struct Gauge<'a> {
    pub item: &'a Item,
    pub facts: Facts<'a>,
    pub ctx: Context<'a>,
    pub asking: Side,
    /// Without trust, of sets.
    pub points: [Points; 2 * Asks::SETS],
    /// Of those of known promises.
    pub trust: Option<f64>,
    pub words: Words<'a>,
    pub from: [f32; 3],
    pub placed: bool,
    pub radius_km: f32,
    pub credentials: Credentials,
    pub sort: u8,
    /// By distance: kilometres at least, and the share.
    pub near: Box<[(f32, f32); FAR]>,
    pub unknown_quantity: f32,
    /// By stance, what is lost to whom may not deal with it: everything.
    pub barred: [f32; STANCES],
    /// The same where it is a substitute.
    pub barred_substitute: [f32; STANCES],
}

/// Points in full of those that ask for one set of components.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Points {
    /// Of what the arrival alone decides, trust apart, and a hair; terms and words in full.
    pub full: f32,
    pub trust: f32,
    pub quantity: f32,
    pub distance: f32,
    pub price: f32,
    pub time: f32,
    pub text: f32,
    /// 0 where they have no place.
    pub placed: f32,
}

impl<'a> Gauge<'a> {
    pub fn new(item: &'a Item, ctx: Context<'a>) -> Self {
        let (asking, kind, facts) = (item.side().opposite(), item.kind(), Facts::of(item));
        let policy = ctx.policy;
        let unplaced = (0.0, shares::distance(None, kind, policy) as f32);
        let mut near = Box::new([unplaced; FAR]);
        if facts.location.is_some() {
            for (bucket, slot) in (0_u32..).zip(near.iter_mut()) {
                let square = if bucket == 0 { 0.0 } else { f32::from_bits(NEAREST.to_bits() + (bucket << FRACTION)) };
                // The chord is no longer than the way around.
                let km = (square.sqrt() * EARTH_KM - HAIR_KM).max(0.0);
                // Smaller floats are slow.
                *slot = (km, shares::distance(Some(f64::from(km)), kind, policy).max(1e-20) as f32);
            }
        }
        let barred = |substitute: bool| {
            let mut barred = [0.0; STANCES];
            for (stance, slot) in (0..=u8::MAX).zip(&mut barred) {
                *slot = if is_barred(item, asking, stance, substitute, &ctx) { OUT } else { 0.0 };
            }
            barred
        };
        let own = [
            (FactorCode::ChainLink, 1.0),
            (FactorCode::Freshness, shares::freshness(item.confirmed_at, &ctx).0),
            (
                FactorCode::Urgency,
                shares::urgency(item.terms.urgency, item.urgency_confirmed, item.designated).0.min(1.0),
            ),
        ];
        let weights =
            FactorCode::VARIANTS.iter().map(|code| (*code, policy.weight(kind, *code).to_f64().min(MOST_WEIGHT)));
        let weights: Vec<_> = weights.collect();
        let mut points = [Points { full: f32::INFINITY, ..Points::default() }; 2 * Asks::SETS];
        for (set, slot) in (0..Asks::WILD).zip(&mut points) {
            *slot = Points::of(Asks::of_set(set, asking), &weights, &own);
        }
        Self {
            asking,
            points,
            trust: item.trust.map(|trust| shares::trust(Some(trust), None, &ctx)),
            words: Words::of(item, &ctx),
            from: facts.location.map_or([0.0; 3], Point::direction).map(|axis| axis * STEPS),
            placed: facts.location.is_some(),
            radius_km: facts.radius_km.map_or(f32::from(ANYWHERE), |km| km as f32),
            credentials: Credentials::of(item),
            sort: sort(item),
            near,
            unknown_quantity: policy.unknown.quantity as f32,
            barred: barred(false),
            barred_substitute: barred(true),
            item,
            facts,
            ctx,
        }
    }

    /// u of its promises, with askers of that category.
    pub fn trust(&self, category: Option<&str>) -> f64 {
        self.trust.unwrap_or_else(|| shares::trust(None, self.item.category().or(category), &self.ctx))
    }
}

impl Points {
    fn of(asks: Asks, weights: &[(FactorCode, f64)], own: &[(FactorCode, f64)]) -> Self {
        let asked = || weights.iter().filter(|(code, _)| asks.has(*code));
        let total: f64 = asked().map(|(_, weight)| weight).sum();
        let full = |wanted: FactorCode| {
            let weight = asked().find(|(code, _)| *code == wanted).map_or(0.0, |(_, weight)| *weight);
            if total > 0.0 { 1000.0 * weight / total } else { 0.0 }
        };
        let in_full: f64 = [FactorCode::Quantity, FactorCode::Price, FactorCode::Text].map(full).iter().sum();
        let rest: f64 = own.iter().map(|(code, u)| full(*code) * u).sum();
        Points {
            full: (rest + in_full) as f32 + HAIR,
            trust: full(FactorCode::Trust) as f32,
            quantity: full(FactorCode::Quantity) as f32,
            distance: full(FactorCode::Distance) as f32,
            price: full(FactorCode::Price) as f32,
            time: full(FactorCode::Time) as f32,
            text: full(FactorCode::Text) as f32,
            placed: if asks.has(FactorCode::Distance) { 1.0 } else { 0.0 },
        }
    }
}

/// What the arrival says.
pub(super) struct Words<'a> {
    /// With the category stated and those above it.
    concepts: Concepts,
    names_any: bool,
    heard: Heard,
    asked: Asked<'a>,
}

impl<'a> Words<'a> {
    fn of(item: &'a Item, ctx: &Context<'a>) -> Self {
        let above = item.category().into_iter().flat_map(|code| ctx.reference.categories.broader(code));
        let concepts = above.fold(Concepts::of(&item.profile), |concepts, (code, _)| {
            concepts.with(code, item.category() == Some(code.as_str()))
        });
        let (heard, asked) =
            (Heard::of(&item.profile, ctx.statistics, ctx.policy), Asked::of(&item.profile, ctx.statistics));
        Self { concepts, names_any: names_any(&item.profile), heard, asked }
    }

    /// Whether a text that speaks of such categories may mean the goods of the arrival.
    pub fn may_agree(&self, concepts: &Concepts) -> bool {
        !self.names_any || self.concepts.may_agree(concepts)
    }

    /// What the arrival gives who says this and asks for so much.
    pub fn share(&self, said: &TextProfile, worth: f64) -> f64 {
        self.heard.share(said, worth)
    }

    /// What they would give the arrival.
    pub fn share_back(&self, said: &TextProfile, ctx: &Context<'_>) -> f64 {
        self.asked.share(said, ctx.statistics, ctx.policy)
    }
}

/// It is shown to nobody, or nothing is left of it.
pub(super) fn nobody_may_have(item: &Item) -> bool {
    item.terms.visibility == Visibility::Invited || Facts::of(item).quantity.is_some_and(Decimal::is_zero)
}

/// By verification and licences, and where a substitute is offered to who takes none.
fn is_barred(item: &Item, asking: Side, stance: u8, substitute: bool, ctx: &Context<'_>) -> bool {
    let verified_only = item.terms.required_level == RequiredLevel::Verified;
    let hidden = item.terms.visibility == Visibility::Verified;
    let unverified = stance & VERIFIED == 0 && (verified_only || hidden);
    let refused = stance & REQUIRES_VERIFIED != 0 && !item.verified;
    let (takes_substitutes, licensed) = match asking {
        Side::Need => (stance & SUBSTITUTES != 0, is_licensed(item, ctx)),
        Side::Offer => (item.terms.accepts_substitutes, stance & LICENSED != 0),
    };
    let unlicensed = (stance & HAZARD != 0 || is_hazardous(item)) && !licensed;
    unverified || refused || unlicensed || substitute && !takes_substitutes
}

/// The square of it.
pub(super) fn chord(from: &[f32; 3], to: [i16; 3]) -> f32 {
    let along = |from: f32, to: i16| {
        let way = (from - f32::from(to)) * (1.0 / STEPS);
        way * way
    };
    along(from[0], to[0]) + along(from[1], to[1]) + along(from[2], to[2])
}

/// Of the square of a chord.
pub(super) fn bucket(square: f32) -> usize {
    let step = square.max(NEAREST).to_bits() - NEAREST.to_bits();
    ((step >> FRACTION) as usize).min(FAR - 1)
}
