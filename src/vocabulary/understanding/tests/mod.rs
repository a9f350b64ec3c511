//! Tables of expressions with what they say, properties of the readers, and messages as people write them.

mod dates;
mod messages;
mod numbers;
mod places;
mod prices;
mod properties;
mod quantities;
mod speed;
mod standards;
mod titles;

use std::sync::OnceLock;

use chrono::NaiveDate;

use super::{Bound, Quantity, QuantityRole, Understanding};
use crate::domain::shipped;
use crate::domain::trade::QuantityBasis;

/// With the reference data that ships with the product.
pub(in crate::vocabulary) fn understanding() -> &'static Understanding {
    static SHARED: OnceLock<Understanding> = OnceLock::new();
    SHARED.get_or_init(|| Understanding::new(&shipped::reference().unwrap()))
}

/// A Wednesday.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 2, 26).unwrap()
}

/// `50..100 XCT @2000 H87 of 5 LTR /day >= ~ moq each`, each part only where there is something to say.
fn render(quantity: &Quantity) -> String {
    let mut out = quantity.amount.map_or("-".to_owned(), |amount| amount.to_string());
    if let Some(upper) = quantity.upper {
        out += &format!("..{upper}");
    }
    out += &format!(" {}", quantity.unit_code.as_deref().unwrap_or("-"));
    if let Some(held) = quantity.units_per_pack {
        out += &format!(" @{held} {}", quantity.packed_unit.as_deref().unwrap_or("-"));
    }
    if let Some(content) = &quantity.content {
        out += &format!(" of {} {}", content.amount, content.unit_code);
    }
    out += match quantity.basis {
        QuantityBasis::Total => "",
        QuantityBasis::PerDay => " /day",
        QuantityBasis::PerWeek => " /week",
        QuantityBasis::PerMonth => " /month",
    };
    out += match quantity.bound {
        Bound::Exact => "",
        Bound::AtLeast => " >=",
        Bound::AtMost => " <=",
    };
    for (said, word) in
        [(quantity.approximate, " ~"), (quantity.role == QuantityRole::MinimumOrder, " moq"), (quantity.each, " each")]
    {
        if said {
            out += word;
        }
    }
    out
}

/// Runs a table; says every row that is read otherwise.
fn check(table: &[(&str, &str)], read: impl Fn(&str) -> String) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(text, expected)| (text, expected, read(text)))
        .filter(|(_, expected, got)| *expected != got)
        .map(|(text, expected, got)| format!("{text}\n  expected {expected}\n  got      {got}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}
