//! Schemas of domain values that serialise as they are.

use std::borrow::Cow;

use strum::VariantArray;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::decimal;
use crate::domain::{enterprise, place};

/// The schema of a closed vocabulary: its wire names.
pub fn codes<T: VariantArray + Copy>(description: &str) -> RefOr<Schema>
where
    &'static str: From<T>,
{
    let names: Vec<&'static str> = T::VARIANTS.iter().map(|variant| <&'static str>::from(*variant)).collect();
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .enum_values(Some(names))
        .description(Some(description))
        .into()
}

/// Gives domain vocabularies their schemas; the domain itself does not know utoipa.
macro_rules! code_schemas {
    ($($type:ty => $name:literal, $description:literal;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                codes::<$type>($description)
            }
        }
        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

code_schemas! {
    enterprise::OrganizationType => "OrganizationType", "What the body is; understood from the code's first two characters when left out.";
    enterprise::Scale => "Scale", "Size class of the statistics office.";
    enterprise::EnterpriseStatus => "EnterpriseStatus", "Where verification stands.";
    enterprise::MemberRole => "MemberRole", "What a member may do for the enterprise.";
    place::Datum => "Datum", "What coordinates on input are measured in; they are converted to WGS-84.";
}

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
