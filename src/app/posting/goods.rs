//! What it is and how much: category, kind, quantity with its unit and pack, standard.

use serde_json::{Value, json};

use super::completion::{Completion, Reader};
use super::{Aspect, Source};
use crate::domain::category::Category;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use crate::domain::listing_check::unit_fits;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::{Measure, Pack, Unit};
use crate::vocabulary::understanding::{Quantity, Understood as Said};

impl Completion<'_> {
    pub fn fill_category(&mut self) {
        if !self.lacks("category") {
            return;
        }
        let (kind, categories) = (self.kind(), &self.reading.knowledge.reference.categories);
        let of_kind = |code: &str| categories.get(code).is_some_and(|c| kind.is_none_or(|kind| c.kind == kind));
        let title = self.written.iter().find_map(|written| written.of(Aspect::Category));
        let best = self.written.iter().find_map(|written| {
            let mut found = written.of(Aspect::Category)?.categories.iter();
            let found = found.find(|found| of_kind(&found.value))?;
            if written.source() == Source::Description && title.is_some_and(|title| self.is_aside(title, &found.value))
            {
                return None;
            }
            let sure = written.confidence(found);
            (sure >= written.least_confidence()).then_some((found, sure, written))
        });
        if let Some((found, sure, written)) = best {
            let code = self.sibling_by_standard(&found.value, written.said()).unwrap_or(&found.value).into();
            self.put("category", code, sure, written.source(), Some(written.passage(found)));
        }
    }

    /// Whether a category of the description is of another kind than what the title names: what is used with it, or for what.
    fn is_aside(&self, title: &Said, code: &str) -> bool {
        let categories = &self.reading.knowledge.reference.categories;
        let kind = title.kind.as_ref().map(|found| found.value);
        let named = title.categories.iter().any(|found| categories.is_within(code, &found.value));
        !title.categories.is_empty() && !named && categories.get(code).map(|category| category.kind) != kind
    }

    /// N95口罩（GB 19083）: the category beside the one named that the standard is of, where it is not of that itself.
    fn sibling_by_standard<'s>(&'s self, code: &'s str, said: &Said) -> Option<&'s str> {
        let categories = &self.reading.knowledge.reference.categories;
        let named = categories.get(code)?;
        let dated = said.standards.iter().filter(|found| found.value.year.is_some());
        let designations: Vec<&String> = dated.map(|found| &found.value.designation).collect();
        let of = |category: &Category| category.standards.iter().any(|standard| designations.contains(&standard));
        if designations.is_empty() || of(named) {
            return None;
        }
        let all = categories.all();
        let mut siblings = all.into_iter().filter(|other| other.parent == named.parent && of(other));
        let first = siblings.next()?;
        siblings.next().is_none().then_some(first.code.as_str())
    }

    pub fn fill_kind(&mut self) {
        if !self.lacks("kind") {
            return;
        }
        match self.category() {
            Some(category) => {
                let (kind, sure) = (<&str>::from(category.kind), self.confidence_of("category"));
                self.take("kind", kind.into(), sure, Source::Category);
            }
            None => self.guess_kind(),
        }
    }

    /// What is too unsure to be the category still tells the kind mostly right, and a wrong one is told and easily put right.
    fn guess_kind(&mut self) {
        let guess =
            self.written.iter().find_map(|written| Some((written.of(Aspect::Category)?.kind.as_ref()?, written)));
        if let Some((found, written)) = guess {
            let kind = <&str>::from(found.value).into();
            self.put("kind", kind, written.confidence(found), written.source(), Some(written.passage(found)));
        } else if let Some(kind) = self.reading.fallback_kind {
            self.take("kind", <&str>::from(kind).into(), 0.0, Source::Default);
        }
    }

    pub fn fill_quantity(&mut self) {
        if let Some(found) = self.first(Aspect::Quantity, Said::quantity) {
            self.fill_amount(&found);
            self.fill_pack(&found);
            self.fill_content(&found);
        }
        if let Some(found) = self.first(Aspect::Quantity, Said::min_order) {
            if let Some(unit) = found.value.unit_code.as_deref().filter(|unit| self.fits(unit, None)).map(str::to_owned)
                && self.side() == Some(Side::Offer)
                && self.lacks("unit_code")
            {
                self.read("unit_code", unit.into(), &found);
            }
            let same_unit = found.value.unit_code.as_deref().is_none_or(|unit| self.text("unit_code") == Some(unit));
            if let Some(amount) = found.value.amount
                && self.side() == Some(Side::Offer)
                && self.lacks("min_order_quantity")
                && same_unit
            {
                self.read("min_order_quantity", amount.to_string().into(), &found);
            }
        }
    }

    /// Amount and unit go together: where only one of them is given, the other is taken if the text agrees with it.
    fn fill_amount(&mut self, found: &Reader<Quantity>) {
        let said = &found.value;
        let Some(amount) = said.amount.filter(|amount| !amount.is_zero()) else { return };
        let given = self.text("quantity").and_then(|text| text.parse::<Decimal>().ok());
        let unit = said.unit_code.as_deref().and_then(|unit| self.counted_in(unit, pack(said)));
        let unit_agrees = match (self.text("unit_code"), unit) {
            (Some(given), Some(said)) => given == said,
            (Some(_), None) => said.unit_code.is_none(),
            (None, Some(_)) => true,
            // 15万 of a patent, 1000万 of a loan are money.
            (None, None) => {
                let usual = self.category().and_then(|category| category.units.first());
                said.unit_code.is_none() && usual.is_some_and(|unit| unit != "C62")
            }
        };
        if !unit_agrees || given.is_some_and(|given| given != amount) {
            return;
        }
        if let Some(unit) = unit.filter(|_| self.lacks("unit_code")) {
            self.read("unit_code", unit.into(), found);
        }
        if given.is_none() {
            self.read("quantity", amount.to_string().into(), found);
            if said.basis != QuantityBasis::Total && self.lacks("quantity_basis") {
                self.read("quantity_basis", <&str>::from(said.basis).into(), found);
            }
        }
    }

    /// The unit itself, where the category can be counted in it. Pieces stand for what the category counts instead: 2辆 of
    /// transport are vehicles, 30个 of lodging rooms.
    fn counted_in<'u>(&'u self, unit: &'u str, pack: Option<Pack<'_>>) -> Option<&'u str> {
        if self.fits(unit, pack) {
            return Some(unit);
        }
        let units = &self.reading.knowledge.reference.units;
        let own = self.category().filter(|_| unit == PIECE)?.units.iter().map(String::as_str);
        own.clone().find(|code| units.get(code).is_some_and(|unit| COUNTED.contains(&unit.dimension.as_str())))
    }

    /// Of the unit the listing counts in: 箱（每箱 2000 只）, 桶（25 公斤）.
    fn fill_pack(&mut self, found: &Reader<Quantity>) {
        let said = &found.value;
        let units = &self.reading.knowledge.reference.units;
        let is_pack = said.unit_code.as_deref().and_then(|code| units.get(code)).is_some_and(Unit::is_pack);
        if !is_pack || !self.lacks("units_per_pack") || said.unit_code.as_deref() != self.text("unit_code") {
            return;
        }
        let Some(Pack { quantity, unit }) = pack(said) else { return };
        self.read("units_per_pack", quantity.to_string().into(), found);
        if let Some(unit) = unit.filter(|_| self.lacks("packed_unit_code")) {
            self.read("packed_unit_code", unit.into(), found);
        }
    }

    /// 500 ml a bottle, of what is offered.
    fn fill_content(&mut self, found: &Reader<Quantity>) {
        let Some(content) = &found.value.content else { return };
        // What stands there already as the content of the pack.
        let told = self.text("packed_unit_code") == Some(&content.unit_code);
        if told || self.side() != Some(Side::Offer) || !self.lacks("specs") {
            return;
        }
        let units = &self.reading.knowledge.reference.units;
        let symbol = units.get(&content.unit_code).and_then(|unit| unit.aliases.iter().find(|alias| alias.is_ascii()));
        let unit = symbol.map_or(content.unit_code.as_str(), String::as_str);
        let spec = json!([{ "name": "净含量", "value": content.amount.to_string(), "unit": unit }]);
        self.read("specs", spec, found);
    }

    /// What one of the listing's packs holds, as far as it is known by now.
    pub(super) fn pack(&self) -> Option<Pack<'_>> {
        let quantity = self.text("units_per_pack")?.parse().ok()?;
        Some(Pack { quantity, unit: self.text("packed_unit_code") })
    }

    pub(super) fn fits(&self, unit: &str, pack: Option<Pack<'_>>) -> bool {
        let reference = &self.reading.knowledge.reference;
        reference.units.get(unit).is_some() && unit_fits(reference, self.text("category"), Measure { unit, pack })
    }

    /// The category's usual unit, where something is counted.
    pub fn fill_usual_unit(&mut self) {
        let counted = ["quantity", "price", "max_price", "min_order_quantity"].iter().any(|field| !self.lacks(field));
        if !self.lacks("unit_code") || !counted {
            return;
        }
        if let Some(unit) = self.category().and_then(|category| category.units.first()) {
            self.take("unit_code", unit.as_str().into(), 0.8, Source::Category);
        }
    }

    pub fn fill_standard(&mut self) {
        if self.kind() != Some(Kind::Ppe) || !self.lacks("attributes.standard") {
            return;
        }
        // N95口罩 names the goods, and no standard they were tested to.
        let named = |level: &Option<String>| matches!(level.as_deref(), Some("N95" | "KN95"));
        let found = self.first(Aspect::Standard, |said| {
            let tested = said.standards.iter().filter(|found| !named(&found.value.level) || found.value.year.is_some());
            tested.reduce(|best, next| if next.confidence > best.confidence { next } else { best })
        });
        if let Some(found) = found {
            let standard = Value::from(found.value.written());
            self.read("attributes.standard", standard, &found);
        }
    }
}

/// What a pack holds by these words: the number of what is in it, else how much. Pieces are not named.
fn pack(said: &Quantity) -> Option<Pack<'_>> {
    let held = said.units_per_pack.map(|quantity| Pack { quantity, unit: said.packed_unit.as_deref() });
    let content = said.content.as_ref().map(|held| Pack { quantity: held.amount, unit: Some(&held.unit_code) });
    held.or(content).map(|pack| Pack { unit: pack.unit.filter(|unit| *unit != PIECE), ..pack })
}

/// Dimensions whose units are counted one by one.
const COUNTED: [&str; 5] = ["vehicle", "room", "person", "trip", "test"];

/// The unit code of pieces.
const PIECE: &str = "H87";
