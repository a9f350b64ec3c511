//! Numbers of every form read back.

use proptest::prelude::*;

use super::{render, understanding};

fn read(text: &str) -> String {
    understanding().quantity(text).map_or("none".to_owned(), |found| render(&found.value))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_quantity_reads_back(amount in 1u32..2_000_000, unit in 0usize..11, form in 0usize..4) {
        let units = [("只", "H87"), ("个", "H87"), ("箱", "XCT"), ("盒", "XBX"), ("瓶", "XBO"), ("桶", "XDR"), ("双", "PR"),
            ("套", "SET"), ("吨", "TNE"), ("公斤", "KGM"), ("名", "IE")];
        let (word, code) = units[unit];
        let number = match form {
            0 => amount.to_string(),
            1 => grouped(amount),
            2 => full_width(&amount.to_string()),
            _ => numeral(amount),
        };
        for text in [format!("{number}{word}"), format!("口罩 {number}{word}"), format!("{number} {word}")] {
            let found = understanding().quantity(&text);
            let read = found.map_or("none".to_owned(), |found| render(&found.value));
            prop_assert_eq!(read, format!("{amount} {code}"), "{}", text);
        }
    }

    #[test]
    fn tens_of_thousands_read_back(tenths in 1u32..100_000) {
        let text = format!("{}.{}万只", tenths / 10, tenths % 10);
        let found = understanding().quantity(&text);
        let read = found.map_or("none".to_owned(), |found| render(&found.value));
        prop_assert_eq!(read, format!("{} H87", tenths * 1000), "{}", text);
    }

    /// 1908.2万只 is no standard and no date, `3,000.5吨` no list.
    #[test]
    fn a_multiplied_number_reads_back(whole in 1u64..20_000, cents in 0u64..100, power in 0usize..6, form in 0usize..5) {
        let (word, factor) = [("", 1), ("百", 100), ("千", 1_000), ("万", 10_000), ("百万", 1_000_000), ("亿", 100_000_000)][power];
        let number = match (cents % 10, cents) {
            (_, 0) => whole.to_string(),
            (0, _) => format!("{whole}.{}", cents / 10),
            _ => format!("{whole}.{cents:02}"),
        };
        let fraction = number.split_once('.').map_or(String::new(), |(_, fraction)| format!(".{fraction}"));
        let number = match form {
            0 | 1 => number,
            2 => format!("{}{fraction}", grouped(whole as u32)),
            3 => full_width(&number),
            _ => format!("{number} "),
        };
        let hundredths = (whole * 100 + cents) * factor;
        let expected = match hundredths % 100 {
            0 => (hundredths / 100).to_string(),
            rest if rest % 10 == 0 => format!("{}.{}", hundredths / 100, rest / 10),
            rest => format!("{}.{rest:02}", hundredths / 100),
        };
        for (unit, code) in [("只", "H87"), ("吨", "TNE"), ("箱", "XCT"), ("米", "MTR"), ("公斤", "KGM")] {
            // 千米 and 百米 are units of their own.
            if power == 2 && unit == "米" {
                continue;
            }
            let text = if form == 1 { format!("熔喷布{number}{word}{unit}") } else { format!("{number}{word}{unit}") };
            prop_assert_eq!(read(&text), format!("{} {}", expected, code), "{}", text);
        }
    }

    #[test]
    fn a_numeral_with_a_multiplier_reads_back(tens in 1u32..1000, power in 0usize..2) {
        let (word, factor) = [("万", 10_000_u64), ("亿", 100_000_000)][power];
        let text = format!("{}{word}只", numeral(tens));
        prop_assert_eq!(read(&text), format!("{} H87", u64::from(tens) * factor), "{}", text);
    }
}

fn grouped(amount: u32) -> String {
    let digits = amount.to_string();
    let first = digits.len() % 3;
    let mut out = String::new();
    for (index, c) in digits.chars().enumerate() {
        if index > 0 && index % 3 == first {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap_or(c)).collect()
}

/// 一百二十, 两千零五: as one writes it in full.
fn numeral(amount: u32) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let section = |value: u32, leading: bool| {
        let (mut out, mut zero) = (String::new(), leading);
        for (weight, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = value / weight % 10;
            if digit == 0 {
                zero |= !out.is_empty();
                continue;
            }
            if std::mem::take(&mut zero) {
                out += "零";
            }
            out += DIGITS[digit as usize];
            out += name;
        }
        out
    };
    let (upper, lower) = (amount / 10_000, amount % 10_000);
    let mut out = if upper > 0 { section(upper, false) + "万" } else { String::new() };
    if lower > 0 {
        out += &section(lower, upper > 0 && lower < 1000);
    }
    out
}
