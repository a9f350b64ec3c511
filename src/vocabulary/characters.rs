//! Which characters people write for one another: traditional forms, those that sound alike, those that look alike.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The Chinese characters, each with its simplified form, from U+4E00 on. From `data/traditional.csv`.
static SIMPLIFIED: LazyLock<Box<[char]>> = LazyLock::new(|| {
    let mut forms: Box<[char]> = (FIRST..='\u{9fff}').collect();
    let pairs = rows(include_str!("../../data/traditional.csv"));
    for (from, to) in pairs.filter_map(|(from, to)| Some((from.chars().next()?, to.chars().next()?))) {
        if let Some(form) = place(from).and_then(|at| forms.get_mut(at)) {
            *form = to;
        }
    }
    forms
});

const FIRST: char = '\u{4e00}';

fn place(c: char) -> Option<usize> {
    Some(u32::from(c).checked_sub(u32::from(FIRST))? as usize)
}

/// Character → its readings, each by its number in `data/readings.csv`, and by the number of those often confused with it.
static READINGS: LazyLock<HashMap<char, Vec<Reading>>> = LazyLock::new(|| {
    let (mut loose, mut readings) = (HashMap::new(), HashMap::<char, Vec<Reading>>::new());
    for (exact, (reading, characters)) in (0_u16..).zip(rows(include_str!("../../data/readings.csv"))) {
        let loose = *loose.entry(plain(reading)).or_insert(exact);
        for c in characters.chars() {
            readings.entry(c).or_default().push(Reading { exact, loose });
        }
    }
    readings
});

#[derive(Debug, Clone, Copy)]
struct Reading {
    exact: u16,
    loose: u16,
}

fn rows(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.lines().skip(1).filter_map(|line| line.split_once(','))
}

/// Many people do not tell zh from z, or ing from in.
fn plain(reading: &str) -> String {
    let flat = [("zh", "z"), ("ch", "c"), ("sh", "s")];
    let initial = flat.iter().find_map(|(from, to)| Some(format!("{to}{}", reading.strip_prefix(from)?)));
    let reading = initial.unwrap_or_else(|| reading.to_owned());
    let nasal = ["ing", "eng", "ang"].iter().any(|end| reading.ends_with(end) && !reading.ends_with("uang"));
    if nasal { reading[..reading.len() - 1].to_owned() } else { reading }
}

/// The simplified form of a traditional character; any other character is left as it is.
pub(super) fn simplified(c: char) -> char {
    place(c).and_then(|at| SIMPLIFIED.get(at).copied()).unwrap_or(c)
}

/// Of the same reading in pinyin without tones.
pub(super) fn sound_the_same(a: char, b: char) -> bool {
    share_a_reading(a, b, |reading| reading.exact)
}

/// The same to those who do not tell zh from z, or ing from in.
pub(super) fn sound_alike(a: char, b: char) -> bool {
    share_a_reading(a, b, |reading| reading.loose)
}

fn share_a_reading(a: char, b: char, number: fn(&Reading) -> u16) -> bool {
    let (Some(a), Some(b)) = (READINGS.get(&a), READINGS.get(&b)) else { return false };
    a.iter().any(|reading| b.iter().any(|other| number(other) == number(reading)))
}

/// Alike to the eye, or typed by neighbouring strokes of Wubi.
pub(super) fn look_alike(a: char, b: char) -> bool {
    LOOKALIKES.iter().any(|group| group.contains(a) && group.contains(b))
}

/// Each group is one shape in different hands. No two names of substances are in one: 氧 is not 氯.
const LOOKALIKES: [&str; 44] = [
    "罩照罝",
    "口囗日曰",
    "末未",
    "己已巳",
    "土士",
    "目且日自",
    "护户沪炉",
    "晴睛腈情清",
    "消销削",
    "毒素母",
    "洒酒",
    "棉绵锦",
    "枪抢",
    "计记",
    "温湿煴",
    "额颔",
    "体休本",
    "仪义议",
    "监盐",
    "绷崩棚",
    "带戴",
    "绑帮",
    "布市",
    "帽冒昌",
    "胶校较",
    "丁了",
    "手毛",
    "喷愤",
    "雾霉",
    "器哭",
    "呼吁",
    "吸级",
    "伏优",
    "醇淳",
    "板扳",
    "轴抽",
    "料科",
    "焊悍",
    "缆揽",
    "塑朔",
    "材村",
    "纺仿防",
    "镜境",
    "箱厢",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_forms_become_simplified_and_nothing_else_changes() {
        let folded: String = "護目鏡 手術衣 體溫計 乾燥劑 口罩".chars().map(simplified).collect();
        assert_eq!(folded, "护目镜 手术衣 体温计 乾燥剂 口罩");
    }

    #[test]
    fn characters_are_confused_by_sound_or_shape() {
        for (a, b) in [('罩', '照'), ('镜', '境'), ('枪', '抢'), ('机', '几'), ('伏', '付'), ('液', '夜')] {
            assert!(sound_alike(a, b), "{a}{b}");
        }
        assert!(sound_alike('植', '子') && !sound_the_same('植', '子') && sound_the_same('镜', '境'));
        assert!(look_alike('腈', '睛') && !sound_alike('罩', '衣') && !look_alike('罩', '衣'));
    }
}
