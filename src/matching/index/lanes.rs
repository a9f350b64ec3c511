//! Rows side by side, so that the same is reckoned of all at once and without a branch: which of them say nothing of a
//! fact cannot be guessed.

pub(super) const LANES: usize = 8;

pub(super) type Lane = [f32; LANES];

#[inline(always)]
pub(super) fn lane(of: impl Fn(usize) -> f32) -> Lane {
    let mut lane = [0.0; LANES];
    for (i, slot) in lane.iter_mut().enumerate() {
        *slot = of(i);
    }
    lane
}
