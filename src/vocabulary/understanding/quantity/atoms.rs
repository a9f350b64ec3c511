//! The parts of a quantity expression: one number each, with its unit and what it is said to be per.

use super::super::lexicon::{Class, Lexicon, Word};
use super::super::mask::Mask;
use super::super::number::{Form, Number, ONE, end_of_figures, number_at};
use super::super::source::{Text, is_word};
use crate::vocabulary::text::is_han;

/// One number, perhaps with a unit, perhaps per something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom<'l> {
    pub start: usize,
    pub end: usize,
    pub number: Number,
    /// The upper end of a range.
    pub upper: Option<i128>,
    pub unit: Option<&'l Word>,
    /// `/箱`, 每箱 …, `per box`.
    pub per: Option<&'l Word>,
    /// 20只装, without saying in what.
    pub filled: bool,
}

pub(super) fn scan<'l>(text: &Text, lexicon: &'l Lexicon, mask: &Mask) -> Vec<Atom<'l>> {
    let mut atoms: Vec<Atom<'l>> = Vec::new();
    let mut outer: Option<(&Word, usize, usize)> = None;
    let mut container: Option<(&Word, usize)> = None;
    let mut at = 0;
    while at < text.len() {
        if mask.covers(at) {
            (at, outer) = (at + 1, None);
            continue;
        }
        if let Some((word, end)) = each(text, lexicon, at) {
            (outer, at) = (Some((word, at, end)), end);
            continue;
        }
        if text.get(at).is_some_and(|c| c.is_ascii_digit())
            && let Some((word, end)) = lexicon.word_at(text, at)
        {
            // 20尺柜2个
            (container, at) = (Some((word, end)), end);
            continue;
        }
        let joined = atoms.last().is_some_and(|last| last.end + 1 == at);
        let atom = may_begin(text, at, joined).then(|| atom_at(text, lexicon, at)).flatten();
        let Some(mut atom) = atom.filter(|atom| (atom.start..atom.end).all(|at| !mask.covers(at))) else {
            at = if text.get(at).is_some_and(|c| c.is_ascii_digit()) { end_of_figures(text, at) } else { at + 1 };
            continue;
        };
        if let Some((word, start, end)) = outer.take()
            && atom.per.is_none()
            && only_filling(text, end, atom.start)
        {
            (atom.per, atom.start) = (Some(word), start);
        }
        if let Some((word, end)) = container.take()
            && atom.start <= end + 1
            && atom.unit.is_some_and(|unit| unit.code == "H87")
        {
            atom.unit = Some(word);
        }
        at = atom.end;
        atoms.push(atom);
    }
    atoms
}

/// 每箱, 单盒, 整箱: what the number behind is per.
fn each<'l>(text: &Text, lexicon: &'l Lexicon, at: usize) -> Option<(&'l Word, usize)> {
    text.get(at).filter(|c| "每单整pe".contains(*c))?;
    let behind = text.any_at(at, &["每一", "每", "单", "整", "per ", "each "])?;
    let (word, end) = lexicon.word_at(text, behind)?;
    let holds = matches!(word.class, Class::Pack(_) | Class::Piece);
    (holds && (word.may_pack || word.code != "H87" || text.get(at) == Some('每'))).then_some((word, end))
}

/// What may stand between 每箱 and its number.
const FILLING: &str = "内里装有含约为共是计: ";

fn only_filling(text: &Text, start: usize, end: usize) -> bool {
    let short = end.saturating_sub(start) <= 5;
    short && text.chars().get(start..end).is_some_and(|between| between.iter().all(|c| FILLING.contains(*c)))
}

fn may_begin(text: &Text, at: usize, joined: bool) -> bool {
    let Some(c) = text.get(at) else { return false };
    let before = text.before(at);
    if c.is_ascii_digit() {
        let earlier = at.checked_sub(1).and_then(|at| text.before(at));
        return match before {
            Some('x') => joined || !earlier.is_some_and(|c| c.is_ascii_alphanumeric()),
            // 1/2箱 are not two.
            Some('.' | '/') => !earlier.is_some_and(|c| c.is_ascii_digit()),
            Some('第') => false,
            Some(before) => !before.is_ascii_alphanumeric(),
            None => true,
        };
    }
    let weekday = matches!(before, Some('周' | '期' | '拜' | '第')) && super::super::number::digit(c).is_some();
    let word = c.is_ascii_alphabetic() && !before.is_some_and(|b| b.is_ascii_alphanumeric());
    (word || is_han(c)) && !weekday
}

