//! Reference data on the wire: the domain's own shapes, with their schemas.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::category::{Category, Names};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::domain::region::Region;
use crate::domain::unit::Unit;

mod classes;

pub use classes::{ClassList, CurrencyList, StandardList};

/// A text in both languages.
#[derive(ToSchema)]
#[schema(example = json!({"zh-CN": "医用外科口罩", "en": "Surgical mask"}))]
#[allow(dead_code)]
pub struct Labels {
    #[schema(rename = "zh-CN", max_length = 400)]
    zh: String,
    #[schema(max_length = 400)]
    en: String,
}

#[derive(ToSchema)]
#[schema(as = Category, example = json!({"code": "ppe.mask.surgical", "parent": "ppe.mask", "kind": "ppe",
    "names": {"zh-CN": "医用外科口罩", "en": "Surgical mask"}, "aliases": ["外科口罩"], "units": ["H87"], "standards": ["YY 0469"], "substitutes": []}))]
#[allow(dead_code)]
pub struct CategorySchema {
    #[schema(max_length = 100)]
    code: String,
    #[schema(required = true, max_length = 100)]
    parent: Option<String>,
    /// Categories of the same kind that it is a variety of, too: reinforcing bar is steel. Absent: none.
    #[schema(required = false, max_items = 50, max_length = 100)]
    also_within: Vec<String>,
    kind: Kind,
    names: Labels,
    #[schema(max_items = 500, max_length = 200)]
    aliases: Vec<String>,
    /// Allowed units, the default first.
    #[schema(max_items = 50, max_length = 3)]
    units: Vec<String>,
    /// Designations without edition.
    #[schema(max_items = 50, max_length = 100)]
    standards: Vec<String>,
    /// What may stand in for it.
    #[schema(max_items = 50)]
    substitutes: Vec<SubstituteSchema>,
    /// Of one piece.
    goods_mass_kg: Option<Decimal>,
    /// Where published classifications put it. Absent: nowhere that is known.
    #[schema(required = false, max_items = 50)]
    references: Vec<ReferenceSchema>,
    /// What the law asks of whoever lists it. Each category states its own: nothing is inherited. Absent: nothing that is known.
    #[schema(required = false, max_items = 50)]
    requires: Vec<RequirementSchema>,
    /// The last day the code was in force; absent: it still is, unless `retired_at` says otherwise.
    valid_to: Option<NaiveDate>,
    #[schema(max_length = 100)]
    replaced_by: Option<String>,
    /// When the code was taken out of the list served here.
    retired_at: Option<DateTime<Utc>>,
}

/// A code of a published classification that covers the category, exactly or broadly.
#[derive(ToSchema)]
#[schema(as = CategoryReference, example = json!({"scheme": "hs2022", "code": "6307.90"}))]
#[allow(dead_code)]
pub struct ReferenceSchema {
    /// `hs2022`, `gbt4754_2017` or `isco08`.
    #[schema(max_length = 40)]
    scheme: String,
    #[schema(max_length = 20)]
    code: String,
}

/// A credential that the law requires of one side of a listing.
#[derive(ToSchema)]
#[schema(as = CategoryRequirement, example = json!({"scheme": "medical_device_registration", "side": "offer",
    "source": "《医疗器械监督管理条例》（国务院令第739号）第十三条", "date": "2021-06-01"}))]
#[allow(dead_code)]
pub struct RequirementSchema {
    /// The scheme of the credential, such as `medical_device_registration`.
    #[schema(max_length = 100)]
    scheme: String,
    side: Side,
    /// The provision it follows from, in Chinese; after a colon, what it is limited to.
    #[schema(max_length = 400)]
    source: String,
    /// Since when that provision has been in force, or the amendment of it that is cited.
    date: NaiveDate,
}

#[derive(ToSchema)]
#[schema(as = Substitute)]
#[allow(dead_code)]
pub struct SubstituteSchema {
    #[schema(max_length = 100)]
    code: String,
    /// Units of the substitute for one unit asked for.
    ratio: Decimal,
    condition: Option<Labels>,
}

