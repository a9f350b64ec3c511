//! What is noticed about a listing, and why. Pure: a listing with what surrounds it in, findings out.
//!
//! A finding is something to look at, not a verdict: nothing happens to a listing because of one. So each detector would rather
//! miss something than mark the harmless: model numbers, standards, quantities and dates are numbers too.

mod certificates;
mod contacts;
mod prices;
mod quantities;
mod similarity;
mod text;
mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::enterprise::Enterprise;
use crate::domain::flag::{Evidence, Finding, ListingFlagCode};
use crate::domain::listing::{Listing, Terms};
use crate::domain::moderation::FlagThresholds;
use crate::domain::reference::Reference;

pub use similarity::{BANDS, prints};

/// What a listing is looked at with.
pub struct Surroundings<'a> {
    pub enterprise: &'a Enterprise,
    pub reference: &'a Reference,
    pub thresholds: &'a FlagThresholds,
    pub now: DateTime<Utc>,
    /// At the enterprise's place.
    pub today: NaiveDate,
    /// Others whose contacts have a number of this enterprise's.
    pub sharing_phone: &'a [Uuid],
    /// Open listings of the same side and kind that may have a like text.
    pub like: &'a [Listing],
}

/// Everything noticed, in the order of the codes.
pub fn screen(listing: &Listing, around: &Surroundings<'_>) -> Vec<Finding> {
    let texts = text::texts(&listing.terms);
    let mut found = prices::screen(&listing.terms, around);
    found.extend(words::prepayment(&listing.terms, &texts));
    found.extend(shared_phone(around));
    found.extend(words::forbidden(&texts, around.reference));
    found.extend(similarity::screen(listing, around));
    found.extend(quantities::screen(&listing.terms, around));
    found.extend(certificates::screen(&listing.terms, around));
    found.extend(contacts::screen(&texts));
    found.sort_by(|a, b| (a.code, &a.subject).cmp(&(b.code, &b.subject)));
    found.dedup_by(|a, b| (a.code, &a.subject) == (b.code, &b.subject));
    found
}

fn shared_phone(around: &Surroundings<'_>) -> Option<Finding> {
    let others = around.sharing_phone;
    let finding = Finding::new(ListingFlagCode::SharedPhone, "", [("enterprises", others.len().to_string())]);
    let evidence = Evidence { enterprises: others.to_vec(), ..Evidence::default() };
    (!others.is_empty()).then(|| finding.with(evidence))
}

/// Numbers by which an enterprise can be reached.
pub fn phones(enterprise: &Enterprise) -> Vec<String> {
    let mut phones: Vec<String> =
        enterprise.profile.contacts.iter().filter_map(|contact| contact.mobile.clone()).collect();
    phones.sort();
    phones.dedup();
    phones
}

/// What `terms` say of a quantity in a unit: amount with unit code.
fn told(quantity: crate::domain::decimal::Decimal, unit: Option<&str>) -> String {
    format!("{quantity} {}", unit.unwrap_or_default()).trim_end().to_owned()
}

/// Whether it offers something.
fn offers(terms: &Terms) -> bool {
    terms.side == crate::domain::listing::Side::Offer
}
