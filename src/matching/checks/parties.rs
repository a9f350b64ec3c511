//! Who may deal with whom: sides, enterprises, blocks, visibility, verification, credentials.

use super::recorder::Recorder;
use crate::domain::listing::{RequiredLevel, Side};
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::pair::Pair;
use crate::matching::policy::Enforcement;

/// Whether the two may meet at all. Passing goes without saying, except that both are open.
pub(super) fn admission(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let (need, offer) = (pair.need_item, pair.offer_item);
    out.require(CheckCode::Side, need.side() == Side::Need && offer.side() == Side::Offer);
    out.require(CheckCode::Kind, need.kind() == offer.kind());
    out.require(CheckCode::Enterprise, need.enterprise_id != offer.enterprise_id);
    let blocked = need.blocked.contains(&offer.enterprise_id) || offer.blocked.contains(&need.enterprise_id);
    out.require(CheckCode::Blocked, !blocked);
    let asking = pair.query_item();
    out.require(
        CheckCode::Visibility,
        pair.candidate_item().is_visible_to(Some(asking.enterprise_id), asking.verified),
    );
    let first_to_end = need.terms.valid_until.min(offer.terms.valid_until);
    out.record(
        CheckCode::Open,
        (first_to_end > ctx.now).into(),
        || Some(Value::Instant(first_to_end)),
        || Some(Value::Instant(ctx.now)),
    );
}

/// What either side asks of the other's enterprise. Fails closed.
pub(super) fn standing(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    verified(CheckCode::OfferVerified, pair.need_item, pair.offer_item, out);
    verified(CheckCode::NeedVerified, pair.offer_item, pair.need_item, out);
    credentials(CheckCode::OfferCredentials, pair.need_item, pair.offer_item, pair, ctx, out);
    credentials(CheckCode::NeedCredentials, pair.offer_item, pair.need_item, pair, ctx, out);
}

fn verified(code: CheckCode, asking: &Item, asked: &Item, out: &mut Recorder<'_>) {
    if asking.terms.required_level == RequiredLevel::Verified {
        let standing = if asked.verified { "verified" } else { "unverified" };
        out.record(code, asked.verified.into(), || Some(Value::text(standing)), || Some(Value::text("verified")));
    }
}

fn credentials(
    code: CheckCode,
    asking: &Item,
    asked: &Item,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    let wanted = &asking.terms.required_credentials;
    if wanted.is_empty() {
        return;
    }
    let held = || wanted.iter().filter(|scheme| holds(asked, scheme, pair, ctx));
    let verdict = Verdict::from(held().count() == wanted.len());
    out.record(code, verdict, || Some(Value::List(held().cloned().collect())), || Some(Value::List(wanted.clone())));
}

/// What the law requires of each side for goods of its own category.
pub(super) fn legal(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let missing = match ctx.policy.enforce_requirements {
        Enforcement::Off => return,
        // What is unknown keeps nobody out.
        Enforcement::Flag if !out.is_keeping() => return,
        Enforcement::Flag => Verdict::Unknown,
        Enforcement::Require => Verdict::Fail,
    };
    for item in [pair.offer_item, pair.need_item] {
        let category = item.category().and_then(|code| ctx.reference.categories.get(code));
        let requirements = category.map_or(&[][..], |category| &category.requires);
        for requirement in requirements.iter().filter(|requirement| requirement.side == item.side()) {
            let scheme = requirement.scheme.as_str();
            let held = holds(item, scheme, pair, ctx);
            let verdict = if held { Verdict::Pass } else { missing };
            out.record_about(CheckCode::LegalRequirement, Some(scheme), verdict, || None, || None);
        }
    }
}

/// Whether a listing's enterprise holds a credential of that scheme, for the goods of the listing, from today until they
/// are needed.
pub(super) fn holds(asked: &Item, scheme: &str, pair: &Pair<'_>, ctx: &Context<'_>) -> bool {
    let (first, categories) = (ctx.today(), &ctx.reference.categories);
    let last = pair.need.needed_by.map_or(first, |day| day.max(first));
    let mut of_scheme = asked.credentials.iter().filter(|held| held.scheme == scheme);
    of_scheme.any(|held| held.holds(asked.category(), first, last, categories))
}
