//! Schemas of domain values that serialise as they are.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::decimal;
use crate::domain::place;

impl PartialSchema for decimal::Decimal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .pattern(Some(decimal::PATTERN))
            .format(Some(SchemaFormat::Custom(decimal::FORMAT.to_owned())))
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

/// A GeoJSON point; longitude and latitude have bounds of their own.
impl PartialSchema for place::Point {
    fn schema() -> RefOr<Schema> {
        let number = || ObjectBuilder::new().schema_type(SchemaType::new(Type::Number));
        let degrees = |most: f64| Schema::from(number().minimum(Some(-most)).maximum(Some(most)));
        let coordinates = ArrayBuilder::new()
            .prefix_items([degrees(180.0), degrees(90.0)])
            .items(number())
            .min_items(Some(2))
            .max_items(Some(2));
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .property(
                "type",
                ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(["Point"])),
            )
            .required("type")
            .property("coordinates", coordinates)
            .required("coordinates")
            .description(Some("A GeoJSON point: `[longitude, latitude]` in WGS-84."))
            .examples([serde_json::json!({"type": "Point", "coordinates": [112.4539, 34.6197]})])
            .into()
    }
}

impl ToSchema for place::Point {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Point")
    }
}
