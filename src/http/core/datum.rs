//! `datum` on input: coordinates copied from a Chinese map are converted to WGS-84 and the mark is taken off.

use serde_json::{Map, Value};

use crate::domain::place::{Datum, Point};
use crate::domain::violation::Violations;

/// Converts each `location` by the `datum` beside it. A datum without coordinates means nothing and is refused.
pub fn to_wgs84(document: &mut Value) -> Result<(), Violations> {
    let mut violations = Violations::new();
    walk(document, "", &mut violations);
    violations.or_else_value(())
}

fn walk(value: &mut Value, pointer: &str, violations: &mut Violations) {
    match value {
        Value::Object(object) => {
            if let Err((field, code)) = convert(object) {
                violations.add(format!("{pointer}/{field}"), code);
            }
            for (name, inner) in object.iter_mut().filter(|(_, inner)| inner.is_object() || inner.is_array()) {
                walk(inner, &format!("{pointer}/{name}"), violations);
            }
        }
        Value::Array(items) => {
            items.iter_mut().enumerate().for_each(|(i, item)| walk(item, &format!("{pointer}/{i}"), violations));
        }
        _ => {}
    }
}

fn convert(object: &mut Map<String, Value>) -> Result<(), (&'static str, &'static str)> {
    let Some(datum) = object.remove("datum").filter(|datum| !datum.is_null()) else { return Ok(()) };
    let datum: Datum = serde_json::from_value(datum).map_err(|_| ("datum", "malformed"))?;
    let Some(location) = object.get_mut("location").filter(|location| !location.is_null()) else {
        return Err(("datum", "datum_without_location"));
    };
    let point: Point = serde_json::from_value(location.clone()).map_err(|_| ("location", "coordinates"))?;
    *location = serde_json::to_value(datum.to_wgs84(point)).unwrap_or_default();
    Ok(())
}
