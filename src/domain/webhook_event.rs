//! What endpoints are told of: kinds of events, and the CloudEvent made of one. Ids, states and names of fields; what stands in
//! the fields is fetched by GET, under the rules of that moment.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use strum::VariantArray;
use uuid::Uuid;

use super::event::Event;

/// A kind of event that endpoints can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WebhookEventType(&'static str);

const fn kind(name: &'static str) -> WebhookEventType {
    WebhookEventType(name)
}

/// What those may read who may make an endpoint: nothing of members, files, apps and what else is for owners alone.
impl VariantArray for WebhookEventType {
    const VARIANTS: &'static [Self] = &[
        kind("bundle.created"),
        kind("bundle.deleted"),
        kind("contact_request.accepted"),
        kind("contact_request.created"),
        kind("contact_request.declined"),
        kind("contact_request.lapsed"),
        kind("credential.expired"),
        kind("enterprise.absorbed"),
        kind("enterprise.blocked"),
        kind("enterprise.claimed"),
        kind("enterprise.closed"),
        kind("enterprise.credential_accepted"),
        kind("enterprise.credential_rejected"),
        kind("enterprise.credential_stated"),
        kind("enterprise.designated"),
        kind("enterprise.merged"),
        kind("enterprise.partner_declared"),
        kind("enterprise.partner_withdrawn"),
        kind("enterprise.partnership_begun"),
        kind("enterprise.partnership_ended"),
        kind("enterprise.reapplied"),
        kind("enterprise.rejected"),
        kind("enterprise.restored"),
        kind("enterprise.suspended"),
        kind("enterprise.unblocked"),
        kind("enterprise.updated"),
        kind("enterprise.verified"),
        kind("listing.approved"),
        kind("listing.changes_requested"),
        kind("listing.closed"),
        kind("listing.created"),
        kind("listing.expired"),
        kind("listing.published"),
        kind("listing.rejected"),
        kind("listing.renewed"),
        kind("listing.restored"),
        kind("listing.submitted"),
        kind("listing.suspended"),
        kind("listing.updated"),
        kind("listing.urgency_confirmed"),
        kind("listing.withdrawn"),
        kind("listing_flag.answered"),
        kind("listing_flag.cleared"),
        kind("listing_flag.raised"),
        kind("mandate.given"),
        kind("mandate.revoked"),
        kind("match.dismissed"),
        kind("match.shortlisted"),
        kind("match.suggested"),
        kind("match.viewed"),
        kind("moderation_appeal.created"),
        kind("moderation_appeal.denied"),
        kind("moderation_appeal.granted"),
        kind("verification.approved"),
        kind("verification.created"),
        kind("verification.rejected"),
        kind("verification.withdrawn"),
    ];
}

/// Of an event made to try an endpoint.
pub const TEST: &str = "webhook.test";

impl From<WebhookEventType> for &'static str {
    fn from(kind: WebhookEventType) -> Self {
        kind.0
    }
}

impl fmt::Display for WebhookEventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for WebhookEventType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::VARIANTS.iter().find(|kind| kind.0 == text).copied().ok_or_else(|| format!("no kind of event: {text}"))
    }
}

impl Serialize for WebhookEventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for WebhookEventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A message's content, CloudEvents 1.0: `source` names this installation.
pub fn cloud_event(source: &str, event: &Event, enterprise_id: Uuid) -> String {
    let mut data = told(&event.changed);
    data.insert("enterprise_id".to_owned(), json!(enterprise_id));
    data.insert("entity".to_owned(), json!(event.entity));
    data.insert("id".to_owned(), json!(event.entity_id));
    data.insert("version".to_owned(), json!(event.version));
    let subject = format!("{}/{}", event.entity, event.entity_id);
    envelope(source, event.event_id, &event.event_type, &subject, event.at, data)
}

/// The same for an event that tells of nothing.
pub fn test_event(source: &str, event_id: Uuid, endpoint_id: Uuid, enterprise_id: Uuid, at: DateTime<Utc>) -> String {
    let data =
        [("entity", json!("webhook_endpoint")), ("id", json!(endpoint_id)), ("enterprise_id", json!(enterprise_id))];
    let data = data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    envelope(source, event_id, TEST, &format!("webhook_endpoint/{endpoint_id}"), at, data)
}

fn envelope(
    source: &str,
    id: Uuid,
    event_type: &str,
    subject: &str,
    at: DateTime<Utc>,
    data: Map<String, Value>,
) -> String {
    json!({
        "specversion": "1.0", "id": id, "source": source, "type": event_type, "subject": subject,
        "time": at.to_rfc3339_opts(SecondsFormat::Micros, true), "datacontenttype": "application/json", "data": data,
    })
    .to_string()
}

/// What leaves the installation of what an event says it changed: codes, names of fields, and ids of things, not of people.
fn told(changed: &Value) -> Map<String, Value> {
    let is_id = |name: &str| name.ends_with("_id") && !["account_id", "actor_id", "author_id"].contains(&name);
    let kept = |name: &str| {
        ["fields", "status", "code", "scheme", "purpose", "scopes", "merged", "on_behalf_of"].contains(&name)
    };
    let object = changed.as_object().into_iter().flatten();
    object.filter(|(name, _)| kept(name) || is_id(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::event::Audience;
    use super::*;

    #[test]
    fn an_event_tells_ids_and_names_of_fields_alone() {
        let event = Event {
            seq: 7,
            event_id: Uuid::from_u128(1),
            event_type: "listing.updated".to_owned(),
            entity: "listing".to_owned(),
            entity_id: Uuid::from_u128(2),
            version: 3,
            audience: Audience::Public,
            actor: Some(Uuid::from_u128(4)),
            changed: json!({"fields": ["title"], "status": "published", "need_id": Uuid::from_u128(5),
                "account_id": Uuid::from_u128(6), "from": Uuid::from_u128(6), "name": "王芳", "mobile": "13800138000"}),
            at: DateTime::UNIX_EPOCH,
        };
        let body: Value =
            serde_json::from_str(&cloud_event("https://duijie.example", &event, Uuid::from_u128(9))).unwrap();
        assert_eq!(
            body,
            json!({"specversion": "1.0", "id": Uuid::from_u128(1), "source": "https://duijie.example",
                "type": "listing.updated", "subject": format!("listing/{}", Uuid::from_u128(2)),
                "time": "1970-01-01T00:00:00.000000Z", "datacontenttype": "application/json",
                "data": {"enterprise_id": Uuid::from_u128(9), "entity": "listing", "id": Uuid::from_u128(2), "version": 3,
                    "fields": ["title"], "status": "published", "need_id": Uuid::from_u128(5)}})
        );
    }

    #[test]
    fn kinds_are_read_by_name_in_order() {
        assert!(WebhookEventType::VARIANTS.is_sorted());
        assert_eq!("listing.published".parse().ok(), Some(kind("listing.published")));
        for other in ["listing", "member.joined", "account.created", TEST] {
            assert!(other.parse::<WebhookEventType>().is_err(), "{other}");
        }
    }
}
