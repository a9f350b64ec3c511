//! Pack arithmetic: from the parts of an expression to an amount, what a pack holds and what a container contains.

use super::super::lexicon::{Class, Word};
use super::super::number::{Form, Number, ONE, decimal};
use super::super::source::Text;
use super::atoms::Atom;
use super::join::{Cluster, Link};
use super::{Amount, Bound, Quantity, standing};
use crate::domain::decimal::Decimal;
use crate::domain::trade::QuantityBasis;
use crate::vocabulary::text::is_han;

/// A quantity with the positions it was read from, before its surroundings are looked at.
pub(super) struct Read {
    pub quantity: Quantity,
    pub confidence: f64,
    pub start: usize,
    pub end: usize,
}

/// `amount` of `inner` in one `outer`.
#[derive(Debug, Clone, Copy)]
struct Level<'l> {
    amount: i128,
    inner: Option<&'l Word>,
    outer: Option<&'l Word>,
}

#[derive(Default)]
struct Parts<'l> {
    counts: Vec<(Atom<'l>, usize)>,
    bares: Vec<Atom<'l>>,
    measures: Vec<Atom<'l>>,
    levels: Vec<Level<'l>>,
    content: Option<Amount>,
    /// What `content` is in: 桶 of 500公斤/桶.
    container: Option<&'l Word>,
    basis: QuantityBasis,
}

pub(super) fn read(text: &Text, cluster: Cluster<'_, '_>) -> Option<Read> {
    let (first, last) = (cluster.atoms.first()?, cluster.atoms.last()?);
    if is_dimension(&cluster) {
        return None;
    }
    let parts = sort(&cluster);
    let mut quantity = Quantity { basis: parts.basis, ..Quantity::default() };
    let (total, confidence) = total(text, &parts, &cluster, &mut quantity)?;
    if let Some(atom) = total {
        fill_amount(&mut quantity, &atom)?;
    }
    if quantity.content.is_none() {
        quantity.content.clone_from(&parts.content);
    }
    if quantity.unit_code.is_none() {
        quantity.unit_code = parts.container.map(pack_code);
    }
    Some(Read { quantity, confidence, start: first.start, end: last.end })
}

/// `17.5*9.5cm`, `52*25.5*35`, `1.6m*200m`: a size.
fn is_dimension(cluster: &Cluster<'_, '_>) -> bool {
    let long = |atom: &&Atom<'_>| atom.unit.is_some_and(|unit| unit.dimension == "length");
    let lengths = cluster.atoms.iter().filter(long).count();
    let bare = cluster.atoms.iter().filter(|atom| atom.unit.is_none() && atom.per.is_none() && !atom.filled).count();
    let times = cluster.links.contains(&Link::Times);
    let last_long = cluster.atoms.last().is_some_and(|atom| long(&atom));
    times && (lengths >= 2 || last_long && bare >= 1 || bare == cluster.atoms.len())
}

fn sort<'l>(cluster: &Cluster<'_, 'l>) -> Parts<'l> {
    let mut parts = Parts::default();
    for (index, atom) in cluster.atoms.iter().enumerate() {
        let per_time = atom.per.filter(|per| per.class == Class::Time);
        if let Some(time) = per_time {
            parts.basis = basis_of(&time.code);
        }
        let rate = atom.filled || atom.per.is_some() && per_time.is_none();
        let measure = atom.unit.filter(|unit| matches!(unit.class, Class::Small | Class::Bulk));
        match (rate, measure) {
            (true, Some(unit)) => {
                (parts.content, parts.container) = (amount_of(atom.number.millionths, unit), atom.per);
            }
            (true, None) => {
                parts.levels.push(Level { amount: atom.number.millionths, inner: atom.unit, outer: atom.per });
            }
            (false, Some(_)) => parts.measures.push(*atom),
            (false, None) if atom.unit.is_some() => parts.counts.push((*atom, index)),
            (false, None) => parts.bares.push(*atom),
        }
    }
    parts
}

fn basis_of(code: &str) -> QuantityBasis {
    match code {
        "DAY" => QuantityBasis::PerDay,
        "WEE" => QuantityBasis::PerWeek,
        "MON" => QuantityBasis::PerMonth,
        _ => QuantityBasis::Total,
    }
}