fn atom_at<'l>(text: &Text, lexicon: &'l Lexicon, at: usize) -> Option<Atom<'l>> {
    let mut number = number_at(text, at)?;
    let (mut unit, mut end) = unit_after(text, lexicon, &number);
    let mut upper = number.upper;
    if let Some((second, its_unit, its_end)) = range_after(text, lexicon, &number, unit, end) {
        if number.scale == 1 && number.millionths < 1_000 * ONE {
            number.millionths = number.millionths.saturating_mul(second.scale);
        }
        (upper, unit, end) = (second.upper.or(Some(second.millionths)), its_unit.or(unit), its_end);
    }
    if unit.is_some() && half_follows(text, lexicon, end) {
        (number.millionths, end) = (number.millionths + ONE / 2, end + 1);
    }
    let column = unit_column(text, lexicon, at).filter(|_| unit.is_none());
    let (unit, start) = column.map_or((unit, at), |(word, start)| (Some(word), start));
    let article = number.form == Form::Words(0);
    let counts = |unit: &Word| matches!(unit.class, Class::Pack(_)) || unit.code == "DZN";
    if article && !unit.is_some_and(counts) {
        return None;
    }
    if number.is_words() && text.before(end) == Some('方') && is_party(text, &number, end) {
        return None;
    }
    let fits = unit.is_some() || text.get(end) == Some('装') || bare_fits(text, at, &number, end);
    if !fits || code_like(text, at, unit) {
        return None;
    }
    let mut atom = Atom { start, end, number, upper, unit, per: None, filled: false };
    per_after(text, lexicon, &mut atom);
    Some(atom)
}

/// 八方支援, 三方协议 count no cubic metres; 三方混凝土 does.
fn is_party(text: &Text, number: &Number, end: usize) -> bool {
    let everywhere = number.millionths == 8 * ONE || number.millionths == 4 * ONE;
    everywhere || text.get(end).is_some_and(|c| "面协合检支联物机平利关案有".contains(c))
}

fn unit_after<'l>(text: &Text, lexicon: &'l Lexicon, number: &Number) -> (Option<&'l Word>, usize) {
    if matches!(text.before(number.end), Some('俩' | '仨')) {
        return (lexicon.word_at(&Text::new("个"), 0).map(|(word, _)| word), number.end);
    }
    if let Some(container) = container_after(text, lexicon, number.end) {
        return (Some(container.0), container.1);
    }
    // 王五 面粉 counts nothing.
    let spaced = text.get(number.end) == Some(' ') && number.form != Form::Words(1);
    let at = if spaced { number.end + 1 } else { number.end };
    let Some((word, end)) = lexicon.word_at(text, at) else { return (None, number.end) };
    // `3M` is a maker of respirators.
    let brand = text.slice(number.start, end) == "3m";
    // 个 before a container only counts it.
    let counted = lexicon.word_at(text, end).filter(|(next, _)| next.dimension.starts_with("container"));
    match counted {
        _ if brand => (None, number.end),
        Some((next, end)) if word.code == "H87" => (Some(next), end),
        _ => (Some(word), end),
    }
}

/// 套 of `防护服 套 500`: a unit in a column of its own before the number.
fn unit_column<'l>(text: &Text, lexicon: &'l Lexicon, at: usize) -> Option<(&'l Word, usize)> {
    let end = text.back_over(at, &[' ', '|', ':']);
    let starts = (1..=2).filter_map(|length| end.checked_sub(length)).filter(|_| end < at);
    let alone = |start: &usize| {
        let before = text.before(text.skip_back(*start)).filter(|_| matches!(text.before(*start), Some(' ' | '|')));
        before.is_some_and(|c| !c.is_ascii_digit())
    };
    starts.filter(alone).find_map(|start| {
        let counts = |word: &Word| !matches!(word.class, Class::Time | Class::Small | Class::Work);
        lexicon
            .word_at(text, start)
            .filter(|(word, word_end)| *word_end == end && counts(word))
            .map(|(word, _)| (word, start))
    })
}

/// 2个20尺柜, `2 x 20ft`: units whose names begin with a figure.
fn container_after<'l>(text: &Text, lexicon: &'l Lexicon, end: usize) -> Option<(&'l Word, usize)> {
    let at = text.skip_spaces(end);
    let at = text.skip_spaces(text.any_at(at, &["x", "×", "*", "个"])?);
    text.get(at).filter(char::is_ascii_digit)?;
    lexicon.word_at(text, at).filter(|(word, _)| word.dimension.starts_with("container"))
}

/// 50-100台, 50台到100台, 5-10万只.
fn range_after<'l>(
    text: &Text,
    lexicon: &'l Lexicon,
    number: &Number,
    unit: Option<&'l Word>,
    end: usize,
) -> Option<(Number, Option<&'l Word>, usize)> {
    let sign = text.any_at(text.skip_spaces(end), &["--", "-", "~", "至", "到", "to "])?;
    let second = number_at(text, text.skip_spaces(sign))?;
    let (its_unit, its_end) = unit_after(text, lexicon, &second);
    let scale = if number.scale == 1 && number.millionths < 1_000 * ONE { second.scale } else { 1 };
    let rises = number.millionths.saturating_mul(scale) < second.millionths;
    let agree = match (unit, its_unit) {
        (Some(first), Some(second)) => first.code == second.code,
        (None, None) => number.scale > 1 || second.scale > 1,
        (unit, _) => unit.is_none(),
    };
    let code = matches!(number.form, Form::Figures { leading_zero: true, .. });
    (rises && agree && !code).then_some((second, its_unit, its_end))
}

