//! Listings of one neighbourhood side by side, and within it those that count and price alike, by price: so that a block
//! can be bounded by place and by price.

use uuid::Uuid;

use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::matching::item::Item;

/// By neighbourhood, those of unknown place last, then by manner, price and id.
pub(in crate::matching) type Place = (u64, u64, i64, Uuid);

/// A neighbourhood is 360° / 2¹⁰ wide and half as high: some 30 km by 20 in China.
const BITS: u32 = 10;

pub(in crate::matching) fn place(item: &Item) -> Place {
    let code = item.location.map_or(u64::MAX, |point| {
        let cell = |degrees: f64, span: f64| ((degrees / span + 0.5) * f64::from(1 << BITS)) as u64;
        spread(cell(point.longitude, 360.0)) | spread(cell(point.latitude, 180.0)) << 1
    });
    let (manner, amount) = pricing(item).unwrap_or((u64::MAX, 0));
    (code, manner, amount, item.id)
}

/// What the price is for, by a number of its own, and the price or cap.
fn pricing(item: &Item) -> Option<(u64, i64)> {
    let terms = &item.terms;
    let (amount, currency, per) = match terms.side {
        Side::Offer => terms.price.as_ref().map(|price| (price.amount, &price.currency, price.per.as_deref()))?,
        Side::Need => terms.max_price.as_ref().map(|cap| (cap.amount, &cap.currency, None))?,
    };
    let held = terms.units_per_pack.map_or(-1, Decimal::millionths).to_le_bytes();
    let texts = [Some(currency.as_str()), per, terms.unit_code.as_deref(), terms.packed_unit_code.as_deref()];
    // FNV-1a: only neighbours depend on it.
    let bytes = texts.into_iter().flat_map(|text| text.unwrap_or("-").bytes().chain([0])).chain(held);
    let manner = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    Some((manner, amount.millionths()))
}

/// Every bit followed by a zero.
fn spread(mut n: u64) -> u64 {
    n &= 0xffff_ffff;
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        n = (n | n << shift) & mask;
    }
    n
}
