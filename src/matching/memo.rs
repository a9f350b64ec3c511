//! Unit conversions and names of standards of one question, remembered: thousands of candidates count in a handful of ways.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::checks::Reading;
use crate::domain::unit::{Conversion, Measure, Units};

const SLOTS: usize = 128;

/// The unit, what one pack holds in millionths (-1: unstated), and of what.
type Code = (u64, i64, u64);

#[derive(Debug, Clone, Copy)]
struct Entry {
    from: Code,
    to: Code,
    conversion: Conversion,
}

/// A direct-mapped cache in front of [`Units::convert`], of one set of units.
#[derive(Debug)]
pub(super) struct Memo {
    conversions: Box<[Cell<Option<Entry>>]>,
    /// Names of standards, as read.
    readings: RefCell<Vec<(Box<str>, Rc<Reading>)>>,
}

/// Texts kept; whatever else is written is read each time.
const READINGS: usize = 64;

impl Memo {
    pub fn new() -> Self {
        Self { conversions: vec![Cell::new(None); SLOTS].into(), readings: RefCell::default() }
    }

    pub fn convert(&self, from: Measure<'_>, to: Measure<'_>, units: &Units) -> Conversion {
        let (Some(a), Some(b)) = (code(from), code(to)) else { return units.convert(from, to) };
        let Some(slot) = self.conversions.get(place(a, b)) else { return units.convert(from, to) };
        if let Some(entry) = slot.get().filter(|entry| entry.from == a && entry.to == b) {
            return entry.conversion;
        }
        let conversion = units.convert(from, to);
        slot.set(Some(Entry { from: a, to: b, conversion }));
        conversion
    }

    /// Of standards in one table.
    pub fn reading(&self, text: &str, read: impl FnOnce() -> Reading) -> Rc<Reading> {
        let mut known = self.readings.borrow_mut();
        if let Some((_, reading)) = known.iter().find(|(known, _)| **known == *text) {
            return Rc::clone(reading);
        }
        let reading = Rc::new(read());
        if known.len() < READINGS {
            known.push((text.into(), Rc::clone(&reading)));
        }
        reading
    }
}

fn place(a: Code, b: Code) -> usize {
    let numbers = [a.0, a.1 as u64, a.2, b.0, b.1 as u64, b.2];
    let hash =
        numbers.into_iter().fold(0_u64, |hash, n| (hash ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
    (hash >> 32) as usize % SLOTS
}

/// `None` for codes longer than those in use: they are not remembered.
fn code(measure: Measure<'_>) -> Option<Code> {
    let held = match measure.pack {
        None => (-1, 0),
        Some(pack) => (pack.quantity.millionths(), pack.unit.map_or(Some(0), packed)?),
    };
    Some((packed(measure.unit)?, held.0, held.1))
}

/// The bytes of a short text with its length, never 0.
fn packed(text: &str) -> Option<u64> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length <= 7)?;
    Some(text.bytes().fold(u64::from(length) + 1, |code, byte| code << 8 | u64::from(byte)))
}
