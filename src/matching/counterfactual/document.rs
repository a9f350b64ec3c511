//! A listing's terms as the document they are, to change one field of.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::domain::decimal::Decimal;
use crate::domain::listing::Terms;
use crate::matching::check::Value;
use crate::matching::context::Context;
use crate::matching::item::Item;

#[derive(Debug)]
pub(super) struct Document<'a> {
    pub item: &'a Item,
    json: Json,
}

impl<'a> Document<'a> {
    pub fn of(item: &'a Item) -> Self {
        Self { item, json: serde_json::to_value(&*item.terms).unwrap_or_default() }
    }

    pub fn get(&self, pointer: &str) -> Option<&Json> {
        self.json.pointer(pointer).filter(|value| !value.is_null())
    }

    pub fn decimal(&self, pointer: &str) -> Option<Decimal> {
        self.get(pointer)?.as_str()?.parse().ok()
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// Every value below `/attributes` that is no object and no list of them, by its pointer.
    pub fn attributes(&self) -> Vec<String> {
        let mut found = Vec::new();
        leaves("/attributes", self.json.pointer("/attributes").unwrap_or(&Json::Null), &mut found);
        found
    }

    /// The listing with that field changed, or left out; `None` where that is no listing. What is held of the quantity
    /// stays held.
    pub fn with(&self, pointer: &str, to: Option<&Json>) -> Option<Item> {
        let (parent, name) = pointer.rsplit_once('/')?;
        let mut json = self.json.clone();
        match (json.pointer_mut(parent)?, to) {
            (Json::Object(fields), Some(value)) => drop(fields.insert(name.to_owned(), value.clone())),
            (Json::Object(fields), None) => drop(fields.remove(name)),
            (Json::Array(values), Some(value)) => *values.get_mut(name.parse::<usize>().ok()?)? = value.clone(),
            _ => return None,
        }
        let terms: Terms = serde_json::from_value(json).ok()?;
        let remaining = match (self.item.remaining, self.item.terms.quantity, terms.quantity) {
            (Some(left), Some(before), Some(now)) if before != now => {
                let held = before.millionths().saturating_sub(left.millionths());
                Some(Decimal::from_millionths(now.millionths().checked_sub(held)?)?)
            }
            (left, ..) => left,
        };
        Some(Item { terms: Arc::new(terms), remaining, ..self.item.clone() })
    }

    /// Whether the changed listing could be posted as well as this one can: it breaks no rule this one keeps.
    pub fn may_become(&self, changed: &Item, ctx: &Context<'_>) -> bool {
        let faults = |item: &Item| -> BTreeSet<(String, &'static str)> {
            let found = item.terms.check(ctx.reference, ctx.now, ctx.today());
            found.iter().map(|fault| (fault.pointer.clone(), fault.code)).collect()
        };
        faults(changed).is_subset(&faults(self.item))
    }

    /// A value of that field with its unit.
    pub fn shown(&self, pointer: &str, value: Option<&Json>) -> Option<Value> {
        let value = value?;
        let number = || value.as_str().and_then(|text| text.parse::<Decimal>().ok());
        let unit = |pointer: &str| self.text(pointer).unwrap_or_default().to_owned();
        let name = pointer.rsplit('/').next().unwrap_or_default();
        Some(match (name, value) {
            ("amount", Json::String(text)) => {
                let parent = pointer.strip_suffix("/amount").unwrap_or(pointer);
                let per = self.text(&format!("{parent}/per")).map_or_else(|| unit("/unit_code"), str::to_owned);
                match number() {
                    Some(amount) => Value::Money { amount, currency: unit(&format!("{parent}/currency")), per },
                    None => Value::text(text),
                }
            }
            ("minimum_amount", Json::String(text)) => match number() {
                Some(amount) => {
                    Value::Money { amount, currency: unit("/attributes/amount/currency"), per: String::new() }
                }
                None => Value::text(text),
            },
            ("quantity" | "min_order_quantity" | "capacity_per_day", Json::String(text)) => match number() {
                Some(amount) => Value::Quantity { amount, unit: unit("/unit_code") },
                None => Value::text(text),
            },
            ("min", Json::String(_)) => Value::Range { min: number(), max: None, unit: self.unit_beside(pointer) },
            ("max", Json::String(_)) => Value::Range { min: None, max: number(), unit: self.unit_beside(pointer) },
            ("service_radius_km" | "commute_limit_km" | "max_detour_km", Json::Number(km)) => {
                Value::Kilometres(km.as_f64()?)
            }
            ("lead_time_days", Json::Number(days)) => Value::Days(days.as_f64()?),
            (_, Json::String(text)) => text.parse().map_or_else(|_| Value::text(text), Value::Date),
            (_, Json::Bool(yes)) => Value::Yes(*yes),
            (_, Json::Array(list)) => Value::List(
                list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect(),
            ),
            (_, other) => Value::text(other.to_string()),
        })
    }

    /// The name of the specification a field belongs to.
    pub fn specification(&self, pointer: &str) -> Option<String> {
        let (parent, _) = pointer.starts_with("/specs/").then(|| pointer.rsplit_once('/'))??;
        self.text(&format!("{parent}/name")).map(str::to_owned)
    }

    fn unit_beside(&self, pointer: &str) -> Option<String> {
        let (parent, _) = pointer.rsplit_once('/')?;
        self.text(&format!("{parent}/unit")).map(str::to_owned)
    }
}

fn leaves(pointer: &str, value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(&format!("{pointer}/{name}"), value, found))
        }
        Json::Null => {}
        Json::Array(list) if list.iter().any(Json::is_object) => {}
        _ => found.push(pointer.to_owned()),
    }
}
