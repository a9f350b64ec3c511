//! What would have to be otherwise: the smallest change of one term with a stated effect.
//!
//! A counterfactual is what changing one field of one listing would do, all else equal, under the same policy,
//! statistics and hour: make a near miss a match, or move a match up. It is found by trying: values go outward on a grid
//! of sensible units (a minor unit of the currency, a day, a kilometre, a unit of quantity), the changed listing is
//! checked and scored, and its rank counted anew. One step less has not the effect.

mod document;
mod grid;
mod kinds;
mod levers;
mod moves;
mod what_if;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::check::Value;

pub use what_if::WhatIf;

/// Counterfactuals of one match or near miss, at most.
const MOST: usize = 4;

/// Whose listing would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Whose {
    Own,
    Theirs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CounterfactualCode {
    /// A near miss would be a match.
    WouldMatch,
    /// A match would stand higher.
    WouldRankHigher,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Counterfactual {
    pub code: CounterfactualCode,
    pub whose: Whose,
    /// JSON pointer into that listing.
    pub field: String,
    /// The name of the specification it belongs to.
    pub about: Option<String>,
    /// As the field stands in the listing; `None` where it is absent.
    pub from: Option<Json>,
    /// `None`: the field is left out.
    pub to: Option<Json>,
    /// The same with their units, for people.
    pub shown_from: Option<Value>,
    pub shown_to: Option<Value>,
    /// Among the matches, the best being 1; `None` beyond the most that are shown.
    pub rank: Option<usize>,
    pub score: u32,
}
