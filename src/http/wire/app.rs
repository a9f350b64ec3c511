//! Apps of third parties and their keys on the wire. `AppInput` is the schema of the domain's `NewApp`.

use std::borrow::Cow;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::app::Policy;
use crate::app::apps::keys::{NewKey, ShownKey};
use crate::domain::access::Scope;
use crate::domain::app::{AppRegulation, AppStatus, DailyUsage, KeptKey, NewApp, RegisteredApp};

/// A program that calls the API for its owner, or for people who agree.
#[derive(ToSchema)]
#[schema(example = json!({"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "name": "仓库同步", "description": "Posts what is in stock every hour.",
    "redirect_uris": ["https://erp.example/callback"], "scopes": ["listings:read", "listings:write"]}))]
#[allow(dead_code)]
pub struct AppInput {
    /// Whose it is, and whom it trades for; left out by administrators, for an app of the platform. Does not change.
    enterprise_id: Option<Uuid>,
    /// Runs on machines of those who use it (mobile, desktop, browser) and so can keep no secret: it has no keys, and acts only
    /// for people who agree, with PKCE. Does not change.
    #[schema(default = false)]
    public: Option<bool>,
    /// What people read who are asked to agree.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    name: String,
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*$")]
    description: Option<String>,
    /// Where people are sent back to: `https`; `http` with a loopback address, whose port may then differ; or a scheme of one's
    /// own with a dot in it, as `com.example.app:/back`. Compared character for character.
    #[schema(max_items = 10)]
    redirect_uris: Option<Vec<RedirectUri>>,
    /// The most it may ever be allowed.
    #[schema(min_items = 1, max_items = 50)]
    scopes: Vec<Scope>,
}

/// Where people are sent back to.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 500, pattern = r"^[\x21-\x7e]*$", example = "https://erp.example/callback")]
#[allow(dead_code)]
pub struct RedirectUri(String);

/// A merge patch of an app; its schema is derived from `AppInput`.
#[derive(ToSchema)]
#[schema(example = json!({"scopes": ["listings:read"], "description": null}))]
pub struct AppPatch {}

impl PartialSchema for NewApp {
    fn schema() -> RefOr<Schema> {
        AppInput::schema()
    }
}

impl ToSchema for NewApp {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AppInput")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        AppInput::schemas(schemas);
    }
}

/// An app of a third party. Its `id` is its `client_id`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70", "public": false,
    "name": "仓库同步", "redirect_uris": ["https://erp.example/callback"], "scopes": ["listings:read", "listings:write"], "status": "active",
    "requests_per_minute": 600, "version": 1, "created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z"}))]
pub struct App {
    pub id: Uuid,
    /// Whose it is; absent for an app of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_id: Option<Uuid>,
    public: bool,
    #[schema(max_length = 100)]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[schema(max_items = 10, value_type = Vec<RedirectUri>)]
    redirect_uris: Vec<String>,
    #[schema(max_items = 50)]
    scopes: Vec<Scope>,
    status: AppStatus,
    /// Why it is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// How much it may ask for, all its tokens together.
    #[schema(minimum = 1)]
    requests_per_minute: u32,
    /// The same for a day (UTC), at all processes together; absent where there is no bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    requests_per_day: Option<u32>,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl App {
    /// By the policy's quotas where an administrator set none.
    pub fn new(app: RegisteredApp, policy: &Policy) -> Self {
        let RegisteredApp { id, enterprise_id, public, details, status, reason, version, .. } = app;
        Self {
            id,
            enterprise_id,
            public,
            name: details.name,
            description: details.description,
            redirect_uris: details.redirect_uris,
            scopes: details.scopes,
            status,
            reason,
            requests_per_minute: app.requests_per_minute.unwrap_or(policy.app_requests_per_minute),
            requests_per_day: app.requests_per_day.or(policy.app_requests_per_day),
            version,
            created_at: app.created_at,
            updated_at: app.updated_at,
        }
    }
}

