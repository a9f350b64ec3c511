//! Currencies, industries, occupations and standards on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Labels;
use crate::domain::attributes::UseClass;
use crate::domain::classification::Class;
use crate::domain::currency::Currency;
use crate::domain::standard::Standard;

#[derive(ToSchema)]
#[schema(as = Currency, example = json!({"code": "CNY", "numeric": "156", "minor_units": 2, "names": {"zh-CN": "人民币", "en": "Chinese Yuan"}}))]
#[allow(dead_code)]
pub struct CurrencySchema {
    #[schema(pattern = "^[A-Z]{3}$", max_length = 3)]
    code: String,
    #[schema(max_length = 3)]
    numeric: String,
    /// Decimals of the smallest unit; null where there is none, as of metals.
    #[schema(required = true, minimum = 0, maximum = 9)]
    minor_units: Option<u8>,
    names: Labels,
    /// The last day the code was in force; absent: it still is, unless `retired_at` says otherwise.
    valid_to: Option<NaiveDate>,
    #[schema(max_length = 3)]
    replaced_by: Option<String>,
    /// When the code was taken out of the list served here.
    retired_at: Option<DateTime<Utc>>,
}

#[derive(ToSchema)]
#[schema(as = Class, example = json!({"code": "35", "names": {"zh-CN": "专用设备制造业", "en": "Manufacture of special-purpose machinery"},
    "level": 2, "parent": "C"}))]
#[allow(dead_code)]
pub struct ClassSchema {
    #[schema(max_length = 4)]
    code: String,
    names: Labels,
    /// 1 is the broadest.
    #[schema(minimum = 1, maximum = 4)]
    level: u8,
    #[schema(required = true, max_length = 4)]
    parent: Option<String>,
    /// Further names it is found by. Absent: none.
    #[schema(required = false, max_items = 500, max_length = 200)]
    aliases: Vec<String>,
    /// The last day the code was in force; absent: it still is, unless `retired_at` says otherwise.
    valid_to: Option<NaiveDate>,
    #[schema(max_length = 4)]
    replaced_by: Option<String>,
    /// When the code was taken out of the list served here.
    retired_at: Option<DateTime<Utc>>,
}

#[derive(ToSchema)]
#[schema(as = Standard, example = json!({"designation": "GB 2626", "title": {"zh-CN": "呼吸防护 自吸过滤式防颗粒物呼吸器", "en": "Particulate respirators"},
    "use_class": "occupational", "level": "KN95", "editions": [{"year": 2019, "superseded_by": null, "in_force_from": "2020-07-01", "in_force_until": null}],
    "satisfies": [{"designation": "GB/T 32610", "level": null, "source": null}], "spellings": ["GB2626"]}))]
#[allow(dead_code)]
pub struct StandardSchema {
    /// Without edition; unique together with `level`.
    #[schema(max_length = 100)]
    designation: String,
    title: Labels,
    use_class: UseClass,
    /// A class within the standard; null: the standard in general.
    #[schema(required = true, max_length = 40)]
    level: Option<String>,
    #[schema(max_items = 50)]
    editions: Vec<EditionSchema>,
    /// Standards whose goods may be replaced by goods to this one.
    #[schema(max_items = 100)]
    satisfies: Vec<SatisfiesSchema>,
    #[schema(max_items = 100, max_length = 200)]
    spellings: Vec<String>,
    /// The last day the code was in force; absent: it still is, unless `retired_at` says otherwise.
    valid_to: Option<NaiveDate>,
    #[schema(max_length = 100)]
    replaced_by: Option<String>,
    /// When the standard was taken out of the list served here.
    retired_at: Option<DateTime<Utc>>,
}

#[derive(ToSchema)]
#[schema(as = StandardEdition)]
#[allow(dead_code)]
pub struct EditionSchema {
    #[schema(minimum = 1900, maximum = 2100)]
    year: u16,
    #[schema(required = true, minimum = 1900, maximum = 2100)]
    superseded_by: Option<u16>,
    #[schema(required = true)]
    in_force_from: Option<NaiveDate>,
    #[schema(required = true)]
    in_force_until: Option<NaiveDate>,
}

#[derive(ToSchema)]
#[schema(as = SatisfiedStandard)]
#[allow(dead_code)]
pub struct SatisfiesSchema {
    #[schema(max_length = 100)]
    designation: String,
    /// Null: the standard in general.
    #[schema(required = true, max_length = 40)]
    level: Option<String>,
    /// On what the judgement rests.
    #[schema(required = true, max_length = 400)]
    source: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Currency"}]}))]
pub struct CurrencyList {
    #[schema(value_type = Vec<CurrencySchema>, max_items = 10000)]
    pub items: Vec<Currency>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Class"}]}))]
pub struct ClassList {
    #[schema(value_type = Vec<ClassSchema>, max_items = 10000)]
    pub items: Vec<Class>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Standard"}]}))]
pub struct StandardList {
    #[schema(value_type = Vec<StandardSchema>, max_items = 10000)]
    pub items: Vec<Standard>,
}
