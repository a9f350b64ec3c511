//! `datum` on input: coordinates copied from a Chinese map are converted to WGS-84 and the mark is taken off.

use serde_json::Value;

use crate::domain::place::{Datum, Point};
use crate::domain::violation::Violations;

/// Converts `location` by the `datum` beside it. A datum without coordinates means nothing and is refused.
pub fn to_wgs84(document: &mut Value) -> Result<(), Violations> {
    let Some(object) = document.as_object_mut() else { return Ok(()) };
    let Some(datum) = object.remove("datum").filter(|datum| !datum.is_null()) else { return Ok(()) };
    let datum: Datum = serde_json::from_value(datum).map_err(|_| Violations::one("/datum", "malformed"))?;
    let Some(location) = object.get_mut("location").filter(|location| !location.is_null()) else {
        return Err(Violations::one("/datum", "datum_without_location"));
    };
    let point: Point =
        serde_json::from_value(location.clone()).map_err(|_| Violations::one("/location", "coordinates"))?;
    *location = serde_json::to_value(datum.to_wgs84(point)).unwrap_or_default();
    Ok(())
}
