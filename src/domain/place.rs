//! Places: WGS-84 points, distance, and the Chinese map datums people copy coordinates from.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// WGS-84, degrees. On the wire a GeoJSON `Point`: `{"type": "Point", "coordinates": [longitude, latitude]}`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub longitude: f64,
    pub latitude: f64,
}

#[derive(Serialize, Deserialize)]
struct GeoJsonPoint {
    r#type: GeoJsonType,
    coordinates: [f64; 2],
}

#[derive(Serialize, Deserialize)]
enum GeoJsonType {
    Point,
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        GeoJsonPoint { r#type: GeoJsonType::Point, coordinates: [self.longitude, self.latitude] }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [longitude, latitude] = GeoJsonPoint::deserialize(deserializer)?.coordinates;
        Point::new(longitude, latitude).ok_or_else(|| serde::de::Error::custom("coordinates are [longitude, latitude]"))
    }
}

/// Mean Earth radius (IUGG), kilometres.
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// From the middle of the earth, a unit vector.
pub type Direction = [f32; 3];

impl Point {
    /// `None` outside ±180° / ±90°.
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let inside = (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
        inside.then_some(Self { longitude, latitude })
    }

    pub fn direction(self) -> Direction {
        let (longitude, latitude) = (self.longitude.to_radians(), self.latitude.to_radians());
        [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()].map(|axis| axis as f32)
    }

    /// Great-circle distance (haversine), kilometres.
    pub fn distance_km(self, other: Self) -> f64 {
        if self == other {
            return 0.0;
        }
        let (lat1, lat2) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_dlat = (lat2 - lat1) / 2.0;
        let half_dlon = (other.longitude - self.longitude).to_radians() / 2.0;
        let h = half_dlat.sin().powi(2) + lat1.cos() * lat2.cos() * half_dlon.sin().powi(2);
        2.0 * EARTH_RADIUS_KM * h.sqrt().min(1.0).asin()
    }
}

/// What coordinates on input are measured in.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Datum {
    #[default]
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    /// The same place in WGS-84, to within a metre inside China; unchanged outside, where the offset does not exist.
    pub fn to_wgs84(self, point: Point) -> Point {
        match self {
            Datum::Wgs84 => point,
            Datum::Gcj02 => gcj02_to_wgs84(point),
            Datum::Bd09 => gcj02_to_wgs84(bd09_to_gcj02(point)),
        }
    }
}

/// Krasovsky 1940, which the GCJ-02 offset is built on.
const SEMI_MAJOR_AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

fn outside_china(p: Point) -> bool {
    !(72.004..=137.8347).contains(&p.longitude) || !(0.8293..=55.8271).contains(&p.latitude)
}

fn wgs84_to_gcj02(p: Point) -> Point {
    if outside_china(p) {
        return p;
    }
    let (x, y) = (p.longitude - 105.0, p.latitude - 35.0);
    let radians = p.latitude.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * radians.sin().powi(2);
    let degree = SEMI_MAJOR_AXIS * std::f64::consts::PI / 180.0;
    let dlat = offset_latitude(x, y) / (degree * (1.0 - ECCENTRICITY_SQUARED) / (magic * magic.sqrt()));
    let dlon = offset_longitude(x, y) / (degree / magic.sqrt() * radians.cos());
    Point { longitude: p.longitude + dlon, latitude: p.latitude + dlat }
}

/// The forward formula has no closed inverse; a few fixed-point steps reach centimetres.
fn gcj02_to_wgs84(p: Point) -> Point {
    let mut guess = p;
    for _ in 0..5 {
        let shifted = wgs84_to_gcj02(guess);
        guess = Point {
            longitude: guess.longitude + p.longitude - shifted.longitude,
            latitude: guess.latitude + p.latitude - shifted.latitude,
        };
    }
    guess
}

fn bd09_to_gcj02(p: Point) -> Point {
    const TURN: f64 = std::f64::consts::PI * 3000.0 / 180.0;
    let (x, y) = (p.longitude - 0.0065, p.latitude - 0.006);
    let radius = (x * x + y * y).sqrt() - 0.00002 * (y * TURN).sin();
    let angle = y.atan2(x) - 0.000003 * (x * TURN).cos();
    Point { longitude: radius * angle.cos(), latitude: radius * angle.sin() }
}

fn wave(t: f64, terms: [(f64, f64); 3]) -> f64 {
    let sum: f64 =
        terms.iter().map(|(amplitude, frequency)| amplitude * (t * frequency * std::f64::consts::PI).sin()).sum();
    sum * 2.0 / 3.0
}

fn offset_latitude(x: f64, y: f64) -> f64 {
    -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + wave(x, [(20.0, 6.0), (20.0, 2.0), (0.0, 0.0)])
        + wave(y, [(20.0, 1.0), (40.0, 1.0 / 3.0), (0.0, 0.0)])
        + wave(y, [(160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0), (0.0, 0.0)])
}

fn offset_longitude(x: f64, y: f64) -> f64 {
    300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + wave(x, [(20.0, 6.0), (20.0, 2.0), (0.0, 0.0)])
        + wave(x, [(20.0, 1.0), (40.0, 1.0 / 3.0), (0.0, 0.0)])
        + wave(x, [(150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0), (0.0, 0.0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIANANMEN: Point = Point { longitude: 116.397_47, latitude: 39.908_823 };

    #[test]
    fn datums_are_undone() {
        // Widely published triple for Tiananmen: GCJ-02 (116.397470, 39.908823) is WGS-84 (116.391228, 39.907420)
        // and BD-09 (116.403849, 39.915154).
        let wgs = Datum::Gcj02.to_wgs84(TIANANMEN);
        assert!(wgs.distance_km(Point { longitude: 116.391_228, latitude: 39.907_42 }) < 0.01, "{wgs:?}");
        let from_baidu = Datum::Bd09.to_wgs84(Point { longitude: 116.403_849, latitude: 39.915_154 });
        assert!(from_baidu.distance_km(wgs) < 0.01, "{from_baidu:?}");
    }

    #[test]
    fn outside_china_nothing_moves() {
        let paris = Point { longitude: 2.3522, latitude: 48.8566 };
        assert_eq!(Datum::Gcj02.to_wgs84(paris), paris);
    }

    #[test]
    fn distance_is_that_of_the_sphere() {
        let (beijing, shanghai) =
            (Point { longitude: 116.4074, latitude: 39.9042 }, Point { longitude: 121.4737, latitude: 31.2304 });
        assert!((beijing.distance_km(shanghai) - 1067.3).abs() < 1.0);
    }
}
