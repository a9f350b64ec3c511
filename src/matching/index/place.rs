//! Listings of one neighbourhood side by side: Morton order.

use uuid::Uuid;

use crate::matching::item::Item;

/// By place, those of unknown place last, then by id.
pub(in crate::matching) type Place = (u64, Uuid);

pub(in crate::matching) fn place(item: &Item) -> Place {
    let code = item.location.map_or(u64::MAX, |point| {
        let cell = |degrees: f64, span: f64| ((degrees / span + 0.5) * f64::from(1 << 30)) as u64;
        spread(cell(point.longitude, 360.0)) | spread(cell(point.latitude, 180.0)) << 1
    });
    (code, item.id)
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
