//! Numbers with their units, in one form: 25克, 25 g and 0.025kg are the same token.

use super::text::{Gap, Piece, PieceClass, glued};

/// A written unit: how many pieces it takes, its normal form, and the factor to that form in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub pieces: usize,
    pub normal: &'static str,
    pub thousandths: u64,
}

/// Spellings as they leave `segment` (lower case, stemmed: liter for litre). Longer ones first where one begins another.
const UNITS: [(&str, &str, u64); 57] = [
    ("千克", "g", 1_000_000),
    ("公斤", "g", 1_000_000),
    ("毫克", "g", 1),
    ("微米", "mm", 1),
    ("毫升", "ml", 1_000),
    ("毫米", "mm", 1_000),
    ("厘米", "mm", 10_000),
    ("公分", "mm", 10_000),
    ("kg", "g", 1_000_000),
    ("克", "g", 1_000),
    ("斤", "g", 500_000),
    ("吨", "t", 1_000),
    ("升", "ml", 1_000_000),
    ("米", "mm", 1_000_000),
    ("ton", "t", 1_000),
    ("tonne", "t", 1_000),
    ("t", "t", 1_000),
    ("gram", "g", 1_000),
    ("g", "g", 1_000),
    ("mg", "g", 1),
    ("gsm", "gsm", 1_000),
    ("ml", "ml", 1_000),
    ("l", "ml", 1_000_000),
    ("liter", "ml", 1_000_000),
    ("um", "mm", 1),
    ("μm", "mm", 1),
    ("mm", "mm", 1_000),
    ("cm", "mm", 10_000),
    ("m", "mm", 1_000_000),
    ("%", "%", 1_000),
    ("度", "%", 1_000),
    ("w", "w", 1_000),
    ("kw", "w", 1_000_000),
    ("v", "v", 1_000),
    ("只", "piece", 1_000),
    ("个", "piece", 1_000),
    ("件", "item", 1_000),
    ("片", "piece", 1_000),
    ("枚", "piece", 1_000),
    ("支", "piece", 1_000),
    ("台", "piece", 1_000),
    ("套", "set", 1_000),
    ("副", "pair", 1_000),
    ("双", "pair", 1_000),
    ("箱", "carton", 1_000),
    ("盒", "box", 1_000),
    ("瓶", "bottle", 1_000),
    ("桶", "drum", 1_000),
    ("包", "pack", 1_000),
    ("袋", "bag", 1_000),
    ("卷", "roll", 1_000),
    ("人", "person", 1_000),
    ("名", "person", 1_000),
    (TEN_THOUSAND, "piece", 10_000_000),
    ("pc", "piece", 1_000),
    ("pcs", "piece", 1_000),
    ("piece", "piece", 1_000),
];

const TEN_THOUSAND: &str = "万";

/// The unit written after the number at `index`, if one is; a letter that begins a longer word (`3m9501`) is none.
pub(super) fn follows(pieces: &[Piece<'_>], index: usize) -> Option<Written> {
    let rest = pieces.get(index + 1..)?;
    rest.first().filter(|p| p.gap <= Gap::Space && p.class != PieceClass::Digit)?;
    // 5万吨 is a mass.
    let of_ten_thousands = rest.split_first().filter(|(first, _)| first.text == TEN_THOUSAND).and_then(|(_, unit)| {
        let unit = unit_at(unit)?;
        Some(Written { pieces: unit.pieces + 1, thousandths: unit.thousandths * 10_000, ..unit })
    });
    of_ten_thousands.or_else(|| unit_at(rest))
}

fn unit_at(pieces: &[Piece<'_>]) -> Option<Written> {
    UNITS.iter().find_map(|&(spelling, normal, thousandths)| {
        let pieces = length_of(spelling, pieces)?;
        Some(Written { pieces, normal, thousandths })
    })
}

/// How many of `pieces` spell `spelling` at their beginning.
fn length_of(spelling: &str, pieces: &[Piece<'_>]) -> Option<usize> {
    let mut left = spelling;
    for (index, piece) in pieces.iter().enumerate() {
        left = left.strip_prefix(piece.text.as_ref())?;
        if left.is_empty() {
            let whole = pieces.get(index + 1).is_none_or(|next| !glued(piece, next));
            return whole.then_some(index + 1);
        }
    }
    None
}

/// `value` in the normal unit, such as `25g`; `None` where the number is too long to be a measure.
pub(super) fn normal_form(value: &str, written: Written) -> Option<String> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if whole.len() > 9 || fraction.len() > 6 {
        return None;
    }
    let micros: u64 = format!("{whole}{fraction:0<6}").parse().ok()?;
    let scaled = micros.checked_mul(written.thousandths)?;
    let (units, rest) = (scaled / 1_000_000_000, scaled % 1_000_000_000);
    let fraction = format!("{rest:09}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{units}{point}{fraction}{}", written.normal))
}
