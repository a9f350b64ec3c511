//! `/v1/reference`: the scheme of each kind of code, and the labels of enumerations. Public and cacheable.

use crate::domain::validity::Coded;
use crate::vocabulary::normalise;

pub mod categories;
pub mod classes;
pub mod codes;
pub mod regions;
pub mod units;

/// Whether a name, an alias or the code contains the words, however they are typed.
fn mentions(q: &Option<String>, item: &impl Coded) -> bool {
    mentions_among(q, item, &[])
}

fn mentions_among(q: &Option<String>, item: &impl Coded, more: &[&str]) -> bool {
    let Some(wanted) = q.as_deref().map(normalise) else { return true };
    let (code, names) = (item.code(), item.names());
    let own = [code.as_str(), &names.zh, &names.en].into_iter().chain(item.aliases().iter().map(String::as_str));
    own.chain(more.iter().copied()).any(|text| normalise(text).contains(&wanted))
}

/// Retired codes are shown on demand only.
fn in_force(item: &impl Coded, retired: Option<bool>) -> bool {
    retired == Some(true) || !item.validity().is_retired()
}
