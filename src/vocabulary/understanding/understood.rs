//! All that a title or one item of a message says, and what is left of it.

use chrono::NaiveDate;
use serde::Serialize;

use super::doing::asked_for;
use super::mask::Mask;
use super::quantity::QuantityRole;
use super::source::{Span, Text};
use super::title::{left_of, title};
use super::{
    DateRole, DateSaid, Found, PlaceNamed, PlaceRole, PriceSaid, Quantity, StandardNamed, Understanding, cues, dates,
    places, price, quantity,
};
use crate::domain::listing::{Kind, Side, Urgency};

/// What was understood, each list in the order it is written.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Understood {
    /// What is left when quantities, prices, dates, places and words such as 急需 are taken out.
    pub title: String,
    pub side: Option<Found<Side>>,
    pub urgency: Option<Found<Urgency>>,
    /// Category codes, the surest first.
    pub categories: Vec<Found<String>>,
    /// By the names of goods and by other words.
    pub kind: Option<Found<Kind>>,
    pub quantities: Vec<Found<Quantity>>,
    pub standards: Vec<Found<StandardNamed>>,
    pub prices: Vec<Found<PriceSaid>>,
    pub dates: Vec<Found<DateSaid>>,
    pub places: Vec<Found<PlaceNamed>>,
}

impl Understood {
    pub fn category(&self) -> Option<&Found<String>> {
        self.categories.first()
    }

    /// What is wanted or offered in all, the surest first of equals.
    pub fn quantity(&self) -> Option<&Found<Quantity>> {
        quantity::best(&self.quantities)
    }

    pub fn min_order(&self) -> Option<&Found<Quantity>> {
        self.quantities.iter().find(|found| found.value.role == QuantityRole::MinimumOrder)
    }

    pub fn price(&self) -> Option<&Found<PriceSaid>> {
        surest(self.prices.iter())
    }

    /// The surest of what is more than nothing.
    pub fn sum(&self) -> Option<&Found<PriceSaid>> {
        surest(self.prices.iter().filter(|found| found.value.amount.is_none_or(|amount| !amount.is_zero())))
    }

    /// The first day with this role.
    pub fn date(&self, role: DateRole) -> Option<&Found<DateSaid>> {
        self.dates.iter().find(|found| found.value.role == role)
    }

    /// Where goods go, or else the first place that they do not come from, or else any.
    pub fn place(&self) -> Option<&Found<PlaceNamed>> {
        let with = |role| self.places.iter().find(move |found| found.value.role == role);
        with(PlaceRole::Delivery).or_else(|| with(PlaceRole::Unstated)).or_else(|| self.places.first())
    }
}

/// The first of the surest.
fn surest<'f, T>(found: impl Iterator<Item = &'f Found<T>>) -> Option<&'f Found<T>> {
    found.reduce(|best, next| if next.confidence > best.confidence { next } else { best })
}

/// All findings of a text, before they are divided among titles.
pub(super) struct Findings {
    pub text: Text,
    pub sides: Vec<Found<Side>>,
    pub urgency: Option<Found<Urgency>>,
    /// Codes of the goods named there, and whether the name ends its phrase.
    pub goods: Vec<Found<(Vec<String>, bool)>>,
    pub quantities: Vec<Found<Quantity>>,
    pub standards: Vec<Found<StandardNamed>>,
    pub prices: Vec<Found<PriceSaid>>,
    pub dates: Vec<Found<DateSaid>>,
    pub places: Vec<Found<PlaceNamed>>,
    pub contacts: Vec<(usize, usize)>,
    /// Purposes and recipients.
    pub asides: Vec<(usize, usize)>,
}

impl Understanding {
    /// Everything a title says; `hint_region` is where its writer is, `today` the day there.
    pub fn understand_title(&self, text: &str, today: NaiveDate, hint_region: Option<&str>) -> Understood {
        let findings = self.findings(text, today, hint_region);
        let whole = Span { start: 0, end: findings.text.len() };
        self.understood(&findings, whole)
    }

