//! Quantities with their units and packs: `1.2万只`, `12箱（每箱20包）`, `2000只/箱*50箱`, `500ml*30瓶`, `50 boxes of 20`.

mod atoms;
mod context;
mod join;
mod packs;

use serde::Serialize;

use super::lexicon::{Class, Lexicon};
use super::source::{Text, is_word};
use super::{Found, mask::Mask};
use crate::domain::decimal::Decimal;
use crate::domain::trade::QuantityBasis;
use crate::vocabulary::text::is_han;

/// So much of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    pub amount: Decimal,
    pub unit_code: String,
}

/// Which way a stated amount is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    #[default]
    Exact,
    AtLeast,
    AtMost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantityRole {
    #[default]
    Total,
    /// 起订, MOQ.
    MinimumOrder,
}

/// What an expression says is needed or offered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Quantity {
    /// In `unit_code`; of a range the lower end. Absent where the text only says what a pack holds.
    pub amount: Option<Decimal>,
    /// The upper end of a range.
    pub upper: Option<Decimal>,
    /// Absent for a bare number: the category's usual unit.
    pub unit_code: Option<String>,
    /// What one `unit_code` holds, counted in `packed_unit`.
    pub units_per_pack: Option<Decimal>,
    pub packed_unit: Option<String>,
    /// What is in the innermost container or piece: 500 ml a bottle.
    pub content: Option<Amount>,
    pub basis: QuantityBasis,
    pub bound: Bound,
    /// 约, 余, 左右.
    pub approximate: bool,
    pub role: QuantityRole,
    /// 各: so much of each thing named before.
    pub each: bool,
    /// 副: pairs of gloves, but pieces of goggles.
    #[serde(skip)]
    pub(super) pair_or_piece: bool,
}

/// All quantities of a text, in the order they are written.
pub(super) fn all(text: &Text, lexicon: &Lexicon, mask: &Mask) -> Vec<Found<Quantity>> {
    let atoms = atoms::scan(text, lexicon, mask);
    let mut found = Vec::new();
    let mut rest = atoms.as_slice();
    while let Some((cluster, after)) = join::next_cluster(text, rest) {
        rest = after;
        if let Some(read) = packs::read(text, cluster) {
            found.push(context::complete(text, read));
        }
    }
    let named = found.windows(2).map(|pair| matches!(pair, [left, right] if is_model(text, left, right)));
    let named: Vec<bool> = named.collect();
    for (quantity, _) in found.iter_mut().zip(named).filter(|(_, named)| *named) {
        quantity.confidence *= 0.5;
    }
    found
}

/// The 6205 of `6205 3000套`: a bare number directly before one with a unit.
fn is_model(text: &Text, left: &Found<Quantity>, right: &Found<Quantity>) -> bool {
    let bare = left.value.unit_code.is_none() && left.value.units_per_pack.is_none() && !left.value.each;
    let beside = left.at.end < right.at.start && text.skip_spaces(left.at.end) == right.at.start;
    bare && right.value.unit_code.is_some() && (beside || names_goods(text, left, right))
}

/// The 6206 of `6206轴承 P5级 1000套`: a noun hangs on it, and none on the number behind.
fn names_goods(text: &Text, left: &Found<Quantity>, right: &Found<Quantity>) -> bool {
    let Some(between) = text.chars().get(left.at.end..right.at.start).filter(|between| between.len() <= 14) else {
        return false;
    };
    let hangs = between.first().is_some_and(|c| is_han(*c)) && !between.iter().any(|c| ",;。、\n".contains(*c));
    hangs && !text.get(text.skip_spaces(right.at.end)).is_some_and(is_word)
}

/// The one that most likely says how much is wanted; the first of equals.
pub(super) fn best(found: &[Found<Quantity>]) -> Option<&Found<Quantity>> {
    let total = found.iter().filter(|f| f.value.role == QuantityRole::Total);
    total.reduce(|best, next| if next.confidence > best.confidence { next } else { best })
}

/// How likely an amount of this class is the quantity, and not a property of the goods.
fn standing(class: Option<Class>) -> f64 {
    match class {
        Some(Class::Piece | Class::Person | Class::Pack(_)) => 0.95,
        Some(Class::Bulk) => 0.9,
        Some(Class::Work) => 0.85,
        Some(Class::Small) => 0.45,
        Some(Class::Time) => 0.3,
        None => 0.5,
    }
}
