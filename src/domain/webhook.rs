//! Endpoints at which enterprises are told of events, and what became of each event there.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::violation::Violations;
use super::webhook_event::WebhookEventType;

/// As it is made, and may be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewWebhookEndpoint {
    pub enterprise_id: Uuid,
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// None: all there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_types: Vec<WebhookEventType>,
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// Why the program disabled an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WebhookStopReason {
    /// It answered 410.
    Gone,
    /// Every attempt for an event failed, for days, and nothing else succeeded meanwhile.
    Failing,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WebhookEndpoint {
    pub id: Uuid,
    pub details: NewWebhookEndpoint,
    /// Since when it is enabled, if it is.
    pub enabled_at: DateTime<Utc>,
    pub stopped: Option<(WebhookStopReason, DateTime<Utc>)>,
    pub last_success_at: Option<DateTime<Utc>>,
    /// The secret before signs as well until then.
    pub former_until: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WebhookDeliveryStatus {
    /// Waits for its next attempt.
    Pending,
    Succeeded,
    /// Given up.
    Failed,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WebhookError {
    /// The URL, or an address its name resolved to, may not be sent to.
    TargetRefused,
    NameUnresolved,
    /// No connection, none with TLS, or it broke.
    ConnectionFailed,
    TimedOut,
    /// 3xx: redirects are not followed.
    Redirected,
    /// Any other answer than 2xx.
    StatusRefused,
    /// 410: the endpoint was disabled.
    Gone,
    /// The secret was sealed under another key of the installation.
    SecretUnreadable,
}

/// An event for an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookDelivery {
    pub id: Uuid,
    pub endpoint_id: Uuid,
    pub event_id: Uuid,
    /// Also [`super::webhook_event::TEST`].
    pub event_type: String,
    pub body: String,
    pub status: WebhookDeliveryStatus,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub leased_until: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Of the last attempt.
    pub response_status: Option<u16>,
    pub error: Option<WebhookError>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WebhookAttempt {
    /// From 1.
    pub number: i32,
    pub at: DateTime<Utc>,
    pub duration_ms: i32,
    pub response_status: Option<u16>,
    pub error: Option<WebhookError>,
}

/// Pauses before the second try and those that follow (Standard Webhooks 1.0).
const PAUSES: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];
/// The first and those after each pause.
pub const MOST_TRIES: i32 = PAUSES.len() as i32 + 1;
/// Attempts of a delivery that are kept, the last ones: replays have no end.
pub const ATTEMPTS_KEPT: i32 = 100;
/// So much longer at most, in percent: what failed together does not come back together.
const JITTER: f64 = 10.0;

/// How long to wait after so many tries; `chance` lies between 0 and 1. None: that was the last.
pub fn pause_after(tries: i32, chance: f64) -> Option<TimeDelta> {
    let pause = *usize::try_from(tries - 1).ok().and_then(|failed| PAUSES.get(failed))?;
    let more = (pause.num_milliseconds() as f64 * JITTER / 100.0 * chance.clamp(0.0, 1.0)) as i64;
    Some(pause + TimeDelta::milliseconds(more))
}

impl NewWebhookEndpoint {
    pub fn checked(mut self) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        if self.description.as_deref().is_some_and(|text| text.trim().is_empty()) {
            violations.add("/description", "blank");
        }
        for (i, kind) in self.event_types.iter().enumerate() {
            if self.event_types[..i].contains(kind) {
                violations.add(format!("/event_types/{i}"), "repeated");
            }
        }
        self.event_types.sort_unstable();
        violations.or_else_value(self)
    }
}

impl WebhookEndpoint {
    /// Whether it failed for as long as a delivery was tried that began then, and has now been given up.
    pub fn has_failed_since(&self, began_at: DateTime<Utc>) -> bool {
        self.details.enabled
            && self.enabled_at <= began_at
            && self.last_success_at.is_none_or(|succeeded| succeeded < began_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_over_three_days() {
        let seconds: Vec<i64> =
            (1..20).map_while(|tries| pause_after(tries, 0.0)).map(|pause| pause.num_seconds()).collect();
        let (minute, hour) = (60, 3600);
        assert_eq!(
            seconds,
            [5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]
        );
        for tries in 1..10 {
            let (least, most) = (pause_after(tries, 0.0).unwrap(), pause_after(tries, 1.0).unwrap());
            assert!(least < most && most <= least * 11 / 10, "{tries}");
        }
        assert_eq!((pause_after(0, 0.5), pause_after(MOST_TRIES, 0.5), pause_after(-1, 0.5)), (None, None, None));
    }

    #[test]
    fn an_endpoint_fails_where_nothing_succeeded_while_a_delivery_was_tried() {
        let hour = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        let endpoint = |enabled_at, last_success_at| WebhookEndpoint {
            id: Uuid::nil(),
            details: NewWebhookEndpoint {
                enterprise_id: Uuid::nil(),
                url: String::new(),
                description: None,
                event_types: vec![],
                enabled: true,
            },
            enabled_at: hour(enabled_at),
            stopped: None,
            last_success_at,
            former_until: None,
            version: 1,
            created_at: hour(0),
            updated_at: hour(0),
        };
        assert!(endpoint(0, None).has_failed_since(hour(5)));
        assert!(endpoint(0, Some(hour(4))).has_failed_since(hour(5)));
        assert!(!endpoint(0, Some(hour(6))).has_failed_since(hour(5)));
        // Enabled anew since: what comes after will tell.
        assert!(!endpoint(6, None).has_failed_since(hour(5)));
    }
}