    pub(super) fn findings(&self, input: &str, today: NaiveDate, hint_region: Option<&str>) -> Findings {
        let text = Text::new(input);
        let contacts = cues::contacts(&text);
        let mut mask = Mask::new(text.len());
        contacts.iter().for_each(|(start, end)| mask.cover(*start, *end));
        let asides = cues::asides(&text);
        let mut aside = Mask::new(text.len());
        asides.iter().for_each(|(start, end)| aside.cover(*start, *end));
        let mut goods = self.goods(&text);
        goods.retain(|found| !aside.covers(found.at.start));
        let mut named = Mask::new(text.len());
        goods.iter().for_each(|found| named.cover(found.at.start, found.at.end));
        let standards = self.standards.all(&text);
        let mut prices = price::all(&text, &self.lexicon);
        let mut dates = dates::all(&text, today);
        let mut places = places::all(&text, &self.gazetteer, hint_region);
        // A name of goods is no place unless that is written out.
        places.retain(|found| {
            !mask.covers_any(found.at.start, found.at.end)
                && (found.confidence >= 0.8 || !named.covers_any(found.at.start, found.at.end))
        });
        prices.retain(|found| !mask.covers_any(found.at.start, found.at.end));
        dates.retain(|found| !mask.covers_any(found.at.start, found.at.end));
        standards.iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        prices.iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        dates.iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        places.iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        let mut quantities = quantity::all(&text, &self.lexicon, &mask);
        // 84 and 1860 are names where the dictionary knows them.
        quantities.retain(|found| found.value.unit_code.is_some() || !named.covers_any(found.at.start, found.at.end));
        quantities.sort_by_key(|found| found.at);
        prices.sort_by_key(|found| found.at);
        dates.sort_by_key(|found| found.at);
        places.sort_by_key(|found| found.at);
        let sides = cues::sides(&text);
        let urgency = cues::urgency(&text);
        Findings { sides, urgency, goods, quantities, standards, prices, dates, places, contacts, asides, text }
    }

    fn goods(&self, text: &Text) -> Vec<Found<(Vec<String>, bool)>> {
        let normal: String = text.chars().iter().collect();
        let mut at = 0;
        let mut position = normal.char_indices().map(|(byte, _)| byte).chain([normal.len()]);
        let mut next = position.next();
        // Bytes rise from one name to the next, so one pass finds all characters.
        let mut char_of = |byte: usize| {
            while next.is_some_and(|known| known < byte) {
                (next, at) = (position.next(), at + 1);
            }
            at
        };
        let mut found = Vec::new();
        for named in self.vocabulary.named_in(&normal) {
            let (start, end) = (char_of(named.start), char_of(named.end));
            let confidence = named.sure * if named.head { 1.0 } else { 0.5 } / named.codes.len().max(1) as f64;
            found.push(Found::new((named.codes, named.head), confidence, text, start, end));
        }
        found
    }

    /// What the characters `range` of the findings say.
    pub(super) fn understood(&self, findings: &Findings, range: Span) -> Understood {
        let title = title(findings, range);
        // What stands on either side of a quantity is not one phrase: in 电焊工 25 名 厚板 the 电焊工 qualifies nothing.
        let left = left_of(findings, range, '，');
        let words = self.vocabulary.kinds_in(&left);
        let heads =
            part(&findings.quantities, range).iter().any(|found| found.value.unit_code.as_deref() == Some("IE"));
        let mut categories = self.categories(findings, range, &title, &left);
        let spoken_of: Vec<Kind> = words.iter().map(|(kind, _)| *kind).collect();
        let hands = heads && self.is_of_work(&spoken_of, &categories);
        let asked_for = asked_for(&findings.text.slice(range.start, range.end), &spoken_of, hands);
        if asked_for.is_some() {
            self.make_objects(&mut categories);
        }
        let kind = self.kind(
            findings,
            range,
            &categories,
            words.into_iter().chain(asked_for.map(|kind| (kind, 1.0))).collect(),
        );
        let mut quantities = within(&findings.quantities, range);
        if let Some(units) = categories.first().and_then(|found| self.categories.get(&found.value)).map(|c| &c.units) {
            for found in &mut quantities {
                let pieces = units.iter().any(|unit| unit == "H87") && !units.iter().any(|unit| unit == "PR");
                if found.value.pair_or_piece && pieces {
                    found.value.unit_code = Some("H87".to_owned());
                }
                prefer(found, units);
            }
        }
        combine_packs(&mut quantities);
        absorb_packs(&findings.text, &mut quantities);
        Understood {
            title,
            side: side(&within(&findings.sides, range)),
            urgency: findings.urgency.clone().filter(|found| is_in(found.at, range)),
            categories,
            kind,
            quantities,
            standards: within(&findings.standards, range),
            prices: within(&findings.prices, range),
            dates: within(&findings.dates, range),
            places: within(&findings.places, range),
        }
    }