/// A page of apps.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "App"}]}))]
pub struct AppPage {
    #[schema(max_items = 100)]
    pub items: Vec<App>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// What an administrator settles about an app.
#[derive(ToSchema)]
#[schema(example = json!({"status": "active", "requests_per_minute": 3000}))]
#[allow(dead_code)]
pub struct AppRegulationInput {
    status: AppStatus,
    /// Required to suspend; its owner reads it.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*$")]
    reason: Option<String>,
    /// None: as everybody.
    #[schema(minimum = 1, maximum = 100000)]
    requests_per_minute: Option<u32>,
    /// None: as everybody.
    #[schema(minimum = 1, maximum = 100000000)]
    requests_per_day: Option<u32>,
}

/// A merge patch; its schema is derived from `AppRegulationInput`.
#[derive(ToSchema)]
#[schema(example = json!({"status": "suspended", "reason": "掉单率过高，请先整改"}))]
pub struct AppRegulationPatch {}

impl PartialSchema for AppRegulation {
    fn schema() -> RefOr<Schema> {
        AppRegulationInput::schema()
    }
}

impl ToSchema for AppRegulation {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AppRegulationInput")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        AppRegulationInput::schemas(schemas);
    }
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "production", "scopes": ["listings:write"], "expires_at": "2099-12-31T00:00:00Z"}))]
pub struct AppKeyInput {
    /// For those who look after it.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    name: Option<String>,
    /// No more than the app's; left out: all of them.
    #[schema(min_items = 1, max_items = 50)]
    scopes: Option<Vec<Scope>>,
    /// Left out: until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

impl From<AppKeyInput> for NewKey {
    fn from(input: AppKeyInput) -> Self {
        let AppKeyInput { name, scopes, expires_at } = input;
        Self { name, scopes, expires_at }
    }
}

/// How a key is replaced.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct AppKeyRotation {
    /// How long the old key works on; 0: not at all.
    #[schema(minimum = 0, maximum = 720, default = 24)]
    overlap_hours: Option<i64>,
}

impl From<Option<AppKeyRotation>> for AppKeyRotation {
    fn from(given: Option<AppKeyRotation>) -> Self {
        given.unwrap_or(Self { overlap_hours: None })
    }
}

impl AppKeyRotation {
    pub fn overlap(self) -> Duration {
        Duration::hours(self.overlap_hours.unwrap_or(24).clamp(0, 720))
    }
}

/// A key of an app, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "public_id": "4fZk29QmX0aB", "name": "production",
    "scopes": ["listings:write"], "created_at": "2026-11-23T08:00:00Z", "last_used_at": "2026-11-24T08:00:00Z"}))]
pub struct AppKey {
    pub id: Uuid,
    /// The middle part of the key.
    #[schema(max_length = 12)]
    public_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(max_items = 50)]
    scopes: Vec<Scope>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
    /// When it last gave a token, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
}

impl From<KeptKey> for AppKey {
    fn from(key: KeptKey) -> Self {
        let KeptKey { id, public_id, name, scopes, created_at, expires_at, revoked_at, last_used_at, .. } = key;
        Self { id, public_id, name, scopes, created_at, expires_at, revoked_at, last_used_at }
    }
}

/// The newest hundred keys of an app.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "AppKey"}]}))]
pub struct AppKeyList {
    #[schema(max_items = 100)]
    pub items: Vec<AppKey>,
}

/// A new key, with its secret: shown this once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "public_id": "4fZk29QmX0aB", "scopes": ["listings:write"],
    "created_at": "2026-11-23T08:00:00Z", "key": "djk_4fZk29QmX0aB_0123456789abcdefghijABCDEFGHIJ0123456789abc000000"}))]
pub struct NewAppKey {
    pub id: Uuid,
    #[schema(max_length = 12)]
    public_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(max_items = 50)]
    scopes: Vec<Scope>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    /// The `client_secret` of the token endpoint: `djk_<public id>_<secret><checksum>`, `djt_…` at a sandbox.
    #[schema(max_length = 100)]
    key: String,
}

impl From<&ShownKey> for NewAppKey {
    fn from(ShownKey { kept, key }: &ShownKey) -> Self {
        let KeptKey { id, public_id, name, scopes, created_at, expires_at, .. } = kept.clone();
        Self { id, public_id, name, scopes, created_at, expires_at, key: key.expose().to_owned() }
    }
}

/// What an app asked for on one day (UTC).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"day": "2026-11-24", "requests": 18250, "refused": 0}))]
pub struct AppDay {
    day: NaiveDate,
    #[schema(minimum = 0)]
    requests: i64,
    /// Of these, over its quota.
    #[schema(minimum = 0)]
    refused: i64,
}

impl From<DailyUsage> for AppDay {
    fn from(DailyUsage { day, requests, refused }: DailyUsage) -> Self {
        Self { day, requests, refused }
    }
}

/// The last ninety days on which it asked for anything, newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "AppDay"}]}))]
pub struct AppUsage {
    #[schema(max_items = 90)]
    pub items: Vec<AppDay>,
}
