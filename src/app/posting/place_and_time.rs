//! Where and when: region and address, stops of a transport, days, validity, urgency.

use chrono::{Days, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use serde_json::json;

use super::completion::{Completion, Reader};
use super::{Aspect, Source};
use crate::domain::listing::{DEFAULT_VALIDITY_DAYS, Kind, Side, Urgency};
use crate::vocabulary::understanding::{DateRole, DateSaid, PlaceNamed, PlaceRole, Understood as Said};

impl Completion<'_> {
    pub fn fill_place(&mut self) {
        self.fill_stops();
        if !self.lacks("region_code") || !self.lacks("location") {
            return;
        }
        if let Some(found) = self.place()
            && !self.holds_enterprise(&found.value.region_code)
        {
            let PlaceNamed { region_code, address, .. } = &found.value;
            self.read("region_code", region_code.as_str().into(), &found);
            if let Some(address) = address.as_deref().filter(|address| address.chars().count() <= 300)
                && self.lacks("address")
            {
                self.read("address", address.into(), &found);
            }
            return;
        }
        let Some(profile) = self.reading.enterprise.map(|enterprise| &enterprise.profile) else { return };
        if let Some(region) = &profile.region_code {
            self.take("region_code", region.as_str().into(), 1.0, Source::Enterprise);
        }
        if let Some(point) = profile.location {
            self.take("location", json!(point), 1.0, Source::Enterprise);
        }
    }

    /// Where a need's goods go to, where an offer's goods are, where a transport begins. A place without a word that says
    /// so (东莞回来的师傅) is taken only where the enterprise lends none.
    fn place(&self) -> Option<Reader<PlaceNamed>> {
        let role = match (self.kind(), self.side()) {
            (Some(Kind::Transport), _) | (_, Some(Side::Offer)) => PlaceRole::Origin,
            _ => PlaceRole::Delivery,
        };
        let stated = self.first_place(role);
        if stated.is_some() || self.reading.region().is_some() {
            return stated;
        }
        self.first_place(PlaceRole::Unstated)
            .or_else(|| self.first_place(PlaceRole::Delivery).filter(|_| self.kind() == Some(Kind::Transport)))
    }

    /// 洛阳, said by an enterprise in 涧西区 of 洛阳, is less than what is known of it.
    fn holds_enterprise(&self, region: &str) -> bool {
        let own = self.reading.region();
        own.is_some_and(|own| self.reading.knowledge.reference.regions.is_within(own, region))
    }

    /// 从洛阳到武汉.
    fn fill_stops(&mut self) {
        if self.kind() != Some(Kind::Transport) || !self.lacks("attributes.stops") {
            return;
        }
        let (from, to) = (self.first_place(PlaceRole::Origin), self.first_place(PlaceRole::Delivery));
        if let (Some(from), Some(to)) = (from, to) {
            let stops = json!([{ "region_code": from.value.region_code }, { "region_code": to.value.region_code }]);
            self.read("attributes.stops", stops, &from);
        }
    }

    fn first_place(&self, role: PlaceRole) -> Option<Reader<PlaceNamed>> {
        self.first(Aspect::Place, |said| said.places.iter().find(|found| found.value.role == role))
    }

    pub fn fill_dates(&mut self) {
        let field = match self.side() {
            Some(Side::Need) => Some(("needed_by", DateRole::NeededBy)),
            Some(Side::Offer) => Some(("available_from", DateRole::AvailableFrom)),
            None => None,
        };
        if let Some((field, role)) = field.filter(|(field, _)| self.lacks(field))
            && let Some(found) = self.date(role)
        {
            self.read(field, json!(found.value.date), &found);
        }
        self.fill_expiry();
        self.fill_validity();
        self.fill_delivery_period();
    }

    /// A day that is still to come.
    fn date(&self, role: DateRole) -> Option<Reader<DateSaid>> {
        let today = self.reading.today();
        // Of several (今天下单，12月5日前到) the latest bars nobody who could still deliver.
        let latest = |said: &'_ Said| -> Option<usize> {
            let of_role = said.dates.iter().enumerate().filter(|(_, found)| found.value.role == role);
            of_role.max_by_key(|(_, found)| found.value.date).map(|(index, _)| index)
        };
        let found = self.first(Aspect::Time, |said| said.dates.get(latest(said)?));
        found.filter(|found| found.value.date >= today)
    }

    /// Of goods that are offered.
    fn fill_expiry(&mut self) {
        if self.kind() == Some(Kind::Ppe)
            && self.side() == Some(Side::Offer)
            && self.lacks("attributes.expiry_date")
            && let Some(found) = self.date(DateRole::Expiry)
        {
            self.read("attributes.expiry_date", json!(found.value.date), &found);
        }
    }

    fn fill_validity(&mut self) {
        if !self.lacks("valid_until") {
            return;
        }
        if let Some(found) = self.date(DateRole::ValidUntil)
            && let Some(end) = self
                .reading
                .zone()
                .from_local_datetime(&(found.value.date + Days::new(1)).and_time(NaiveTime::MIN))
                .earliest()
        {
            let end = end.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Secs, true);
            return self.read("valid_until", end.into(), &found);
        }
        let end = self.reading.now + TimeDelta::days(DEFAULT_VALIDITY_DAYS);
        let end = end.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.take("valid_until", end.into(), 1.0, Source::Default);
    }

    /// The days a rate is for.
    fn fill_delivery_period(&mut self) {
        let rate = self.text("quantity_basis").is_some_and(|basis| basis != "total");
        if !rate || self.lacks("quantity") || !self.lacks("delivery_period") {
            return;
        }
        if let Some(found) = self.first(Aspect::Time, |said| said.date(DateRole::Period))
            && let Some(until) = found.value.until.filter(|until| *until >= self.reading.today())
        {
            let period = json!({ "start": found.value.date, "end": until });
            return self.read("delivery_period", period, &found);
        }
        let start = self.reading.today();
        let end = start + Days::new(DEFAULT_VALIDITY_DAYS.unsigned_abs() - 1);
        self.take("delivery_period", json!({ "start": start, "end": end }), 0.5, Source::Default);
    }

    pub fn fill_urgency(&mut self) {
        if !self.lacks("urgency") || self.side() != Some(Side::Need) {
            return;
        }
        let found = self.first(Aspect::Time, |said| said.urgency.as_ref());
        if let Some(found) = found.filter(|found| found.value != Urgency::Normal) {
            self.read("urgency", <&str>::from(found.value).into(), &found);
        }
    }
}
