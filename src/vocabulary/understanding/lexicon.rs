//! Measure words and unit names, as people write them, with the units of the reference data they stand for.

use std::collections::HashMap;

use super::source::Text;
use crate::domain::unit::{Ratio, Unit, Units};

/// How a unit behaves in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Pieces, pairs, sets, tests: what a pack holds.
    Piece,
    Person,
    /// From the smallest, which stands in others: 1 bags and bottles, 2 boxes, 3 cartons and pallets.
    Pack(u8),
    /// Grams, millilitres, millimetres: nearly always a property of the goods.
    Small,
    /// Tonnes, kilograms, litres, metres, square metres.
    Bulk,
    /// Hours of work by people or machines.
    Work,
    Time,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub code: String,
    /// Of the unit in what the word says: 斤 is ½ `KGM`.
    pub ratio: Ratio,
    pub class: Class,
    pub dimension: String,
    /// 件 is a piece of clothing or a crate.
    pub may_pack: bool,
    /// 副 is a pair; of goods that are not counted in pairs it is one.
    pub pair_or_piece: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Lexicon {
    /// By the first character; among those the longest first.
    words: HashMap<char, Vec<(Vec<char>, Word)>>,
}

/// Names in the reference data that in running text are something else: a part of a date, a numeral, a degree.
const NEVER: [&str; 18] = [
    "一",
    "时",
    "日",
    "月",
    "年",
    "度",
    "each",
    "unity",
    "one",
    "months of",
    "名称",
    "a",
    "方方",
    "礼",
    "hundred",
    "thousand",
    "dozens of",
    "set of",
];

impl Lexicon {
    pub fn new(units: &Units) -> Self {
        let mut lexicon = Self::default();
        // A retired unit is found by its code alone.
        let live = || units.all().into_iter().filter(|unit| !unit.validity.is_retired());
        for unit in live() {
            for name in [&unit.names.zh, &unit.names.en].into_iter().chain(&unit.aliases) {
                lexicon.add(name, unit, Ratio::ONE);
            }
        }
        for unit in live() {
            for word in &unit.measure_words {
                if let Some(ratio) = Ratio::new(word.numerator.into(), word.denominator.into()) {
                    lexicon.add(&word.word, unit, ratio);
                }
            }
        }
        lexicon
    }

    /// The first to claim a word keeps it: names and aliases of all units come before measure words.
    fn add(&mut self, name: &str, unit: &Unit, ratio: Ratio) {
        let key: String = Text::new(name).chars().iter().collect();
        let numeral = key.chars().next().is_none_or(|c| "一二两三四五六七八九十百千万每".contains(c));
        let counted = numeral && !matches!(key.as_str(), "千克" | "千米" | "千瓦时" | "千斤");
        if NEVER.contains(&key.as_str()) || counted && !key.starts_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        let word = Word {
            code: unit.code.clone(),
            ratio,
            class: if name == "台班" { Class::Work } else { class_of(unit) },
            dimension: unit.dimension.clone(),
            may_pack: key == "件",
            pair_or_piece: matches!(key.as_str(), "副" | "付"),
        };
        let signs: Vec<char> = key.chars().collect();
        let Some(first) = signs.first() else { return };
        let known = self.words.entry(*first).or_default();
        if !known.iter().any(|(other, _)| *other == signs) {
            let place = known.partition_point(|(other, _)| other.len() >= signs.len());
            known.insert(place, (signs, word));
        }
    }

    /// The longest word that begins at `at`, with the position behind it.
    pub fn word_at(&self, text: &Text, at: usize) -> Option<(&Word, usize)> {
        let rest = text.chars().get(at..)?;
        let candidates = self.words.get(rest.first()?)?.iter().filter(|(signs, _)| rest.starts_with(signs));
        candidates.map(|(signs, word)| (signs, word, at + signs.len())).find_map(|(signs, word, end)| {
            let times = text.get(end) == Some('x') && text.get(end + 1).is_some_and(|c| c.is_ascii_digit());
            let whole = times || !text.splits_word(end) && !digit_splits(text, end);
            (whole && !is_other(text, signs, end)).then_some((word, end))
        })
    }
}

/// `m3` is not `m` before a 3; but `5l*4` and `10g2` end a unit.
fn digit_splits(text: &Text, end: usize) -> bool {
    let letter = text.before(end).is_some_and(|c| c.is_ascii_alphabetic());
    letter && text.get(end).is_some_and(|c| c.is_ascii_digit())
}

/// Signs behind a measure word that make it the beginning of another word.
fn is_other(text: &Text, signs: &[char], end: usize) -> bool {
    let (Some(next), [sign]) = (text.get(end), signs) else { return false };
    match sign {
        '人' => "民事才工资防造".contains(next),
        '次' => "性氯品要".contains(next),
        '个' => "别性体".contains(next),
        '台' => "湾州".contains(next),
        '包' => "装括邮含".contains(next),
        '方' => "案面便式法向舱".contains(next),
        '天' => "津然".contains(next),
        '周' => "边口转围".contains(next),
        '面' => "罩料积板巾屏".contains(next),
        '口' => "罩径服红照".contains(next),
        '头' => "带套盔孢".contains(next),
        '身' => "份体高".contains(next),
        '床' => "单垫罩位上".contains(next),
        '具' => "体有备".contains(next),
        '本' => "地市月周公厂".contains(next),
        '员' => "工".contains(next),
        '节' => "能约".contains(next),
        '组' => "织装合".contains(next),
        '位' => "于置移".contains(next),
        '名' => "称字牌单".contains(next),
        '部' => "件门位分".contains(next),
        '张' => "家湾店".contains(next),
        '项' => "目".contains(next),
        '支' => "架持付撑".contains(next),
        '对' => "接讲外于方口".contains(next),
        '提' => "供前取升".contains(next),
        '听' => "说".contains(next),
        '管' => "理道制".contains(next),
        '盘' => "点".contains(next),
        '块' => "钱".contains(next),
        '柜' => "子台门机体面式员".contains(next),
        '刀' => "具片头口模架叉/一每".contains(next),
        '令' => "人牌".contains(next),
        '抽' => "纸屉检水烟油湿风真样".contains(next),
        '贴' => "片牌标纸膜面布心近".contains(next),
        '丸' => "子剂".contains(next),
        '串' => "联口".contains(next),
        '碗' => "筷面".contains(next),
        '盆' => "栽景".contains(next),
        '锅' => "炉".contains(next),
        '尾' => "气货款矿".contains(next),
        '羽' => "绒毛".contains(next),
        '坛' => "子".contains(next),
        '筐' => "子".contains(next),
        '板' => "材房子块式厚蓝栗擦凳车上面".contains(next),
        '平' => "台板面均安原等衡常整行顶房价装底口头".contains(next),
        'g' | 'm' => next == '²' || next == '/' && text.get(end + 1) == Some('m'),
        _ => false,
    }
}

fn class_of(unit: &Unit) -> Class {
    match unit.dimension.as_str() {
        "pack" => Class::Pack(match unit.code.as_str() {
            "XCT" | "XCS" | "XPX" | "XCR" => 3,
            "XBX" | "XPK" | "XBE" => 2,
            _ => 1,
        }),
        "person" => Class::Person,
        "time" | "month" => Class::Time,
        "labor" => Class::Work,
        "mass" | "volume" | "length" if unit.numerator < unit.denominator => Class::Small,
        "mass" | "volume" | "length" | "area" | "energy" => Class::Bulk,
        _ => Class::Piece,
    }
}
