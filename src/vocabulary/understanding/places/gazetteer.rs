//! Every name a region goes by.

use std::collections::{HashMap, HashSet};

use super::super::source::Text;
use super::names::{ENGLISH, NICKNAMES, WORDS};
use crate::domain::region::{Region, Regions};

/// How a name stands for a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// 洛阳市.
    Full,
    /// 洛阳.
    Short,
    /// 光谷, 襄樊.
    Nickname,
    English,
    /// 豫.
    Abbreviation,
}

/// A region in force that a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub code: String,
    pub level: u8,
    pub form: Form,
    /// The code of the name, where it is retired.
    pub retired: Option<String>,
    /// Also an everyday word.
    pub common: bool,
}

#[derive(Debug, Clone, Default)]
pub(in super::super) struct Gazetteer {
    names: HashMap<String, Vec<Entry>>,
    /// First two characters of all Chinese names.
    starts: HashSet<(char, char)>,
    pub(super) longest: usize,
    regions: Regions,
    /// Zones by the prefecture they lie in: what they are called and their code.
    zones: HashMap<String, Vec<(Zone, String)>>,
}

/// What a development zone is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    HighTech,
    Economic,
}

/// Statistical regions that nobody names.
const NAMELESS: [&str; 6] =
    ["市辖区", "县", "市辖县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位"];
const PEOPLES: [&str; 50] = [
    "土家族",
    "苗族",
    "回族",
    "藏族",
    "彝族",
    "壮族",
    "布依族",
    "朝鲜族",
    "满族",
    "侗族",
    "瑶族",
    "白族",
    "哈尼族",
    "傣族",
    "傈僳族",
    "黎族",
    "佤族",
    "畲族",
    "拉祜族",
    "水族",
    "东乡族",
    "纳西族",
    "景颇族",
    "柯尔克孜",
    "土族",
    "达斡尔族",
    "仫佬族",
    "羌族",
    "布朗族",
    "撒拉族",
    "毛南族",
    "仡佬族",
    "锡伯",
    "普米族",
    "塔吉克",
    "怒族",
    "保安族",
    "裕固族",
    "独龙族",
    "蒙古族",
    "蒙古",
    "哈萨克族",
    "哈萨克",
    "各族",
    "达斡尔",
    "俄罗斯族",
    "鄂温克族",
    "哈萨",
    "满族蒙古族",
    "回",
];
const ENGLISH_KINDS: [&str; 15] = [
    "autonomousprefecture",
    "autonomouscounty",
    "autonomousregion",
    "autonomousbanner",
    "specialadministrativeregion",
    "miningdistrict",
    "forestrydistrict",
    "newarea",
    "prefecture",
    "district",
    "province",
    "county",
    "banner",
    "league",
    "city",
];

impl Gazetteer {
    pub fn new(regions: &Regions) -> Self {
        let mut gazetteer = Self { regions: regions.clone(), ..Self::default() };
        let common: HashSet<&str> = WORDS.split_whitespace().collect();
        for region in regions.all() {
            gazetteer.add_region(region, &common);
        }
        for (name, code) in NICKNAMES {
            gazetteer.add_code(name, code, Form::Nickname);
        }
        for (name, code) in ENGLISH {
            gazetteer.add_code(name, code, Form::English);
        }
        gazetteer
    }

