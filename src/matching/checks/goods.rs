//! Whether it is the thing asked for: category, and what materials add.

use super::parties::holds;
use super::recorder::Recorder;
use crate::domain::attributes::MaterialAttributes;
use crate::domain::listing::Side;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::pair::{Kinship, Pair};
use crate::matching::text::{names_any, overlap, share_a_concept};
use crate::vocabulary::{TextProfile, normalise};

/// Equal or below what is asked passes. Posted above it is unknown: it may be what is asked or not. A listed substitute
/// passes where the need accepts substitutes, and is a near miss where it does not.
///
/// Without a category on either side, the words decide: naming a category in common, or saying enough of the same, is
/// unknown; anything else fails.
pub(super) fn category(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let verdict = match pair.kinship {
        Kinship::Within | Kinship::Substitute(_) => Verdict::Pass,
        Kinship::Broader => Verdict::Unknown,
        Kinship::Unrelated => Verdict::Fail,
        Kinship::Unstated if pair_agrees(pair, ctx) => Verdict::Unknown,
        Kinship::Unstated => Verdict::Fail,
    };
    let (have, want) = (|| pair.offer.category.map(Value::text), || pair.need.category.map(Value::text));
    out.record(CheckCode::Category, verdict, have, want);
}

pub(super) fn substitute(pair: &Pair<'_>, _: &Context<'_>, out: &mut Recorder<'_>) {
    if matches!(pair.kinship, Kinship::Substitute(_)) {
        let (have, want) = (|| pair.offer.category.map(Value::text), || pair.need.category.map(Value::text));
        out.record(CheckCode::Substitute, pair.need_item.terms.accepts_substitutes.into(), have, want);
    }
}

/// Whether words make up for a category that is missing on either side.
fn pair_agrees(pair: &Pair<'_>, ctx: &Context<'_>) -> bool {
    let (need, offer) = (&pair.need_item.profile, &pair.offer_item.profile);
    let share = |a: &TextProfile, b: &TextProfile| overlap(a, b, ctx.statistics, ctx.policy);
    names_agree((need, pair.need.category), (offer, pair.offer.category), ctx)
        .unwrap_or_else(|| share(need, offer).max(share(offer, need)) >= ctx.policy.uncategorised_text)
}

/// Whether words make up for a category that is missing on either side, by what categories they name; `None` where not
/// both name one, and the share of their words decides.
pub(in crate::matching) fn names_agree(
    (need, asked): (&TextProfile, Option<&str>),
    (offer, offered): (&TextProfile, Option<&str>),
    ctx: &Context<'_>,
) -> Option<bool> {
    let meant = match (asked, offered) {
        (Some(code), None) => words_mean(Side::Offer, offer, code, ctx),
        (None, Some(code)) => words_mean(Side::Need, need, code, ctx),
        _ => false,
    };
    if meant || share_a_concept(need, offer) {
        return Some(true);
    }
    // Both name categories, and none in common: the rest of the words cannot mend that.
    (names_any(need) && names_any(offer)).then_some(false)
}

/// Whether the words of a listing without category speak of goods of this one: an offer of it or of something below it,
/// a need of it or of something above.
pub(in crate::matching) fn words_mean(side: Side, words: &TextProfile, code: &str, ctx: &Context<'_>) -> bool {
    match side {
        Side::Offer => words.mentions(code),
        Side::Need => words.names(code) || above(code, ctx).any(|c| words.names(c)),
    }
}

fn above<'a>(code: &'a str, ctx: &Context<'a>) -> impl Iterator<Item = &'a str> {
    ctx.reference.categories.broader(code).iter().skip(1).map(|(above, _)| above.as_str())
}

/// Grade as asked; goods with a hazard class only from those licensed for it, which fails closed.
pub(super) fn material(
    asked: &MaterialAttributes,
    offered: &MaterialAttributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    if let Some(grade) = &asked.grade {
        let verdict = match &offered.grade {
            None => Verdict::Unknown,
            Some(offered) => Verdict::from(same_words(grade, offered)),
        };
        out.record(CheckCode::Grade, verdict, || offered.grade.clone().map(Value::Text), || Some(Value::text(grade)));
    }
    if asked.hazard_class.is_some() || offered.hazard_class.is_some() {
        let licences = &ctx.policy.hazard_licences;
        let held = licences.iter().find(|scheme| holds(pair.offer_item, scheme, pair, ctx));
        out.record(
            CheckCode::HazardLicence,
            held.is_some().into(),
            || held.map(Value::text),
            || licences.first().map(Value::text),
        );
    }
}

/// Equal but for spelling: width, case, spaces, hyphens.
pub(in crate::matching) fn same_words(a: &str, b: &str) -> bool {
    squeezed(a) == squeezed(b)
}

pub(in crate::matching) fn squeezed(text: &str) -> String {
    normalise(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}
