//! What can be asked, and the shape of the answer.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::{Facets, SearchKey};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::vocabulary::TextProfile;

/// Everything optional narrows; nothing set finds all that is public.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchQuery {
    /// The profile of `q`, from `Vocabulary::profile(q, None)`.
    pub text: Option<TextProfile>,
    pub side: Option<Side>,
    pub kind: Option<Kind>,
    /// With all below it.
    pub category: Option<String>,
    /// With all below it.
    pub region_code: Option<String>,
    pub near: Option<Point>,
    /// Only together with `near`; a listing of unknown place is then left out.
    pub radius_km: Option<f64>,
    /// Against an offer's price or a need's cap as stated, per its own unit (pay: for a worker's day); a listing without either is left out.
    pub price_max: Option<Decimal>,
    /// Of `price_max`, and of the order by price; CNY where absent.
    pub currency: Option<String>,
    /// Offers available on that day; those that do not say are kept. Does not touch needs.
    pub available_by: Option<NaiveDate>,
    pub enterprise_id: Option<Uuid>,
    pub viewer: Viewer,
    pub sort: SearchSort,
    /// Count what the filters leave, by kind, side, category and province.
    pub facets: bool,
    pub after: Option<SearchKey>,
    pub limit: usize,
}

/// Who is looking; the default is anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    pub enterprises: Vec<Uuid>,
    /// One of them is verified.
    pub verified: bool,
}

#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SearchSort {
    /// How much of the words asked for is there; without words, newest first.
    #[default]
    Relevance,
    Newest,
    /// Cheapest first, without price last.
    Price,
    /// Nearest first, of unknown place last; without `near`, newest first.
    Distance,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage {
    pub items: Vec<SearchHit>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<SearchKey>,
    pub facets: Option<Facets>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    pub id: Uuid,
    pub relevance: Option<f64>,
    pub distance_km: Option<f64>,
    pub key: SearchKey,
}
