//! What a price is for: 每只, `/吨`, 一个月; and sums that only their unit tells from a quantity.

use super::money::{self, Amount, amount_at};
use super::words as w;
use crate::domain::unit::Ratio;
use crate::vocabulary::understanding::lexicon::{Lexicon, Word};
use crate::vocabulary::understanding::number::{Form, ONE, number_at};
use crate::vocabulary::understanding::source::Text;

/// 2.8万/吨, 一吨2.8万, 18万/台, `2.5/只`: no pack holds so much or so little, so it is money.
pub(super) fn rated(text: &Text, lexicon: &Lexicon, at: usize) -> Option<Amount> {
    if text.before(at).is_some_and(|c| c.is_ascii_alphanumeric() || "-*x×.日月年".contains(c)) {
        return None;
    }
    rate(text, lexicon, at).or_else(|| {
        // 6000-8000/月
        let number = number_at(text, at).filter(|number| number.upper.is_none() && !number.more)?;
        let sign = text.any_at(text.skip_spaces(number.end), &["-", "~", "至", "到"])?;
        rate(text, lexicon, text.skip_spaces(sign)).map(|_| money::uncertain(&number))
    })
}

fn rate(text: &Text, lexicon: &Lexicon, at: usize) -> Option<Amount> {
    let number = number_at(text, at).filter(|number| number.upper.is_none() && !number.more)?;
    let (before, _) = unit_before(text, lexicon, at);
    let unit = unit_behind(text, lexicon, number.end).map(|(unit, _)| unit).or(before)?.code;
    let point = matches!(number.form, Form::Figures { point: true, leading_zero: false, digits: 1..=5 });
    let scaled = number.form == Form::Scaled && number.millionths >= 1_000 * ONE;
    // 120一套, but not 2000一箱.
    let whole = matches!(number.form, Form::Figures { point: false, leading_zero: false, digits: 1..=6 });
    let one =
        text.get(number.end) == Some('一') && whole && matches!(unit.as_str(), "H87" | "SET" | "PR" | "TNE" | "KGM");
    // 5000/月 is pay, where nothing is said to be made.
    let made = text.any_before(text.back_over(at, &[' ', ':']), &["产", "能", "量", "供", "销"]).is_some();
    let wage = unit == "MON" && whole && !made && number.millionths >= 1_500 * ONE;
    let fits = one
        || wage
        || scaled && matches!(unit.as_str(), "TNE" | "KGM" | "H87" | "SET" | "MTR" | "MTK" | "MTQ")
        || point && matches!(unit.as_str(), "H87" | "PR" | "KGM" | "SET" | "XBX" | "XPK" | "MTR" | "XBO");
    let machine =
        unit != "H87" || point || one || text.any_at(number.end, &["/台", "一台", "/辆", "/条", "每台"]).is_some();
    fits.then_some(())?;
    machine.then(|| money::uncertain(&number))
}

/// `0.5-0.8元`: the second sum.
pub(super) fn range(text: &Text, lexicon: &Lexicon, first: &Amount) -> Option<Amount> {
    let sign = text.any_at(text.skip_spaces(first.end), &["-", "~", "至", "到", "to "])?;
    let at = text.skip_spaces(sign);
    let rate =
        || (!first.certain).then(|| rate(text, lexicon, at)).flatten().map(|rate| Amount { certain: true, ..rate });
    // 待遇5000-7000
    let bare = first.certain && text.before(first.end).is_some_and(|c| c.is_ascii_digit());
    let second = amount_at(text, at, bare).filter(|second| second.certain).or_else(rate)?;
    let shares = if first.certain { first.millionths } else { first.millionths.saturating_mul(second.scale) };
    (shares < second.millionths).then_some(second)
}

/// What a price is for, and how much of the unit with this code that is.
pub(super) struct Per {
    pub code: String,
    pub ratio: Ratio,
}

impl Per {
    fn one(code: &str) -> Self {
        Self { code: code.to_owned(), ratio: Ratio::ONE }
    }