    fn add_region(&mut self, region: &Region, common: &HashSet<&str>) {
        let zh = region.names.zh.as_str();
        if NAMELESS.contains(&zh) {
            return;
        }
        let Some(current) = self.current(&region.code).map(|current| (current.code.clone(), current.level)) else {
            return;
        };
        let retired = (current.0 != region.code).then(|| region.code.clone());
        let entry =
            |form, common| Entry { code: current.0.clone(), level: current.1, form, retired: retired.clone(), common };
        let zone = zone_of(zh);
        if let (Some(zone), Some(parent), None) = (zone, &region.parent, &retired) {
            self.zones.entry(parent.clone()).or_default().push((zone, region.code.clone()));
        }
        self.add(zh, entry(Form::Full, zh.chars().count() <= 2));
        if let Some(short) = short_form(zh, region.level) {
            let word = region.level == 3 && common.contains(short.as_str());
            self.add(&short, entry(Form::Short, word));
            if region.level == 2 && zh.ends_with("自治州") {
                self.add(&format!("{short}州"), entry(Form::Full, false));
            }
        }
        let english = letters(&region.names.en);
        let bare = ENGLISH_KINDS.iter().find_map(|kind| english.strip_suffix(kind)).unwrap_or(&english).to_owned();
        // Short names of counties are English words too often.
        self.add(&bare, entry(Form::English, region.level == 3 && bare.len() < 6));
        for kind in ["city", "province", "district", "county"] {
            let fits = match kind {
                "province" => region.level == 1,
                "city" => region.level <= 2 || zh.ends_with('市'),
                "district" => region.level == 3 && zh.ends_with('区'),
                _ => region.level == 3 && zh.ends_with('县'),
            };
            if fits {
                self.add(&format!("{bare}{kind}"), entry(Form::English, false));
            }
        }
    }

    fn add_code(&mut self, name: &str, code: &str, form: Form) {
        if let Some(region) = self.current(code) {
            let entry = Entry { code: region.code.clone(), level: region.level, form, retired: None, common: false };
            self.add(name, entry);
        }
    }

    fn add(&mut self, name: &str, entry: Entry) {
        let key: String = Text::new(name).chars().iter().collect();
        let mut signs = key.chars();
        let (Some(first), Some(second)) = (signs.next(), signs.next()) else { return };
        self.starts.insert((first, second));
        self.longest = self.longest.max(key.chars().count());
        let entries = self.names.entry(key).or_default();
        // The region that bears the name today comes before one that bore it, and the fuller form before the shorter.
        match entries.iter_mut().find(|known| known.code == entry.code) {
            Some(known) if (entry.form, entry.retired.is_some()) < (known.form, known.retired.is_some()) => {
                *known = entry
            }
            Some(_) => {}
            None => entries.push(entry),
        }
    }

    pub(super) fn begins(&self, first: char, second: char) -> bool {
        self.starts.contains(&(first, second))
    }

    pub(super) fn named(&self, name: &str) -> Option<&[Entry]> {
        self.names.get(name).map(Vec::as_slice)
    }

    pub(super) fn region(&self, code: &str) -> Option<&Region> {
        self.regions.get(code)
    }

    /// The region in force that a code stands for: itself, its successor, or what it lay in.
    fn current(&self, code: &str) -> Option<&Region> {
        let mut region = self.regions.get(code)?;
        for _ in 0..8 {
            let next = match &region.validity.replaced_by {
                Some(next) => next,
                None if region.validity.is_retired() => region.parent.as_ref()?,
                None => return Some(region),
            };
            region = self.regions.get(next)?;
        }
        Some(region)
    }

    pub(super) fn is_within(&self, code: &str, ancestor: &str) -> bool {
        self.regions.is_within(code, ancestor)
    }

    pub(super) fn zone(&self, parent: &str, zone: Zone) -> Option<&str> {
        self.zones.get(parent)?.iter().find(|(kind, _)| *kind == zone).map(|(_, code)| code.as_str())
    }
}

fn zone_of(name: &str) -> Option<Zone> {
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    if ends(&["高新技术产业开发区", "高新技术开发区", "高新技术产业园区"]) {
        return Some(Zone::HighTech);
    }
    ends(&["经济技术开发区", "经济开发区"]).then_some(Zone::Economic)
}

/// 洛阳 of 洛阳市, 瀍河 of 瀍河回族区; nothing that would be a single character.
fn short_form(name: &str, level: u8) -> Option<String> {
    let kinds: &[&str] = match level {
        1 => &["特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"],
        2 => &["自治州", "地区", "盟", "市"],
        _ => &["自治县", "自治旗", "矿区", "林区", "特区", "新区", "区", "县", "市", "旗"],
    };
    let mut short = kinds.iter().find_map(|kind| name.strip_suffix(kind))?;
    if level > 1 {
        while let Some(rest) = PEOPLES.iter().find_map(|people| short.strip_suffix(people))
            && rest.chars().count() >= 2
        {
            short = rest;
        }
    }
    (short.chars().count() >= 2).then(|| short.to_owned())
}

pub(super) fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
