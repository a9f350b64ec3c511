//! Valid unified social credit codes (GB 32100-2015), as many as wanted. Written from the standard, not from the
//! product's own reading of it.

use std::sync::atomic::{AtomicU32, Ordering};

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A code no other test has.
pub fn next() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    numbered(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An enterprise (91) of Luoyang's Jianxi district (410305) with this number in its organisation code.
pub fn numbered(number: u32) -> String {
    let organisation = format!("{number:08}");
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = organisation.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = ["0", "X", "9", "8", "7", "6", "5", "4", "3", "2", "1"][(sum % 11) as usize];
    let head = format!("91410305{organisation}{check}");
    let value = |byte: u8| ALPHABET.iter().position(|letter| *letter == byte).unwrap();
    let (total, _) = head.bytes().fold((0, 1), |(total, weight), byte| (total + value(byte) * weight, weight * 3 % 31));
    format!("{head}{}", char::from(ALPHABET[(31 - total % 31) % 31]))
}