/// 两箱半, but not 两箱半成品.
fn half_follows(text: &Text, lexicon: &Lexicon, end: usize) -> bool {
    let next = text.get(end + 1);
    text.get(end) == Some('半')
        && !next.is_some_and(|c| "成径价年天个月面挂导".contains(c))
        && lexicon.word_at(text, end + 1).is_none()
}

/// A number that hangs on a code by a hyphen counts only before a Chinese measure word.
fn code_like(text: &Text, at: usize, unit: Option<&Word>) -> bool {
    let hangs = matches!(text.before(at), Some('-' | '_' | '/'))
        && at >= 2
        && text.get(at - 2).is_some_and(|c| c.is_ascii_alphanumeric());
    hangs && unit.is_none_or(|unit| matches!(unit.class, Class::Small | Class::Bulk | Class::Time)) && {
        // `50g/12装` goes on from a unit.
        text.before(at) != Some('/')
    }
}

/// Numbers of well-known respirators and standards, which are nearly never an amount.
const MODELS: [u32; 22] = [
    84, 1860, 1870, 9501, 9502, 9505, 9132, 8210, 8110, 8511, 8516, 8577, 9001, 9002, 9010, 9322, 9332, 9123, 6200,
    6800, 7502, 1080,
];

/// Whether a number without a unit may be an amount.
fn bare_fits(text: &Text, at: usize, number: &Number, end: usize) -> bool {
    let next = text.get(end);
    let stroke = next == Some('/') && !text.get(end + 1).is_some_and(|c| c.is_ascii_digit());
    let joined =
        stroke || text.any_at(end, &["*", "x", "×"]).is_some() || matches!(text.before(at), Some('*' | 'x' | '×'));
    match number.form {
        Form::Figures { leading_zero: true, .. } => false,
        Form::Figures { digits, point, .. } => {
            let named = number.whole().is_some_and(|value| MODELS.contains(&value));
            let labelled = matches!(text.before(at), Some('#' | '°' | '$' | '-' | '~' | '.' | 'v'));
            let other = next.is_some_and(|c| {
                c.is_ascii_alphanumeric() || "号楼路级层度%型款目年月日栋室#座克星届期周°℃-.~=:、".contains(c)
            });
            let noun = next.is_some_and(is_han) && digits < 3;
            joined && digits <= 6 || !(named || labelled || other || noun || point) && (2..=6).contains(&digits)
        }
        Form::Scaled => !next.is_some_and(|c| "元块美欧港毛吨位".contains(c)),
        Form::Words(length) => {
            let apart = !next.is_some_and(is_word) || next.is_some_and(|c| c == ' ');
            length >= 2 && number.millionths >= 100 * ONE && apart && text.before(at) != Some('第')
        }
    }
}

/// What follows the unit: `/箱`, 每箱, 一箱, 装, 桶装, `per box`.
fn per_after<'l>(text: &Text, lexicon: &'l Lexicon, atom: &mut Atom<'l>) {
    let direct = text.skip_spaces(atom.end);
    if let Some(at) = text.any_at(direct, &["/1", "/一", "/", "*", "per ", "a ", "每一", "每"])
        && let Some((word, end)) = lexicon.word_at(text, text.skip_spaces(at))
    {
        let starred = text.get(direct) == Some('*');
        let article = text.get(direct) == Some('a');
        let filled = (end..end + 4).find(|at| !text.get(*at).is_some_and(|c| FILLING.contains(c))).unwrap_or(end);
        let next_number = number_at(text, filled).is_some();
        let each = text.get(direct) == Some('每') && next_number;
        let bare_article = article && atom.unit.is_none();
        let multiplied = starred && next_number;
        if !(each || bare_article || multiplied) {
            (atom.per, atom.end) = (Some(word), end);
        }
        return;
    }
    if text.get(atom.end) == Some('一')
        && let Some((word, end)) = lexicon.word_at(text, atom.end + 1)
        && matches!(word.class, Class::Pack(_))
        && !text.get(end).is_some_and(is_word)
    {
        (atom.per, atom.end) = (Some(word), end);
        return;
    }
    if text.get(atom.end) == Some('装') {
        (atom.filled, atom.end) = (true, atom.end + 1);
        return;
    }
    if text.before(atom.end) == Some('装') {
        atom.filled = true;
        return;
    }
    let measured = atom.unit.is_some_and(|unit| matches!(unit.class, Class::Small | Class::Bulk));
    if measured
        && let Some((word, end)) = lexicon.word_at(text, atom.end)
        && text.before(end) == Some('装')
    {
        (atom.per, atom.end) = (Some(word), end);
    } else if measured && text.get(atom.end + 1) == Some('装') {
        // 25kg桶装, where 桶装 is in no list.
        if let Some((word, end)) = lexicon.word_at(text, atom.end) {
            (atom.per, atom.end) = (Some(word), end + 1);
        }
    }
}
