//! Which parts of a text belong to one quantity expression.

use super::super::lexicon::Class;
use super::super::number::ONE;
use super::super::source::Text;
use super::atoms::Atom;

/// What stands between two parts of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// `*`, `x`, `×`: one times the other.
    Times,
    /// 共, 合计, 即: the same amount again.
    Same,
    /// Written next to each other, in brackets, behind a comma, `of`.
    Beside,
}

/// Longer expressions are cut.
const MOST_PARTS: usize = 6;

pub(super) struct Cluster<'a, 'l> {
    pub atoms: &'a [Atom<'l>],
    pub links: Vec<Link>,
}

/// The parts from the first on that belong together, and the rest.
pub(super) fn next_cluster<'a, 'l>(text: &Text, atoms: &'a [Atom<'l>]) -> Option<(Cluster<'a, 'l>, &'a [Atom<'l>])> {
    if atoms.is_empty() {
        return None;
    }
    let mut links = Vec::new();
    for pair in atoms.windows(2).take(MOST_PARTS - 1) {
        let product = links.last() == Some(&Link::Times);
        let link = pair.first().zip(pair.last()).and_then(|(left, right)| link(text, left, right, product));
        match link {
            Some(link) => links.push(link),
            None => break,
        }
    }
    let (own, rest) = atoms.split_at(links.len() + 1);
    Some((Cluster { atoms: own, links }, rest))
}

/// `product`: the left part already is the second factor of one, such as 500ml*24瓶.
fn link(text: &Text, left: &Atom<'_>, right: &Atom<'_>, product: bool) -> Option<Link> {
    if right.start.saturating_sub(left.end) > 8 {
        return None;
    }
    let between = text.slice(left.end, right.start);
    let between = between.trim_matches(' ');
    match between {
        "*" | "x" | "×" | "✕" | "·" | "乘" | "by" => return Some(Link::Times),
        "共" | "(共" | ",共" | "合计" | "(合计" | ",合计" | "=" | "计" | "合" | "(合" | "(计" | "总计" | ",总计"
        | "(总计" | "即" | "(即" | "共计" | "(共计" | ",共计" | "约合" | "(约" => return Some(Link::Same),
        "of" if left.unit.is_some() => return Some(Link::Beside),
        _ => {}
    }
    let rate = |atom: &Atom<'_>| atom.filled || atom.per.is_some_and(|per| per.class != Class::Time);
    let near = matches!(between, "" | "(" | "," | ",(" | ")" | "/" | "装" | "规格" | "(规格" | "(规格:" | "of" | "/1");
    if left.unit.is_some() && right.filled && between == "/" || (rate(left) || rate(right)) && near {
        return Some(Link::Beside);
    }
    let class = |atom: &Atom<'_>| atom.unit.map(|unit| unit.class);
    let close = matches!(between, "" | "(" | "/" | "装");
    if between == "/" && matches!((class(left), class(right)), (Some(Class::Piece), Some(Class::Pack(_)))) {
        return Some(Link::Same);
    }
    match (class(left), class(right)) {
        (Some(Class::Small), Some(Class::Pack(_) | Class::Piece)) => close.then_some(Link::Beside),
        (Some(Class::Pack(_)), Some(Class::Small)) => close.then_some(Link::Beside),
        (Some(Class::Pack(_)), Some(Class::Bulk)) if between == "(" || between.is_empty() => Some(Link::Beside),
        // 一件24瓶
        (Some(Class::Piece), Some(Class::Pack(_) | Class::Piece))
            if left.number.millionths == ONE && left.unit.is_some_and(|unit| unit.may_pack) && between.is_empty() =>
        {
            Some(Link::Beside)
        }
        (Some(Class::Pack(_)), Some(Class::Pack(_) | Class::Piece))
            if left.unit.map(|unit| &unit.code) != right.unit.map(|unit| &unit.code) =>
        {
            let outer = matches!((class(left), class(right)), (Some(Class::Pack(l)), Some(Class::Pack(r))) if l < r);
            (between.is_empty() || between == "(" || product && outer && between == ",").then_some(Link::Beside)
        }
        _ => None,
    }
}
