//! Listings that say the same: of one enterprise, and of several.
//!
//! Texts are compared by their shingles (runs of three characters, every digit alike). Which texts are worth comparing is told by
//! bands of a MinHash: 8 bands of 4 rows meet with 98 % probability where 80 % of the shingles are shared.

use std::collections::BTreeSet;

use super::text::whole;
use super::{Surroundings, told};
use crate::domain::flag::{Evidence, Finding, ListingFlagCode};
use crate::domain::listing::{Listing, Terms};

pub const BANDS: usize = 8;
const ROWS: usize = 4;
const SHINGLE: usize = 3;
/// A text of fewer shingles says too little to be told from another firm's: goods have names.
const SHORT: usize = 15;
/// From here on a text is somebody's own, whatever its numbers.
const LONG: usize = 30;

fn shingles(terms: &Terms) -> BTreeSet<u64> {
    let text = whole(terms);
    let masked = text.chars().filter(|c| c.is_alphanumeric()).map(|c| if c.is_numeric() { '#' } else { c });
    let chars: Vec<char> = masked.collect();
    match chars.len() {
        0..SHINGLE => BTreeSet::from([hash(&chars)]),
        _ => chars.windows(SHINGLE).map(hash).collect(),
    }
}

/// FNV-1a.
fn hash(chars: &[char]) -> u64 {
    chars.iter().fold(0xcbf2_9ce4_8422_2325, |hash, c| (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3))
}

/// SplitMix64: as good as another hash for every `seed`.
fn mixed(hash: u64, seed: u64) -> u64 {
    let mut z = hash.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Listings that have one of these in common are worth comparing.
pub fn prints(terms: &Terms) -> Vec<i64> {
    let shingles = shingles(terms);
    let least = |seed: usize| shingles.iter().map(|one| mixed(*one, seed as u64 + 1)).min().unwrap_or_default();
    let band = |band: usize| {
        let rows = (0..ROWS).map(|row| least(band * ROWS + row));
        let all = rows.fold(band as u64, |all, row| mixed(all ^ row, 0x51));
        i64::from_ne_bytes(all.to_ne_bytes())
    };
    (0..BANDS).map(band).collect()
}

/// What is counted and asked, and every number of the texts.
fn numbers(terms: &Terms) -> Vec<String> {
    let text = whole(terms);
    let written = text.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|number| !number.is_empty());
    let quantity = terms.quantity.map(|quantity| told(quantity, terms.unit_code.as_deref()));
    let price = terms.price.as_ref().map(|price| format!("{} {}", price.amount, price.currency));
    let most = terms.max_price.as_ref().map(|money| format!("{} {}", money.amount, money.currency));
    written.map(str::to_owned).chain(quantity).chain(price).chain(most).collect()
}

/// One that cannot be told from the other by anybody.
fn same(a: &Terms, b: &Terms) -> bool {
    let key = |terms: &Terms| {
        let days = (terms.available_from, terms.needed_by, terms.delivery_period);
        (
            whole(terms),
            numbers(terms),
            terms.category.clone(),
            terms.region_code.clone(),
            days,
            terms.attributes.clone(),
        )
    };
    key(a) == key(b)
}

/// The later of two is the one that repeats.
pub fn screen(listing: &Listing, around: &Surroundings<'_>) -> Vec<Finding> {
    let own = shingles(&listing.terms);
    let earlier = around.like.iter().filter(|other| (other.created_at, other.id) < (listing.created_at, listing.id));
    let mut found = Vec::new();
    for other in earlier {
        let theirs = shingles(&other.terms);
        let shared = own.intersection(&theirs).count() as f64 / own.union(&theirs).count().max(1) as f64;
        let alike = shared >= around.thresholds.similarity && own.len() >= SHORT;
        let numbers = || numbers(&listing.terms) == numbers(&other.terms);
        let code = if other.enterprise_id == listing.enterprise_id {
            if same(&listing.terms, &other.terms) {
                ListingFlagCode::DuplicateListing
            } else if alike && numbers() {
                ListingFlagCode::SimilarListing
            } else {
                continue;
            }
        } else if alike && (own.len() >= LONG || numbers()) {
            ListingFlagCode::SimilarToOtherEnterprise
        } else {
            continue;
        };
        found.push((code, other, shared));
    }
    best_of_each(found)
}

/// One finding a code: the nearest, with how many there are.
fn best_of_each(mut found: Vec<(ListingFlagCode, &Listing, f64)>) -> Vec<Finding> {
    found.sort_by(|a, b| a.0.cmp(&b.0).then(b.2.total_cmp(&a.2)).then(a.1.id.cmp(&b.1.id)));
    let chunks = found.chunk_by(|a, b| a.0 == b.0);
    let finding = |chunk: &[(ListingFlagCode, &Listing, f64)]| {
        let (code, _, shared) = chunk.first()?;
        let params = [("share", format!("{:.0}", shared * 100.0)), ("listings", chunk.len().to_string())];
        let listings = chunk.iter().map(|(_, other, _)| other.id).take(20).collect();
        let mut enterprises: Vec<_> = chunk.iter().map(|(_, other, _)| other.enterprise_id).take(20).collect();
        enterprises.sort();
        enterprises.dedup();
        Some(Finding::new(*code, "", params).with(Evidence { listings, enterprises, ..Evidence::default() }))
    };
    chunks.filter_map(finding).collect()
}
