//! `10k`, `1.5 million`, `two hundred and fifty`, `a dozen`, `half a`.

use super::{Form, Number, ONE};
use crate::vocabulary::understanding::source::Text;

const WORDS: [(&str, i128); 30] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1_000),
    ("million", 1_000_000),
];
/// More words than these are no number.
const MOST_WORDS: usize = 10;

fn word_at(text: &Text, at: usize) -> Option<(i128, usize)> {
    let run = text.chars().get(at..).unwrap_or_default();
    let length = run.iter().take(10).take_while(|c| c.is_ascii_alphabetic()).count();
    let word = text.slice(at, at + length);
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| (*value, at + length))
}

pub(super) fn number_at(text: &Text, at: usize) -> Option<Number> {
    if text.before(at).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let half = text.any_at(at, &["half a ", "half "]);
    if let Some(end) = half {
        let form = Form::Words(2);
        return Some(Number {
            start: at,
            end: text.skip_spaces(end),
            millionths: ONE / 2,
            upper: None,
            more: false,
            scale: 1,
            form,
        });
    }
    let mut end = text.any_at(at, &["a "]).unwrap_or(at);
    let article = end > at;
    let (mut total, mut section, mut count) = (0, i128::from(article), 0);
    let mut after = end;
    while let Some((value, next)) = word_at(text, after) {
        match value {
            1_000 | 1_000_000 => (total, section) = (total + section.max(1) * value, 0),
            100 => section = section.max(1) * 100,
            _ if article && count == 0 => break,
            _ => section += value,
        }
        if total + section > 10_i128.pow(16) {
            return None;
        }
        (count, end) = (count + 1, next);
        after = separator(text, next);
        if count == MOST_WORDS {
            return None;
        }
    }
    let form = Form::Words(count);
    let value =
        Number { start: at, end, millionths: (total + section) * ONE, upper: None, more: false, scale: 1, form };
    // `a` alone counts before a dozen or a pack.
    (count > 0 || article).then_some(value)
}

/// Behind a space, a hyphen or ` and `.
fn separator(text: &Text, at: usize) -> usize {
    text.any_at(at, &[" and ", "-", " "]).unwrap_or(at)
}

/// Figures with `k`, `thousand`, `million`, `hundred`, or with `w` (万) where a Chinese measure word follows.
pub(super) fn scaled(text: &Text, number: Number) -> Option<Number> {
    let direct = match text.get(number.end) {
        Some('k') => Some((1_000, number.end + 1)),
        Some('w') if is_ten_thousand(text, number.end + 1) || closes_range(text, number.start) => {
            Some((10_000, number.end + 1))
        }
        _ => None,
    };
    let direct = direct.filter(|(_, end)| !text.get(*end).is_some_and(|c| c.is_ascii_alphanumeric()));
    let (factor, end) = direct.or_else(|| {
        let at = text.skip_spaces(number.end);
        word_at(text, at).filter(|(value, _)| *value >= 100)
    })?;
    let millionths = number.millionths.checked_mul(factor)?;
    Some(Number { end, millionths, scale: factor, form: Form::Scaled, ..number })
}

/// A `w` is 万 before a measure word and in `1w-2w`; elsewhere it may be a watt.
fn is_ten_thousand(text: &Text, at: usize) -> bool {
    let counted =
        text.get(at).is_some_and(|c| "只个片副双件套盒箱瓶支把包米张条人吨斤桶袋台枚份罐卷名多余左".contains(c));
    let range = || {
        let sign = text.any_at(at, &["-", "~", "到", "至"])?;
        let end = super::end_of_figures(text, sign);
        (end > sign && text.get(end) == Some('w')).then_some(())
    };
    counted || range().is_some()
}

/// The second number of `1w-2w`.
fn closes_range(text: &Text, start: usize) -> bool {
    matches!(text.before(start), Some('-' | '~' | '到' | '至'))
        && start.checked_sub(1).and_then(|sign| text.before(sign)) == Some('w')
}