    /// The categories of the remaining title, with the characters that name them.
    fn categories(&self, findings: &Findings, range: Span, title: &str, left: &str) -> Vec<Found<String>> {
        let goods = within(&findings.goods, range);
        let spot = |code: &str| goods.iter().find(|found| found.value.0.iter().any(|known| known == code));
        let made = self.processing(findings, range);
        let mut named = self.vocabulary.categories_in(left);
        if named.is_empty() && is_medicine(title) {
            let medicine = self.vocabulary.categories_in("药品").into_iter().take(1);
            named.extend(medicine.map(|(code, _)| (code, 0.5)));
        }
        let named = named.into_iter().filter(|(code, _)| made.as_ref().is_none_or(|(other, _)| other != code));
        made.clone()
            .into_iter()
            .chain(named)
            .map(|(code, confidence)| {
                let at = spot(&code).map_or(range, |found| found.at);
                Found::new(code, confidence, &findings.text, at.start, at.end)
            })
            .collect()
    }

    /// Whether people that are counted are to work: 宿舍100人 counts who is to live there.
    fn is_of_work(&self, spoken_of: &[Kind], categories: &[Found<String>]) -> bool {
        let names = |above: &str| categories.iter().any(|found| self.categories.is_within(&found.value, above));
        (spoken_of.contains(&Kind::Labor) || names("labor"))
            && !names("equipment.dormitory")
            && !names("service.lodging")
    }

    /// Goods to which something is to be done are hardly what is asked for.
    fn make_objects(&self, categories: &mut [Found<String>]) {
        let is_object =
            |found: &&mut Found<String>| self.categories.get(&found.value).is_some_and(|c| c.kind.is_thing());
        categories.iter_mut().filter(is_object).for_each(|found| found.confidence *= OBJECT);
        categories.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    }

    /// The kind of most of what is named and said. A name counts by the share of the text it covers, whose square root is
    /// its confidence.
    fn kind(
        &self,
        findings: &Findings,
        range: Span,
        named: &[Found<String>],
        words: Vec<(Kind, f64)>,
    ) -> Option<Found<Kind>> {
        let names = named.iter().take(MOST_NAMES).filter_map(|found| {
            let kind = self.categories.get(&found.value)?.kind;
            Some((kind, found.confidence * found.confidence, found.at))
        });
        let words = words.into_iter().map(|(kind, standing)| (kind, standing * cue(kind), range));
        let mut kinds: Vec<(Kind, f64, Span)> = Vec::new();
        for (kind, share, at) in names.chain(words) {
            match kinds.iter_mut().find(|(known, ..)| *known == kind) {
                Some((_, shares, _)) => *shares += share,
                None => kinds.push((kind, share, at)),
            }
        }
        let all: f64 = kinds.iter().map(|(_, share, _)| share).sum();
        let (kind, share, at) = kinds.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        Some(Found::new(kind, share.min(1.0).sqrt() * share / all, &findings.text, at.start, at.end))
    }
}

/// What the confidence is worth in goods to which something is to be done.
const OBJECT: f64 = 0.22;

/// Names after the first few are of what else a text speaks of.
const MOST_NAMES: usize = 3;

/// How much of a text a word stands for that speaks of this kind. What is done, or who does it, says more than goods,
/// which are spoken of wherever something is done to them.
fn cue(kind: Kind) -> f64 {
    if kind.is_thing() { 0.08 } else { 0.15 }
}

impl Understanding {
    /// 代加工防护服 asks for work, not for suits: the category of 防护服加工, or of 代加工 alone.
    fn processing(&self, findings: &Findings, range: Span) -> Option<(String, f64)> {
        let side = part(&findings.sides, range).iter().find(|found| is_processing(&findings.text, found.at))?;
        let goods = part(&findings.goods, range).iter().find(|found| found.at.start >= side.at.end)?;
        let name = findings.text.slice(goods.at.start, goods.at.end);
        let whole = |text: String| self.vocabulary.categories_in(&text).into_iter().next();
        let own = whole(format!("{name}加工")).filter(|(code, sure)| *sure >= 1.0 && code.starts_with("service"));
        own.or_else(|| whole("代加工".to_owned()).filter(|(code, _)| code.starts_with("service")))
            .map(|(code, _)| (code, 0.8))
    }
}

