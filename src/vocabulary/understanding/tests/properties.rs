use proptest::prelude::*;

use super::{render, today, understanding};
use crate::vocabulary::understanding::{Span, Understanding};

/// Every range an understanding gives for `text`.
fn spans(reader: &Understanding, text: &str) -> Vec<(Span, f64)> {
    let title = reader.understand_title(text, today(), Some("410300"));
    let mut spans: Vec<(Span, f64)> = Vec::new();
    spans.extend(reader.quantities(text).iter().chain(&title.quantities).map(|f| (f.span, f.confidence)));
    spans.extend(reader.standards(text).iter().chain(&title.standards).map(|f| (f.span, f.confidence)));
    spans.extend(reader.prices(text).iter().chain(&title.prices).map(|f| (f.span, f.confidence)));
    spans.extend(reader.dates(text, today()).iter().chain(&title.dates).map(|f| (f.span, f.confidence)));
    spans.extend(reader.places(text, None).iter().chain(&title.places).map(|f| (f.span, f.confidence)));
    spans.extend(title.categories.iter().map(|f| (f.span, f.confidence)));
    spans.extend(title.side.iter().map(|f| (f.span, f.confidence)));
    spans.extend(title.urgency.iter().map(|f| (f.span, f.confidence)));
    spans.extend(reader.understand_message(text, today(), None).iter().map(|draft| (draft.span, 1.0)));
    spans
}

/// Words the readers know and signs that trip them, in any order.
fn fragments() -> impl Strategy<Value = String> {
    let words: Vec<String> = serde_json::from_str(include_str!("fragments.json")).unwrap();
    let fragment =
        prop_oneof![prop::sample::select(words), "[0-9]{1,16}", "[一二两三九十百千万亿零半点]{1,16}", "\\PC{0,3}",];
    prop::collection::vec(fragment, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_is_read_and_every_range_lies_in_it(text in prop_oneof![fragments(), "\\PC{0,80}", any::<String>()]) {
        let length = text.chars().count();
        for (span, confidence) in spans(understanding(), &text) {
            prop_assert!(span.start < span.end && span.end <= length, "{span:?} of {length} in {text:?}");
            prop_assert!(confidence > 0.0 && confidence <= 1.0, "{confidence} in {text:?}");
        }
    }

    #[test]
    fn a_pack_reads_back(packs in 1u32..5_000, each in 2u32..5_000, form in 0usize..6) {
        let text = match form {
            0 => format!("{packs}箱（每箱{each}只）"),
            1 => format!("{each}只/箱*{packs}箱"),
            2 => format!("{packs}箱，{each}只/箱"),
            3 => format!("每箱{each}只，共{packs}箱"),
            4 => format!("{packs}箱*{each}只"),
            _ => format!("{packs}箱({each}只/箱)"),
        };
        let found = understanding().quantity(&text);
        let read = found.map_or("none".to_owned(), |found| render(&found.value));
        prop_assert_eq!(read, format!("{packs} XCT @{each} H87"), "{}", text);
    }

    #[test]
    fn a_price_reads_back(fen in 1u32..1_000_000, form in 0usize..4) {
        let sum = format!("{}.{:02}", fen / 100, fen % 100);
        let text = match form {
            0 => format!("{sum}元/只"),
            1 => format!("每只{sum}元"),
            2 => format!("单价{sum}元/只"),
            _ => format!("CNY {sum} per piece"),
        };
        let price = understanding().price(&text).map(|found| found.value);
        let cents = price.as_ref().and_then(|price| price.amount).map(|amount| amount.millionths() / 10_000);
        prop_assert_eq!(cents, Some(i64::from(fen)), "{}", &text);
        prop_assert_eq!(price.and_then(|price| price.per), Some("H87".to_owned()), "{}", text);
    }

    #[test]
    fn a_day_reads_back(days in 0u64..300, form in 0usize..5) {
        let day = today() + chrono::Days::new(days);
        let text = match form {
            0 => day.format("%Y-%m-%d").to_string(),
            1 => day.format("%Y年%-m月%-d日前").to_string(),
            2 => day.format("%-m月%-d日前").to_string(),
            3 => day.format("by %B %-d").to_string(),
            _ => format!("{days}天内"),
        };
        let found = understanding().dates(&text, today());
        prop_assert_eq!(found.first().map(|found| found.value.date), Some(day), "{}", text);
    }
}
