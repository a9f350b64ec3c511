//! The attributes of a transport listing on the wire.

use chrono::{DateTime, Utc};
use utoipa::ToSchema;

use super::listing::Period;
use crate::domain::attributes::TransportMode;
use crate::domain::decimal::Decimal;
use crate::domain::place::Point;

/// Of a need: the load and its way. Of an offer: what one vehicle, or one departure, takes, and where it goes.
#[derive(ToSchema)]
#[schema(example = json!({"stops": [{"region_code": "410305"}, {"region_code": "420106"}], "weight_kg": "8000", "mode": "road"}))]
#[allow(dead_code)]
pub struct TransportAttributes {
    /// In the order they are called at. A need's first is the pickup, its last the drop-off; an offer with two or more runs
    /// along them.
    #[schema(max_items = 20)]
    stops: Option<Vec<Stop>>,
    /// Days on which the load can be picked up, or the vehicle can come.
    pickup_window: Option<Period>,
    mode: Option<TransportMode>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    vehicle: Option<String>,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    cargo: Option<String>,
    /// Of a need: how many travel.
    #[schema(minimum = 1, maximum = 10000)]
    passengers: Option<u32>,
    /// Of one vehicle.
    #[schema(minimum = 1, maximum = 10000)]
    seats: Option<u32>,
    weight_kg: Option<Decimal>,
    volume_m3: Option<Decimal>,
    /// Containers, in twenty-foot equivalents.
    #[schema(minimum = 1, maximum = 30000)]
    teu: Option<u32>,
    /// UN class of the goods, such as `3` or `5.1`.
    #[schema(pattern = r"^[1-9](\.[1-6])?$", max_length = 3)]
    hazard_class: Option<String>,
    /// Of an offer: the UN classes it may carry; `5` takes `5.1` too.
    #[schema(max_items = 20, max_length = 3, pattern = r"^[1-9](\.[1-6])?$")]
    hazard_classes: Option<Vec<String>>,
    /// Of a need: what the goods must be kept in. Of an offer: what the vehicle can hold.
    temperature: Option<TemperatureRange>,
    /// In words, for readers.
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00]*$")]
    schedule: Option<String>,
    timetable: Option<Timetable>,
    /// Of an offer: the stops are also called at in reverse. Of a need: the way back is wanted too.
    return_leg: Option<bool>,
    /// Of an offer: other loads travel along. Of a need: they may; `false` asks for a vehicle of its own.
    shared_load: Option<bool>,
    /// The most an offer drives on top of its stops for one load; otherwise the policy's.
    #[schema(minimum = 0, maximum = 5000)]
    max_detour_km: Option<u32>,
    /// Of an offer: those held. Of a need: those required.
    #[schema(max_items = 20, max_length = 100)]
    passes: Option<Vec<String>>,
}

#[derive(ToSchema)]
#[allow(dead_code)]
pub struct Stop {
    /// Of the station, port, airport or yard.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    name: Option<String>,
    #[schema(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    region_code: Option<String>,
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    address: Option<String>,
    location: Option<Point>,
}

/// Of an offer: a scheduled leg between two terminals, on weekdays at a time of day, or on the departures listed; one of
/// the two. Departures before `available_from` or outside `delivery_period` do not count.
#[derive(ToSchema)]
#[schema(example = json!({"from": {"name": "郑州圃田站", "region_code": "410104"}, "to": {"name": "青岛港前湾", "region_code": "370211"},
    "weekdays": [1, 3, 5], "departure_time": "20:00", "transit_hours": 30, "cut_off_hours": 6, "handling_hours": 8,
    "capacity": "50"}))]
#[allow(dead_code)]
pub struct Timetable {
    /// With a name, and a region of China or a point.
    from: Stop,
    /// With a name, and a region of China or a point.
    to: Stop,
    /// 1 is Monday, 7 Sunday.
    #[schema(max_items = 7, minimum = 1, maximum = 7)]
    weekdays: Option<Vec<u32>>,
    /// Of the weekdays, in China Standard Time.
    #[schema(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length = 5)]
    departure_time: Option<String>,
    #[schema(max_items = 100)]
    departures: Option<Vec<DateTime<Utc>>>,
    /// From departure to arrival.
    #[schema(minimum = 1, maximum = 2400)]
    transit_hours: u32,
    /// Goods must be at `from` so many hours before departure.
    #[schema(minimum = 0, maximum = 240)]
    cut_off_hours: Option<u32>,
    /// Goods can leave `to` so many hours after arrival.
    #[schema(minimum = 0, maximum = 240)]
    handling_hours: Option<u32>,
    /// Of one departure, in the listing's `unit_code`.
    capacity: Option<Decimal>,
}

/// Degrees Celsius.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct TemperatureRange {
    #[schema(minimum = -100, maximum = 100)]
    min: i32,
    #[schema(minimum = -100, maximum = 100)]
    max: i32,
}
