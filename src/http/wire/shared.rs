//! Schemas of domain values that serialise as they are.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::decimal;
use crate::domain::place;

impl PartialSchema for decimal::Decimal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .pattern(Some(decimal::PATTERN))
            .max_length(Some(20))
            .examples(["2000"])
            .description(Some("An exact decimal ≥ 0 with at most six decimals, as a string."))
            .into()
    }
}

impl ToSchema for decimal::Decimal {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Decimal")
    }
}

/// A GeoJSON point: `[longitude, latitude]` in WGS-84.
#[derive(ToSchema)]
#[schema(as = Point, example = json!({"type": "Point", "coordinates": [112.4539, 34.6197]}))]
#[allow(dead_code)]
pub struct PointSchema {
    #[schema(inline)]
    r#type: PointType,
    #[schema(min_items = 2, max_items = 2, minimum = -180, maximum = 180)]
    coordinates: Vec<f64>,
}

#[derive(ToSchema)]
#[allow(dead_code)]
enum PointType {
    Point,
}

impl PartialSchema for place::Point {
    fn schema() -> RefOr<Schema> {
        PointSchema::schema()
    }
}

impl ToSchema for place::Point {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Point")
    }
}