/// The part that says how much, with the confidence of the whole.
fn total<'l>(
    text: &Text,
    parts: &Parts<'l>,
    cluster: &Cluster<'_, 'l>,
    out: &mut Quantity,
) -> Option<(Option<Atom<'l>>, f64)> {
    let mut levels = parts.levels.clone();
    let counted = match parts.counts.as_slice() {
        [] => None,
        [(only, _)] => Some(*only),
        [(first, at), (second, _), ..] => {
            let link = cluster.links.get(*at).copied().unwrap_or(Link::Beside);
            Some(two_counts(first, second, link, &mut levels))
        }
    };
    let measured = parts.measures.first().copied();
    if let (Some(outer), [inner]) = (counted, parts.bares.as_slice()) {
        // 50 boxes of 20, 50箱*20.
        levels.push(Level { amount: inner.number.millionths, inner: None, outer: outer.unit });
    }
    let filled = cluster.atoms.iter().any(|atom| atom.filled);
    let inside = measured.is_some() && (filled || cluster.links.contains(&Link::Times)) && !levels.is_empty();
    if inside && counted.is_none() && parts.bares.is_empty() {
        // 5L*4瓶/件: what one of the inner containers holds.
        out.content = measured.and_then(|atom| amount_of(atom.number.millionths, atom.unit?));
        set_pack(out, None, &levels);
        return Some((None, 0.9));
    }
    if counted.is_some() || !parts.bares.is_empty() {
        if let Some(measure) = measured {
            out.content = measure.unit.and_then(|unit| amount_of(measure.number.millionths, unit));
        }
        let atom = counted.or_else(|| parts.bares.first().copied());
        let atom = atom.and_then(|atom| as_total(atom, &mut levels, cluster));
        set_pack(out, atom.as_ref(), &levels);
        let sure = atom.map_or(0.9, |atom| confidence(text, &atom, cluster.atoms.len()));
        return Some((atom, sure));
    }
    if let Some(measure) = measured {
        // `25kg 50/箱`: what is measured is what is wanted.
        set_pack(out, None, &levels);
        return Some((Some(measure), confidence(text, &measure, cluster.atoms.len())));
    }
    if levels.is_empty() && parts.content.is_none() {
        return None;
    }
    set_pack(out, None, &levels);
    Some((None, 0.9))
}

/// A count that says what stands inside a pack is no total: 10支*42盒/箱.
fn as_total<'l>(atom: Atom<'l>, levels: &mut Vec<Level<'l>>, cluster: &Cluster<'_, 'l>) -> Option<Atom<'l>> {
    let Some(level) = levels.last().copied() else { return Some(atom) };
    if atom.unit.is_some() && atom.unit.map(pack_code) == level.outer.map(pack_code) {
        return Some(atom);
    }
    let inside = cluster.links.contains(&Link::Times)
        && level.inner.is_some_and(|inner| rank(Some(inner)) > rank(atom.unit))
        && atom.unit.is_some();
    if !inside {
        return Some(atom);
    }
    levels.insert(0, Level { amount: atom.number.millionths, inner: atom.unit, outer: level.inner });
    None
}

/// 50只*20盒 and 12件*100个: the greater pack is counted, the other is what it holds.
fn two_counts<'l>(first: &Atom<'l>, second: &Atom<'l>, link: Link, levels: &mut Vec<Level<'l>>) -> Atom<'l> {
    let pair = [first, second];
    let packs = pair.map(|atom| rank(atom.unit) + i32::from(atom.unit.is_some_and(|unit| unit.may_pack)) * 3);
    let (outer, inner) = if packs[0] >= packs[1] { (first, second) } else { (second, first) };
    let same = link == Link::Same || link == Link::Beside && outer.number.millionths > ONE && divides(outer, inner);
    if packs[0] == packs[1] {
        return *first;
    }
    let held = if same {
        let (all, packs) = (inner.number.millionths, outer.number.millionths / ONE);
        (packs > 0 && all % packs == 0 && (all / packs) % ONE == 0).then(|| all / packs)
    } else {
        (link != Link::Same).then_some(inner.number.millionths)
    };
    if let Some(amount) = held {
        levels.push(Level { amount, inner: inner.unit, outer: outer.unit });
    }
    *outer
}

/// 50箱10万只 is a total in brackets; 50箱20包 is not.
fn divides(outer: &Atom<'_>, inner: &Atom<'_>) -> bool {
    inner.number.millionths >= outer.number.millionths * 10
        && inner.number.form == Form::Scaled
        && inner.number.millionths % outer.number.millionths.max(1) == 0
}

fn rank(unit: Option<&Word>) -> i32 {
    match unit.map(|unit| (unit.class, unit.may_pack)) {
        Some((Class::Pack(rank), _)) => i32::from(rank),
        _ => 0,
    }
}

