//! Places: full addresses, short forms (洛阳, 武汉江汉), abbreviations (鄂, 豫), old names, English and pinyin.

mod gazetteer;
mod names;
mod resolve;
mod role;
mod scan;

use serde::Serialize;

pub(super) use gazetteer::Gazetteer;

use super::Found;
use super::source::Text;

/// A region named in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceNamed {
    /// Of a region in force.
    pub region_code: String,
    /// The code the text names, where that one is retired.
    pub retired_code: Option<String>,
    /// With the street and number, where the text goes on to them.
    pub address: Option<String>,
    pub role: PlaceRole,
}

/// What happens at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceRole {
    #[default]
    Unstated,
    /// 送到, 发往.
    Delivery,
    /// 从, 产地, 自提.
    Origin,
}

pub(super) fn all(text: &Text, gazetteer: &Gazetteer, hint: Option<&str>) -> Vec<Found<PlaceNamed>> {
    let mentions = scan::mentions(text, gazetteer);
    let chains = resolve::chains(text, gazetteer, &mentions, hint);
    role::assign(text, chains)
}