/// A medicine that no list has: its form ends its name.
fn is_medicine(title: &str) -> bool {
    const FORMS: [&str; 13] = [
        "胶囊",
        "口服液",
        "注射液",
        "滴丸",
        "冲剂",
        "含片",
        "肠溶片",
        "缓释片",
        "分散片",
        "糖浆",
        "滴眼液",
        "滴鼻液",
        "冻干粉针",
    ];
    const SIGNS: &str = "清感咳喘毒瘟痰炎冒热肺";
    let name = title.split(['（', '(', ' ']).next().unwrap_or(title);
    let granules = name.ends_with("颗粒") || name.ends_with('片') && name.chars().count() <= 8;
    name.starts_with("注射用")
        || FORMS.iter().any(|form| name.ends_with(form))
        || granules && name.contains(|c| SIGNS.contains(c))
}

fn is_processing(text: &Text, at: Span) -> bool {
    ["代加工", "代工"].iter().any(|word| text.ends_with(at.end, word))
}

/// A unit the category is counted in makes a quantity surer, one it is not less sure.
fn prefer(found: &mut Found<Quantity>, units: &[String]) {
    let Some(unit) = &found.value.unit_code else { return };
    match units.iter().position(|known| known == unit) {
        Some(place) => found.confidence = (found.confidence + 0.04 / (place as f64 + 1.0)).min(1.0),
        None => found.confidence *= 0.93,
    }
}

/// 50箱 and, further on, 每箱1000只: the pack belongs to the amount.
pub(super) fn combine_packs(quantities: &mut [Found<Quantity>]) {
    let packs: Vec<Quantity> =
        quantities.iter().filter(|found| found.value.amount.is_none()).map(|found| found.value.clone()).collect();
    for pack in packs {
        let fits = |found: &&mut Found<Quantity>| {
            let own = &found.value;
            own.amount.is_some()
                && own.unit_code == pack.unit_code
                && own.units_per_pack.is_none()
                && own.unit_code.is_some()
        };
        if let Some(total) = quantities.iter_mut().find(fits) {
            total.value.units_per_pack = pack.units_per_pack;
            total.value.packed_unit.clone_from(&pack.packed_unit);
            total.value.content = total.value.content.take().or(pack.content);
        }
    }
}

/// 36件 1000ml*16瓶: what stands directly behind a pack and says a content and a container is what the pack holds.
pub(super) fn absorb_packs(text: &Text, quantities: &mut Vec<Found<Quantity>>) {
    let mut index = 1;
    while index < quantities.len() {
        let (outer, inner) = (&quantities[index - 1], &quantities[index]);
        let crate_of_them = text.before(outer.at.end) == Some('件');
        let outside = crate_of_them || matches!(outer.value.unit_code.as_deref(), Some("XCT" | "XCS" | "XPX" | "XBX"));
        let beside = text.skip_spaces(outer.at.end) == inner.at.start && outer.at.end < inner.at.start;
        let holds =
            inner.value.content.is_some() && inner.value.amount.is_some() && inner.value.units_per_pack.is_none();
        let lacks = outer.value.amount.is_some() && outer.value.units_per_pack.is_none();
        if !(outside && beside && holds && lacks && outer.value.unit_code != inner.value.unit_code) {
            index += 1;
            continue;
        }
        let held = quantities.remove(index).value;
        let outer = &mut quantities[index - 1].value;
        (outer.units_per_pack, outer.packed_unit, outer.content) = (held.amount, held.unit_code, held.content);
        if crate_of_them {
            outer.unit_code = Some("XPK".to_owned());
        }
    }
}

/// The surest word decides; the first of equals.
pub(super) fn side(cues: &[Found<Side>]) -> Option<Found<Side>> {
    cues.iter().reduce(|best, next| if next.confidence > best.confidence { next } else { best }).cloned()
}

pub(super) fn is_in(at: Span, range: Span) -> bool {
    range.start <= at.start && at.start < range.end
}

/// Those of `found`, which is in the order of the text, that begin in `range`.
pub(super) fn part<T>(found: &[Found<T>], range: Span) -> &[Found<T>] {
    let first = found.partition_point(|found| found.at.start < range.start);
    let count = found.get(first..).unwrap_or_default().partition_point(|found| found.at.start < range.end);
    found.get(first..first + count).unwrap_or_default()
}

pub(super) fn within<T: Clone>(found: &[Found<T>], range: Span) -> Vec<Found<T>> {
    part(found, range).to_vec()
}
