//! From what a person wrote to the terms of a listing: what was left out is understood or defaulted, and said so.

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::domain::enterprise::Enterprise;
use crate::domain::listing::{DEFAULT_VALIDITY_DAYS, Kind, Terms};
use crate::domain::reference::Reference;
use crate::domain::violation::Violations;
use crate::vocabulary::{Vocabulary, detect_language};

/// A field the program filled in: what it took, how surely (0 to 1), and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    pub field: &'static str,
    pub value: Value,
    pub confidence: f64,
    pub source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::VariantArray, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    /// The words of the title.
    Title,
    Category,
    Enterprise,
    Default,
}

/// Below this a guess at the category is not taken.
const LEAST_CONFIDENCE: f64 = 0.3;

/// What is needed to fill in what a document leaves out.
pub struct Reading<'a> {
    pub reference: &'a Reference,
    pub vocabulary: &'a Vocabulary,
    pub enterprise: &'a Enterprise,
    pub now: DateTime<Utc>,
    /// For what no name of goods is found in: an import says what its file is about.
    pub fallback_kind: Option<Kind>,
}

impl Reading<'_> {
    /// Nothing given explicitly is overridden.
    pub fn complete(&self, mut document: Map<String, Value>) -> Result<(Terms, Vec<Understood>), Violations> {
        let mut understood = Vec::new();
        self.fill_category(&mut document, &mut understood);
        self.fill_kind(&mut document, &mut understood);
        self.fill_unit(&mut document, &mut understood);
        self.fill_place(&mut document, &mut understood);
        self.fill_dates(&mut document, &mut understood);
        document.entry("attributes").or_insert_with(|| json!({}));
        let title = document.get("title").and_then(Value::as_str).unwrap_or_default();
        let language = detect_language(title);
        document.entry("language").or_insert_with(|| language.into());
        let terms = self.read(document)?;
        Ok((terms, understood))
    }

    /// A kind that is neither given nor understood is named together with every other fault: the rest is checked as if
    /// it were a material.
    fn read(&self, mut document: Map<String, Value>) -> Result<Terms, Violations> {
        let kind_is_known = document.contains_key("kind");
        document.entry("kind").or_insert_with(|| <&str>::from(Kind::Material).into());
        let mut terms: Terms = serde_json::from_value(Value::Object(document)).map_err(|error| {
            tracing::error!(%error, "a completed posting does not read as terms");
            Violations::one("", "malformed")
        })?;
        terms.valid_until = terms.valid_until.trunc_subsecs(6);
        if kind_is_known {
            return Ok(terms);
        }
        let mut violations = Violations::one("/kind", "kind_not_understood");
        violations.extend(terms.check(self.reference, self.now, today_at(self.enterprise, self.now)));
        Err(violations)
    }

    fn fill_category(&self, document: &mut Map<String, Value>, understood: &mut Vec<Understood>) {
        if document.contains_key("category") {
            return;
        }
        let kind = document.get("kind").and_then(Value::as_str).map(str::to_owned);
        let of_kind = |code: &String| {
            self.reference
                .categories
                .get(code)
                .is_some_and(|c| kind.as_deref().is_none_or(|kind| <&str>::from(c.kind) == kind))
        };
        let title = document.get("title").and_then(Value::as_str).unwrap_or_default();
        let best = self
            .vocabulary
            .categories_in(title)
            .into_iter()
            .find(|(code, sure)| *sure >= LEAST_CONFIDENCE && of_kind(code));
        if let Some((code, confidence)) = best {
            take(document, understood, "category", code.into(), confidence, Source::Title);
        }
    }

    fn fill_kind(&self, document: &mut Map<String, Value>, understood: &mut Vec<Understood>) {
        if document.contains_key("kind") {
            return;
        }
        let code = document.get("category").and_then(Value::as_str);
        let Some(category) = code.and_then(|code| self.reference.categories.get(code)) else {
            if let Some(kind) = self.fallback_kind {
                take(document, understood, "kind", <&str>::from(kind).into(), 0.0, Source::Default);
            }
            return;
        };
        let given = understood.iter().find(|u| u.field == "category").map(|u| u.confidence);
        take(document, understood, "kind", <&str>::from(category.kind).into(), given.unwrap_or(1.0), Source::Category);
    }

    /// The category's usual unit, where something is counted.
    fn fill_unit(&self, document: &mut Map<String, Value>, understood: &mut Vec<Understood>) {
        let counted =
            ["quantity", "price", "max_price", "min_order_quantity"].iter().any(|field| document.contains_key(*field));
        if document.contains_key("unit_code") || !counted {
            return;
        }
        let code = document.get("category").and_then(Value::as_str);
        let usual =
            code.and_then(|code| self.reference.categories.get(code)).and_then(|category| category.units.first());
        if let Some(unit) = usual {
            take(document, understood, "unit_code", unit.as_str().into(), 0.8, Source::Category);
        }
    }

    fn fill_place(&self, document: &mut Map<String, Value>, understood: &mut Vec<Understood>) {
        if document.contains_key("region_code") || document.contains_key("location") {
            return;
        }
        let profile = &self.enterprise.profile;
        if let Some(region) = &profile.region_code {
            take(document, understood, "region_code", region.as_str().into(), 1.0, Source::Enterprise);
        }
        if let Some(point) = profile.location {
            take(document, understood, "location", json!(point), 1.0, Source::Enterprise);
        }
    }

    fn fill_dates(&self, document: &mut Map<String, Value>, understood: &mut Vec<Understood>) {
        if !document.contains_key("valid_until") {
            let end = self.now + TimeDelta::days(DEFAULT_VALIDITY_DAYS);
            let end = end.to_rfc3339_opts(SecondsFormat::Secs, true);
            take(document, understood, "valid_until", end.into(), 1.0, Source::Default);
        }
        let rate = document.get("quantity_basis").and_then(Value::as_str).is_some_and(|basis| basis != "total");
        if rate && document.contains_key("quantity") && !document.contains_key("delivery_period") {
            let start = today_at(self.enterprise, self.now);
            let end = start + Days::new(DEFAULT_VALIDITY_DAYS.unsigned_abs() - 1);
            take(document, understood, "delivery_period", json!({ "start": start, "end": end }), 0.5, Source::Default);
        }
    }
}

/// The date where the enterprise is.
pub fn today_at(enterprise: &Enterprise, now: DateTime<Utc>) -> NaiveDate {
    let named = enterprise.profile.time_zone.as_deref().and_then(|name| name.parse::<chrono_tz::Tz>().ok());
    let default = if enterprise.profile.country == "CN" { chrono_tz::Asia::Shanghai } else { chrono_tz::UTC };
    now.with_timezone(&named.unwrap_or(default)).date_naive()
}

fn take(
    document: &mut Map<String, Value>,
    understood: &mut Vec<Understood>,
    field: &'static str,
    value: Value,
    confidence: f64,
    source: Source,
) {
    document.insert(field.to_owned(), value.clone());
    understood.push(Understood { field, value, confidence, source });
}