#[derive(ToSchema)]
#[schema(as = Region, example = json!({"code": "410305", "names": {"zh-CN": "涧西区", "en": "Jianxi District"}, "level": 3, "parent": "410300",
    "location": {"type": "Point", "coordinates": [112.39, 34.65]}}))]
#[allow(dead_code)]
pub struct RegionSchema {
    #[schema(max_length = 12)]
    code: String,
    names: Labels,
    /// 1 province, 2 prefecture, 3 county.
    #[schema(minimum = 1, maximum = 3)]
    level: u8,
    #[schema(required = true, max_length = 12)]
    parent: Option<String>,
    #[schema(required = true)]
    location: Option<Point>,
    /// The last day the code was in force; absent: it still is, unless `retired_at` says otherwise.
    valid_to: Option<NaiveDate>,
    #[schema(max_length = 12)]
    replaced_by: Option<String>,
    /// When the code was taken out of the list served here.
    retired_at: Option<DateTime<Utc>>,
}

#[derive(ToSchema)]
#[schema(as = Unit, example = json!({"code": "H87", "dimension": "count", "numerator": 1, "denominator": 1,
    "names": {"zh-CN": "个", "en": "piece"}, "aliases": ["只", "件"], "measure_words": [{"word": "枝", "numerator": 1, "denominator": 1}]}))]
#[allow(dead_code)]
pub struct UnitSchema {
    #[schema(max_length = 3)]
    code: String,
    /// Units convert inside a dimension; packs through the pieces in one pack.
    #[schema(max_length = 40)]
    dimension: String,
    /// `numerator / denominator` base units in one unit.
    #[schema(minimum = 1)]
    numerator: i64,
    #[schema(minimum = 1)]
    denominator: i64,
    names: Labels,
    #[schema(max_items = 200, max_length = 200)]
    aliases: Vec<String>,
    /// Further words for it, or for an exact share or multiple of it.
    #[schema(max_items = 200)]
    measure_words: Vec<MeasureWordSchema>,
    /// The last day the code was in force; absent: it still is, unless `retired_at` says otherwise.
    valid_to: Option<NaiveDate>,
    #[schema(max_length = 3)]
    replaced_by: Option<String>,
    /// When the code was taken out of the list served here.
    retired_at: Option<DateTime<Utc>>,
}

/// One `word` is `numerator / denominator` of the unit.
#[derive(ToSchema)]
#[schema(as = MeasureWord, example = json!({"word": "斤", "numerator": 1, "denominator": 2}))]
#[allow(dead_code)]
pub struct MeasureWordSchema {
    #[schema(max_length = 200)]
    word: String,
    #[schema(minimum = 1)]
    numerator: i64,
    #[schema(minimum = 1)]
    denominator: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Category"}]}))]
pub struct CategoryList {
    #[schema(value_type = Vec<CategorySchema>, max_items = 10000)]
    pub items: Vec<Category>,
}

/// A category somebody typing may mean.
#[derive(Serialize, ToSchema)]
#[schema(as = CategorySuggestion, example = json!({"code": "ppe.mask", "names": {"zh-CN": "口罩", "en": "Face mask"}, "confidence": 0.8}))]
pub struct Suggestion {
    #[schema(max_length = 100)]
    pub code: String,
    #[schema(value_type = Labels)]
    pub names: Names,
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "CategorySuggestion"}]}))]
pub struct SuggestionList {
    #[schema(max_items = 50)]
    pub items: Vec<Suggestion>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Region"}]}))]
pub struct RegionList {
    #[schema(value_type = Vec<RegionSchema>, max_items = 10000)]
    pub items: Vec<Region>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Unit"}]}))]
pub struct UnitList {
    #[schema(value_type = Vec<UnitSchema>, max_items = 10000)]
    pub items: Vec<Unit>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "CodeList"}]}))]
pub struct CodeLists {
    #[schema(max_items = 200)]
    pub items: Vec<super::codes::CodeList>,
}
