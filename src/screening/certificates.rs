//! Certificates and credentials of goods: out of date, or of other goods.

use std::sync::LazyLock;

use chrono::Datelike;
use regex::Regex;

use super::{Surroundings, offers};
use crate::domain::attributes::{Attributes, PpeAttributes};
use crate::domain::flag::{Evidence, Finding, ListingFlagCode};
use crate::domain::listing::{Side, Terms};

/// ×械注准 + year + class + group of the catalogue + serial number, as the measures for registering medical devices say
/// (医疗器械注册管理办法, 第七十六条).
static REGISTRATION_NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\p{Han}械注[准进许](\d{4})([1-3])(\d{2})(\d{4})$").ok());

/// Categories with the groups of the catalogue of medical devices that they are in: of 2017, and of 2002.
const GROUPS: [(&str, &[&str]); 6] = [
    ("ppe.mask", &["14", "64"]),
    ("ppe.suit", &["14", "64"]),
    ("ppe.gown", &["14", "64"]),
    ("ppe.glove", &["14", "64", "66"]),
    ("ppe.thermometer", &["07", "20"]),
    ("ppe.linen", &["14", "64"]),
];

pub fn screen(terms: &Terms, around: &Surroundings<'_>) -> Vec<Finding> {
    if !offers(terms) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Attributes::Ppe(goods) = &terms.attributes {
        found.extend(expired(goods, around));
        found.extend(mismatched(terms, goods, around));
    }
    found.extend(credentials(terms, around));
    found
}

fn of(field: &str, text: Option<&str>) -> Evidence {
    Evidence { field: Some(field.to_owned()), text: text.map(str::to_owned), ..Evidence::default() }
}

fn expired(goods: &PpeAttributes, around: &Surroundings<'_>) -> Vec<Finding> {
    let days = [("certificate_valid_to", goods.certificate_valid_to), ("expiry_date", goods.expiry_date)];
    let over = days.into_iter().filter_map(|(name, day)| Some((name, day.filter(|day| *day < around.today)?)));
    let finding = |(name, day): (&str, chrono::NaiveDate)| {
        let params = [("what", name.to_owned()), ("date", day.to_string())];
        let evidence = of(&format!("attributes.{name}"), Some(&day.to_string()));
        Finding::new(ListingFlagCode::CertificateExpired, name, params).with(evidence)
    };
    over.map(finding).collect()
}

/// The number says of which goods, and of which year, it is.
fn mismatched(terms: &Terms, goods: &PpeAttributes, around: &Surroundings<'_>) -> Option<Finding> {
    let number: String = goods.certificate_number.as_deref()?.chars().filter(|c| !c.is_whitespace()).collect();
    let hit = REGISTRATION_NUMBER.as_ref()?.captures(&number)?;
    let part = |at: usize| hit.get(at).map_or("", |part| part.as_str());
    let category = terms.category.as_deref()?;
    let categories = &around.reference.categories;
    let groups = GROUPS.iter().find(|(above, _)| categories.is_within(category, above));
    let other = groups.filter(|(_, groups)| !groups.contains(&part(3)));
    let ahead = part(1).parse::<i32>().is_ok_and(|year| year > around.today.year());
    let (what, wanted) = match other {
        Some((_, groups)) => ("group", groups.join(", ")),
        None if ahead => ("year", around.today.year().to_string()),
        None => return None,
    };
    let has = if what == "group" { part(3) } else { part(1) };
    let params = [("what", what.to_owned()), ("have", has.to_owned()), ("want", wanted)];
    let evidence = of("attributes.certificate_number", goods.certificate_number.as_deref());
    Some(Finding::new(ListingFlagCode::CertificateMismatch, what, params).with(evidence))
}

/// What the law requires for the goods, and the enterprise holds out of date or for other goods only. What it does not hold at all
/// is no news: matching says so.
fn credentials(terms: &Terms, around: &Surroundings<'_>) -> Vec<Finding> {
    let (categories, today) = (&around.reference.categories, around.today);
    let Some(category) = terms.category.as_deref().and_then(|code| categories.get(code)) else { return Vec::new() };
    let required = category.requires.iter().filter(|one| one.side == Side::Offer);
    let finding = |scheme: &String| {
        let held: Vec<_> =
            around.enterprise.standing.credentials.iter().filter(|held| &held.scheme == scheme).collect();
        if held.is_empty() || held.iter().any(|held| held.holds(Some(&category.code), today, today, categories)) {
            return None;
        }
        let covers = |covered: &String| categories.is_within(&category.code, covered);
        let fitting = held.iter().filter(|held| held.covers.is_empty() || held.covers.iter().any(covers));
        let last = fitting.filter_map(|held| held.valid_to).max();
        let (code, have) = match last {
            Some(day) => (ListingFlagCode::CertificateExpired, day.to_string()),
            None => (
                ListingFlagCode::CertificateMismatch,
                held.iter().flat_map(|held| held.covers.clone()).collect::<Vec<_>>().join(", "),
            ),
        };
        let params = match code {
            ListingFlagCode::CertificateExpired => [("what", scheme.clone()), ("date", have), ("want", String::new())],
            _ => [("what", scheme.clone()), ("have", have), ("want", category.code.clone())],
        };
        Some(Finding::new(code, scheme, params).with(of("enterprise.credentials", None)))
    };
    let mut schemes: Vec<&String> = required.map(|one| &one.scheme).collect();
    schemes.dedup();
    schemes.into_iter().filter_map(finding).collect()
}