/// What one unit of the total holds: the product of the levels from it inwards.
fn set_pack(out: &mut Quantity, total: Option<&Atom<'_>>, levels: &[Level<'_>]) {
    let code = |word: Option<&Word>| word.map(pack_code);
    let counted = total.and_then(|atom| atom.unit);
    let is_inner = |level: &Level<'_>| {
        level.outer.is_none() && levels.len() > 1
            || levels.iter().any(|other| other.inner.is_some() && code(other.inner) == code(level.outer))
    };
    let of_total = levels.iter().find(|level| counted.is_some() && code(level.outer) == code(counted));
    let Some(outermost) = of_total.or_else(|| levels.iter().find(|level| !is_inner(level))) else { return };
    // 400瓶, 4瓶/件: the total counts what is inside.
    let inside = counted.is_some() && code(counted) == code(outermost.inner) && code(counted) != code(outermost.outer);
    let other = counted.is_some_and(|unit| outermost.outer.is_some() && rank(Some(unit)) == 0 && !unit.may_pack);
    if total.is_some() && (inside || other) {
        return;
    }
    let (mut amount, mut inner) = (outermost.amount, outermost.inner);
    for _ in levels {
        let next = levels.iter().find(|level| inner.is_some() && code(level.outer) == code(inner));
        let Some(next) = next else { break };
        (amount, inner) = (amount.saturating_mul(next.amount) / ONE, next.inner);
    }
    out.units_per_pack = decimal(amount).filter(|amount| !amount.is_zero());
    out.packed_unit = inner.map(|word| word.code.clone());
    if counted.is_none() {
        out.unit_code = outermost.outer.map(pack_code);
    } else if counted.is_some_and(|unit| unit.may_pack) {
        out.unit_code = counted.map(pack_code);
    }
}

/// 件 that holds something is a package.
fn pack_code(word: &Word) -> String {
    if word.may_pack { "XPK".to_owned() } else { word.code.clone() }
}

fn fill_amount(out: &mut Quantity, atom: &Atom<'_>) -> Option<()> {
    let scaled = |millionths: i128| match atom.unit {
        Some(unit) => decimal(millionths).and_then(|value| unit.ratio.apply(value)),
        None => decimal(millionths),
    };
    out.amount = Some(scaled(atom.number.millionths).filter(|amount| !amount.is_zero())?);
    out.upper = atom.upper.and_then(scaled);
    out.pair_or_piece = atom.unit.is_some_and(|unit| unit.pair_or_piece);
    out.approximate = atom.number.more;
    if atom.number.more {
        out.bound = Bound::AtLeast;
    }
    if out.unit_code.is_none() {
        out.unit_code = atom.unit.map(|unit| unit.code.clone());
    }
    Some(())
}

fn amount_of(millionths: i128, unit: &Word) -> Option<Amount> {
    let amount: Decimal = decimal(millionths).and_then(|value| unit.ratio.apply(value))?;
    Some(Amount { amount, unit_code: unit.code.clone() })
}

fn confidence(text: &Text, atom: &Atom<'_>, parts: usize) -> f64 {
    let Number { form, more, .. } = atom.number;
    let base = standing(atom.unit.map(|unit| unit.class));
    let written = match (form, atom.unit) {
        (Form::Scaled, None) => 0.8,
        (Form::Words(1), Some(unit)) if unit.class == Class::Piece && atom.number.millionths == ONE => {
            // 一个厂 counts nothing, 厢车一辆 does.
            if text.get(atom.end).is_some_and(is_han) { 0.6 } else { 0.85 }
        }
        (Form::Words(_), Some(_)) => base - 0.03,
        _ => base,
    };
    let seats = (5..=60).contains(&(atom.number.millionths / ONE));
    let bus = seats || text.get(atom.end).is_some_and(|c| "大客中".contains(c));
    let seat = bus && text.before(atom.end) == Some('座');
    // 4.2米厢车, 5吨叉车: a kind of vehicle.
    let kind = base == standing(Some(Class::Bulk))
        && (atom.end..atom.end + 4)
            .map_while(|at| text.get(at))
            .take_while(|c| is_han(*c))
            .any(|c| "车吊柜船栏挂".contains(c));
    let seat = seat || kind;
    let open = if more { 0.95 } else { 1.0 };
    let joined = if parts > 1 { 1.02 } else { 1.0 };
    (written * open * joined * if seat { 0.4 } else { 1.0 }).clamp(0.05, 0.99)
}
