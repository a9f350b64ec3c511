//! Money: how much, for how long, against what. What it costs is its price, and so checked with the terms.

use super::recorder::Recorder;
use super::wording::{akin, names, says_any};
use crate::domain::attributes::FinanceAttributes;
use crate::domain::decimal::Decimal;
use crate::domain::occupation::fold;
use crate::matching::check::{CheckCode, Value, Verdict};

pub(super) fn check(asked: &FinanceAttributes, offered: &FinanceAttributes, out: &mut Recorder<'_>) {
    amount(asked, offered, out);
    term(asked, offered, out);
    collateral(asked, offered, out);
}

/// All that is needed, or at least the least that helps; and no less than the least that is given. Other currencies cannot
/// be compared.
fn amount(asked: &FinanceAttributes, offered: &FinanceAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = &asked.amount else { return };
    let least = asked.minimum_amount.unwrap_or(wanted.amount);
    let verdict = match &offered.amount {
        Some(most) if most.currency == wanted.currency => {
            let smallest = offered.minimum_amount.unwrap_or(Decimal::ZERO);
            Verdict::from(most.amount >= least && wanted.amount >= smallest)
        }
        _ => Verdict::Unknown,
    };
    let have = || offered.amount.as_ref().map(|most| sum(offered.minimum_amount, most.amount, &most.currency));
    out.record(CheckCode::Amount, verdict, have, || {
        let least = asked.minimum_amount.filter(|least| *least < wanted.amount);
        Some(match least {
            Some(least) => sum(Some(least), wanted.amount, &wanted.currency),
            None => Value::Quantity { amount: wanted.amount, unit: wanted.currency.clone() },
        })
    });
}

fn sum(min: Option<Decimal>, max: Decimal, currency: &str) -> Value {
    Value::Range { min, max: Some(max), unit: Some(currency.to_owned()) }
}

fn term(asked: &FinanceAttributes, offered: &FinanceAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.term_months else { return };
    let verdict = offered.term_months.map_or(Verdict::Unknown, |had| Verdict::from(had >= wanted));
    let months = |months| Value::Quantity { amount: Decimal::from_integer(months), unit: "MON".into() };
    out.record(CheckCode::Term, verdict, || offered.term_months.map(months), || Some(months(wanted)));
}

/// Nothing is pledged.
const UNSECURED: [&str; 11] = [
    "纯信用",
    "信用贷",
    "信用方式",
    "无抵押",
    "免抵押",
    "免担保",
    "无需抵押",
    "unsecured",
    "no collateral",
    "credit only",
    "none",
];
/// So it is called where nothing else is said: 信用证 and 信用良好 are no such thing.
const CREDIT: &str = "信用";

/// An offer that takes none, or one of what the need can give, passes. A need without collateral fails one that takes some.
/// Otherwise words do not tell what a bank accepts.
fn collateral(asked: &FinanceAttributes, offered: &FinanceAttributes, out: &mut Recorder<'_>) {
    let Some(demanded) = &offered.collateral else { return };
    let Some(given) = &asked.collateral else { return };
    let unsecured = |text: &str| says_any(&fold(text), &UNSECURED) || names(text).contains(&CREDIT);
    let shared = || names(given).iter().any(|given| names(demanded).iter().any(|demanded| akin(given, demanded)));
    let verdict = if unsecured(demanded) || shared() {
        Verdict::Pass
    } else if unsecured(given) {
        Verdict::Fail
    } else {
        Verdict::Unknown
    };
    out.record(CheckCode::Collateral, verdict, || Some(Value::text(given)), || Some(Value::text(demanded)));
}
