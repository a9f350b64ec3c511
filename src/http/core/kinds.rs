//! One schema a kind out of the fields all kinds share: `oneOf` with `kind` as the discriminator.

use serde_json::{Map, Value, json};
use strum::VariantArray;

use crate::domain::listing::Kind;

/// Makes `ListingInput`, `ListingPatch` and `Listing` of `ListingFields` and `ListingRecord`.
pub fn add(schemas: &mut Map<String, Value>) {
    let (Some(fields), Some(record)) = (schemas.remove("ListingFields"), schemas.remove("ListingRecord")) else {
        return;
    };
    let mut terms = fields.clone();
    for name in ["enterprise_id", "publish", "datum"] {
        remove(&mut terms, name);
    }
    for kind in Kind::VARIANTS {
        let (name, tag) = (type_name(*kind), <&str>::from(*kind));
        schemas.insert(format!("{name}ListingInput"), input(&fields, &name, tag));
        schemas.insert(format!("{name}Listing"), read_listing(&terms, &record, &name, tag));
    }
    schemas.insert("UnstatedListingInput".into(), unstated(&fields));
    let mut posted = union("ListingInput", Some("UnstatedListingInput"), "What a person posts, by kind.");
    posted["example"] = fields["example"].clone();
    schemas.insert("ListingInput".into(), posted);
    let mut listing = union("Listing", None, "A listing, by kind.");
    listing["example"] = record["example"].clone();
    schemas.insert("Listing".into(), listing);
    // Source of `ListingPatch`: every field but those that only posting knows.
    let mut patch = fields;
    for name in ["enterprise_id", "publish"] {
        remove(&mut patch, name);
    }
    patch["properties"]["kind"] = json!({ "$ref": "#/components/schemas/Kind" });
    patch["properties"]["attributes"] = json!({ "type": "object", "maxProperties": 50,
        "description": "As the kind's attributes; each may be null." });
    schemas.insert("ListingFields".into(), patch);
}

/// `ListingFields` was only a source. What a posting may leave to be understood, a listing once has: no patch removes it.
pub fn finish(schemas: &mut Map<String, Value>) {
    let fields = schemas.remove("ListingFields").unwrap_or_default();
    let Some(patch) = schemas.get_mut("ListingPatch") else { return };
    for name in ["kind", "attributes"] {
        patch["properties"][name] = fields["properties"][name].clone();
    }
    patch["properties"]["valid_until"]["type"] = "string".into();
}

fn remove(schema: &mut Value, name: &str) {
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove(name);
    }
}

fn type_name(kind: Kind) -> String {
    let tag = <&str>::from(kind);
    let (first, rest) = tag.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema["additionalProperties"] = false.into();
    schema
}

fn require(schema: &mut Value, names: &[&str]) {
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    required.extend(names.iter().map(|name| Value::from(*name)));
    schema["required"] = required.into();
}

fn of_kind(fields: &Value, name: &str, tag: &str) -> Value {
    let mut schema = closed(fields);
    schema["properties"]["kind"] = json!({ "type": "string", "const": tag });
    schema["properties"]["attributes"] = json!({ "$ref": format!("#/components/schemas/{name}Attributes") });
    schema["description"] = format!("A need or offer of kind `{tag}`.").into();
    if let Some(object) = schema.as_object_mut() {
        object.remove("example");
    }
    require(&mut schema, &["kind"]);
    schema
}

/// Attributes may be null, as whatever may be left out.
fn input(fields: &Value, name: &str, tag: &str) -> Value {
    let mut schema = of_kind(fields, name, tag);
    let attributes = schema["properties"]["attributes"].take();
    schema["properties"]["attributes"] = json!({ "oneOf": [attributes, { "type": "null" }] });
    schema
}

/// No kind, so no attributes either: they are those of a kind.
fn unstated(fields: &Value) -> Value {
    let mut schema = closed(fields);
    schema["description"] = "Kind and category are understood from the title.".into();
    schema["properties"]["kind"] = json!({ "type": "null" });
    schema["properties"]["attributes"] =
        json!({ "type": ["object", "null"], "description": "Only with a `kind`, whose attributes they are." });
    schema["if"] = json!({ "required": ["attributes"], "properties": { "attributes": { "type": "object" } } });
    schema["then"] = json!({ "required": ["kind"], "properties": { "kind": { "type": "string" } } });
    schema
}

fn read_listing(terms: &Value, record: &Value, name: &str, tag: &str) -> Value {
    let mut schema = of_kind(terms, name, tag);
    for (field, property) in record["properties"].as_object().into_iter().flatten() {
        schema["properties"][field] = property.clone();
    }
    let of_record: Vec<&str> = record["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    require(&mut schema, &of_record);
    require(
        &mut schema,
        &[
            "attributes",
            "valid_until",
            "quantity_basis",
            "urgency",
            "accepts_partial",
            "accepts_substitutes",
            "required_level",
            "visibility",
            "contact_policy",
            "direct_award",
        ],
    );
    if let Some(object) = schema.as_object_mut() {
        object.remove("additionalProperties");
    }
    schema
}

fn union(suffix: &str, otherwise: Option<&str>, description: &str) -> Value {
    let target = |name: &str| format!("#/components/schemas/{name}");
    let mut branches: Vec<Value> = Vec::new();
    let mut mapping = Map::new();
    for kind in Kind::VARIANTS {
        let branch = target(&format!("{}{suffix}", type_name(*kind)));
        branches.push(json!({ "$ref": branch }));
        mapping.insert(<&str>::from(*kind).to_owned(), branch.into());
    }
    branches.extend(otherwise.map(|name| json!({ "$ref": target(name) })));
    let mut union = json!({ "description": description, "oneOf": branches });
    // A discriminator must be in every branch.
    if otherwise.is_none() {
        union["discriminator"] = json!({ "propertyName": "kind", "mapping": mapping });
    }
    union
}
