//! The hard checks of a pair: who may deal with whom, in what, and whether the terms can meet.
//!
//! Three-valued. Unknown passes, marked; what concerns credentials, licences, certificates and verification fails closed.
//! Both directions ask the same checks with the same answers, but for visibility, which protects the candidate only.

mod area;
mod equipment;
mod finance;
mod goods;
mod labor;
mod occupation;
mod parties;
mod period;
mod ppe;
mod recorder;
mod service;
mod specification;
mod standard;
mod technology;
mod terms;
mod transport;
mod vehicle;
mod wording;

use super::check::Check;
use super::context::Context;
use super::pair::Pair;
use crate::domain::attributes::Attributes;
pub(super) use goods::{names_agree, same_words, squeezed, words_mean};
use recorder::Recorder;
pub(super) use standard::Reading;
pub(super) use terms::{below_the_minimum, price_code};

/// What the checks say about a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screening {
    Match,
    /// Exactly one check failed, a relaxable one.
    NearMiss,
    Out,
}

/// Stops as soon as the candidate is out.
pub(super) fn screen(pair: &Pair<'_>, ctx: &Context<'_>) -> Screening {
    let mut recorder = Recorder::screening(ctx.policy);
    run(&STEPS, pair, ctx, &mut recorder);
    recorder.screened()
}

/// The same where it is known what the terms say, a substitute's acceptance included.
pub(super) fn screen_beyond_terms(pair: &Pair<'_>, terms: Screening, ctx: &Context<'_>) -> Screening {
    let mut recorder = Recorder::after(terms, ctx.policy);
    run(&BEYOND_TERMS, pair, ctx, &mut recorder);
    recorder.screened()
}

/// Every check that was asked, in order.
pub(super) fn all(pair: &Pair<'_>, ctx: &Context<'_>) -> Vec<Check> {
    let mut recorder = Recorder::keeping(ctx.policy);
    run(&STEPS, pair, ctx, &mut recorder);
    recorder.into_checks()
}

type Step = fn(&Pair<'_>, &Context<'_>, &mut Recorder<'_>);

/// The cheap and the decisive first.
const STEPS: [Step; 8] = [
    parties::admission,
    goods::category,
    goods::substitute,
    parties::standing,
    parties::legal,
    agreement,
    area::check,
    kind_specific,
];
const BEYOND_TERMS: [Step; 6] =
    [parties::admission, goods::category, parties::standing, parties::legal, area::check, kind_specific];

fn run(steps: &[Step], pair: &Pair<'_>, ctx: &Context<'_>, recorder: &mut Recorder<'_>) {
    for step in steps {
        if recorder.is_done() {
            return;
        }
        step(pair, ctx, recorder);
    }
}

fn agreement(pair: &Pair<'_>, ctx: &Context<'_>, recorder: &mut Recorder<'_>) {
    terms::terms(pair, ctx, recorder);
}

fn kind_specific(pair: &Pair<'_>, ctx: &Context<'_>, recorder: &mut Recorder<'_>) {
    match (&pair.need_item.terms.attributes, &pair.offer_item.terms.attributes) {
        (Attributes::Ppe(asked), Attributes::Ppe(offered)) => {
            specification::check(pair, ctx, recorder);
            ppe::check(asked, offered, pair, ctx, recorder);
        }
        (Attributes::Material(asked), Attributes::Material(offered)) => {
            specification::check(pair, ctx, recorder);
            goods::material(asked, offered, pair, ctx, recorder);
        }
        (Attributes::Labor(asked), Attributes::Labor(offered)) => labor::check(asked, offered, pair, ctx, recorder),
        (Attributes::Finance(asked), Attributes::Finance(offered)) => finance::check(asked, offered, recorder),
        (Attributes::Equipment(asked), Attributes::Equipment(offered)) => {
            equipment::check(asked, offered, pair, recorder);
        }
        (Attributes::Technology(asked), Attributes::Technology(offered)) => {
            technology::check(asked, offered, recorder);
        }
        (Attributes::Service(asked), Attributes::Service(offered)) => {
            service::check(asked, offered, pair, ctx, recorder);
        }
        (Attributes::Transport(asked), Attributes::Transport(offered)) => {
            transport::check(asked, offered, pair, ctx, recorder);
        }
        _ => {}
    }
}
