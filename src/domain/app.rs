//! Programs of third parties: who answers for one, what it may ask for, and where it may be answered.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::access::Scope;
use super::violation::Violations;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AppStatus {
    Active,
    /// By an administrator: nothing it holds works until it is restored.
    Suspended,
}

/// What its owner says of it, and may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppDetails {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where people who agreed are sent back to.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The most it may ever be allowed.
    pub scopes: Vec<Scope>,
}

/// As it is registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewApp {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise_id: Option<Uuid>,
    #[serde(default)]
    pub public: bool,
    #[serde(flatten)]
    pub details: AppDetails,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredApp {
    pub id: Uuid,
    /// None: the platform's own.
    pub enterprise_id: Option<Uuid>,
    /// What it acts as by itself.
    pub account_id: Uuid,
    /// Keeps no secret.
    pub public: bool,
    pub details: AppDetails,
    pub status: AppStatus,
    /// Why it is suspended.
    pub reason: Option<String>,
    /// None: as everybody.
    pub requests_per_minute: Option<u32>,
    pub requests_per_day: Option<u32>,
    pub version: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl RegisteredApp {
    pub fn as_registered(&self) -> NewApp {
        NewApp { enterprise_id: self.enterprise_id, public: self.public, details: self.details.clone() }
    }
}

/// What an administrator settles about an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppRegulation {
    pub status: AppStatus,
    /// Why it is suspended; its owner reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// None: as everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<u32>,
}

impl AppRegulation {
    pub fn checked(self) -> Result<Self, Violations> {
        let blank = self.reason.as_deref().is_none_or(|reason| reason.trim().is_empty());
        match self.status {
            AppStatus::Suspended if blank => Err(Violations::one("/reason", "required")),
            AppStatus::Active => Ok(Self { reason: None, ..self }),
            AppStatus::Suspended => Ok(self),
        }
    }
}

/// A key as it is kept: without its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptKey {
    pub id: Uuid,
    pub app_id: Uuid,
    pub public_id: String,
    pub name: Option<String>,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// At most a minute old.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl KeptKey {
    pub fn works_at(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// What an app asked for on one day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyUsage {
    pub day: NaiveDate,
    pub requests: i64,
    /// Of these, over its quota.
    pub refused: i64,
}

impl AppDetails {
    pub fn checked(mut self) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        self.name = self.name.trim().to_owned();
        if self.name.is_empty() {
            violations.add("/name", "blank");
        }
        for (i, uri) in self.redirect_uris.iter().enumerate() {
            if !is_redirect_uri(uri) {
                violations.add(format!("/redirect_uris/{i}"), "redirect_uri_invalid");
            } else if self.redirect_uris[..i].contains(uri) {
                violations.add(format!("/redirect_uris/{i}"), "repeated");
            }
        }
        check_scopes(&self.scopes, &mut violations);
        violations.or_else_value(self)
    }

    /// Whether people may be sent there: character for character, but for the port of a loopback address, which a program
    /// on somebody's own machine cannot know beforehand (RFC 8252, 7.3).
    pub fn admits_redirect(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == uri || same_loopback(known, uri))
    }
}

/// Each once.
pub fn check_scopes(scopes: &[Scope], violations: &mut Violations) {
    for (i, scope) in scopes.iter().enumerate() {
        if scopes[..i].contains(scope) {
            violations.add(format!("/scopes/{i}"), "repeated");
        }
    }
}

/// Literals, not `localhost`: a name can be made to lead elsewhere.
const LOOPBACKS: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// `https` with a host; a loopback address by `http`; or a scheme of one's own with a dot in it, as `com.example.app:/back`.
fn is_redirect_uri(uri: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte);
    if uri.len() > 500 || !uri.bytes().all(plain) {
        return false;
    }
    if let Some(rest) = uri.strip_prefix("https://") {
        return is_authority(authority(rest));
    }
    if let Some(loopback) = LOOPBACKS.iter().find_map(|prefix| uri.strip_prefix(prefix)) {
        return is_port(authority(loopback));
    }
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_lowercase()) && scheme.contains('.') && scheme.bytes().all(named)
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// A name or an IPv4 address, perhaps with a port; nobody's name and password.
fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
    let labels = host
        .split('.')
        .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    labels && is_port(port)
}

/// Nothing, or `:` and a number.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn same_loopback(known: &str, uri: &str) -> bool {
    let behind = |text: &str| {
        let (at, rest) = LOOPBACKS.iter().enumerate().find_map(|(i, prefix)| Some((i, text.strip_prefix(prefix)?)))?;
        let port = authority(rest);
        is_port(port).then(|| (at, rest[port.len()..].to_owned()))
    };
    behind(known).is_some_and(|known| behind(uri).as_ref() == Some(&known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_people_may_be_sent_back_to() {
        let fine = [
            "https://erp.example/callback",
            "https://erp.example:8443/a?b=c",
            "https://203.0.113.7",
            "http://127.0.0.1:7000/x",
            "http://[::1]/x",
            "com.example.erp:/callback",
        ];
        for uri in fine {
            assert!(is_redirect_uri(uri), "{uri}");
        }
        let bad = [
            "",
            "http://erp.example/",
            "http://localhost/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "https://",
            "https:///x",
            "https://user@erp.example/",
            "https://erp.example/#part",
            "https://erp.example/ x",
            "https://erp.example\\@evil.example/",
            "https://erp.example:0/",
            "https://erp.example:99999/",
            "https://a..b/",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/callback",
            "//erp.example/",
            "/callback",
        ];
        for uri in bad {
            assert!(!is_redirect_uri(uri), "{uri}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let details = |uri: &str| AppDetails {
            name: "x".to_owned(),
            description: None,
            redirect_uris: vec![uri.to_owned()],
            scopes: vec![],
        };
        let loopback = details("http://127.0.0.1:7000/back");
        for (uri, admitted) in [
            ("http://127.0.0.1:7000/back", true),
            ("http://127.0.0.1:51234/back", true),
            ("http://127.0.0.1/back", true),
            ("http://127.0.0.1:51234/other", false),
            ("http://[::1]:7000/back", false),
            ("http://127.0.0.1:7000@evil.example/back", false),
            ("http://127.0.0.1.evil.example/back", false),
            ("https://127.0.0.1:7000/back", false),
        ] {
            assert_eq!(loopback.admits_redirect(uri), admitted, "{uri}");
        }
        let web = details("https://erp.example/back");
        for uri in ["https://erp.example/back/", "https://erp.example:443/back", "https://erp.example/back?x=1"] {
            assert!(!web.admits_redirect(uri), "{uri}");
        }
    }
}