    fn of(word: &Word) -> Self {
        Self { code: word.code.clone(), ratio: word.ratio }
    }
}

/// 每只0.8元, 一吨2.8万: the unit, and where the expression begins.
pub(super) fn unit_before(text: &Text, lexicon: &Lexicon, at: usize) -> (Option<Per>, usize) {
    let filling = [' ', ':', '约', '为', '是', '要', '卖', '价'];
    let end = text.back_over(at, &filling);
    let end = w::bound_before(text, end).map_or(end, |start| text.back_over(start, &filling));
    let end = text.any_before(end, &w::MARKED).map_or(end, |start| text.back_over(start, &filling));
    let spans = [
        ("MON", ["每月", "一个月"]),
        ("DAY", ["每天", "每日"]),
        ("HUR", ["每小时", "每时"]),
        ("ANN", ["每年", "一年"]),
    ];
    if let Some(span) = spans.iter().find_map(|(code, words)| text.any_before(end, words).map(|begin| (*code, begin))) {
        return (Some(Per::one(span.0)), span.1);
    }
    for length in 1..=4 {
        let Some(start) = end.checked_sub(length) else { break };
        let Some((word, word_end)) = lexicon.word_at(text, start) else { continue };
        if word_end != end {
            continue;
        }
        if let Some(begin) = text.any_before(start, &["每一", "每", "一", "per ", "单"])
            && !matches!(text.before(begin), Some('十' | '百' | '统' | '唯' | '第'))
        {
            return (Some(Per::of(word)), begin);
        }
    }
    (None, at)
}

/// 2.5元/10只, USD 3.2/100pcs: for so many at a time.
fn several_behind(text: &Text, lexicon: &Lexicon, at: usize) -> Option<(Per, usize)> {
    let behind = text.any_at(at, &["/", "每", "per "])?;
    let number = number_at(text, text.skip_spaces(behind))?;
    let several = number.whole().filter(|count| *count > 1)?;
    let (word, after) = lexicon.word_at(text, text.skip_spaces(number.end))?;
    let (numerator, denominator) = (i128::from(word.ratio.numerator), i128::from(word.ratio.denominator));
    let ratio = Ratio::new(i128::from(several) * numerator, denominator)?;
    Some((Per { code: word.code.clone(), ratio }, after))
}

/// `/只`, 每只, 一个, `per piece`, `each`.
pub(super) fn unit_behind(text: &Text, lexicon: &Lexicon, end: usize) -> Option<(Per, usize)> {
    let at = text.skip_spaces(end);
    if let Some(after) = text.any_at(at, &["each", "apiece", "ea", "a piece"]) {
        return Some((Per::one("H87"), after));
    }
    let spans = [
        ("MON", ["/月", "每月", "一个月", "一月"]),
        ("DAY", ["/日", "每日", "/天", "一天"]),
        ("HUR", ["/时", "每时", "/h", "一小时"]),
        ("ANN", ["/年", "每年", "一年", "/a"]),
        ("KWH", ["/度", "每度", "一度", "一度电"]),
    ];
    let span = spans.iter().find_map(|(code, words)| text.any_at(at, words).map(|after| (Per::one(code), after)));
    if span.is_some() {
        return span;
    }
    if let Some(several) = several_behind(text, lexicon, at) {
        return Some(several);
    }
    let behind = text.any_at(at, &["/1", "/一", "/", "每一", "每", "一", "per ", "a ", "an "])?;
    let (word, after) = lexicon.word_at(text, text.skip_spaces(behind))?;
    // 3元一次性口罩 is no price per time; 5元每天 is.
    let splits = text.get(at) == Some('一') && text.get(after).is_some_and(|c| c == '性');
    // Rent is paid per area and time.
    let after = text.any_at(after, &["/月", "/天", "/日", "/年", "每月", "每天"]).unwrap_or(after);
    (!splits).then(|| (Per::of(word), after))
}
