//! OAuth 2 on the wire: the names are those of RFC 6749, 7009, 7636 and 8414.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::codes;
use crate::app::oauth::AppView;
use crate::app::oauth::authorize::{Agreed, Asked, AuthorizationView, Consent, Question};
use crate::app::oauth::token::AppTokens;
use crate::domain::access::Scope;
use crate::domain::enterprise::EnterpriseStatus;
use crate::domain::message::Language;
use crate::domain::oauth::join_scopes;

/// What an app brings to the token endpoint. Which fields are needed depends on `grant_type`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "client_credentials", "client_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69",
    "client_secret": "djk_4fZk29QmX0aB_0123456789abcdefghijABCDEFGHIJ0123456789abc000000", "scope": "listings:read"}))]
pub struct TokenRequest {
    /// `client_credentials`, `authorization_code` or `refresh_token`.
    #[schema(max_length = 100)]
    pub grant_type: String,
    /// Unless in `Authorization: Basic`.
    #[schema(max_length = 100)]
    pub client_id: Option<String>,
    /// A key of the app, unless in `Authorization: Basic`; none for a public app.
    #[schema(max_length = 200, format = Password)]
    pub client_secret: Option<String>,
    /// With blanks between; left out: all that can be had.
    #[schema(max_length = 1000)]
    pub scope: Option<String>,
    /// With `authorization_code`.
    #[schema(max_length = 200)]
    pub code: Option<String>,
    /// With `authorization_code`: as the code was asked for with.
    #[schema(max_length = 500)]
    pub redirect_uri: Option<String>,
    /// With `authorization_code` (RFC 7636).
    #[schema(max_length = 200)]
    pub code_verifier: Option<String>,
    /// With `refresh_token`.
    #[schema(max_length = 200)]
    pub refresh_token: Option<String>,
}

/// A token to be revoked.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"client_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "token": "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG"}))]
pub struct RevocationRequest {
    /// A refresh or access token of this app.
    #[schema(max_length = 4000)]
    pub token: String,
    /// Not needed, and not looked at.
    #[schema(max_length = 100)]
    #[allow(dead_code)]
    token_type_hint: Option<String>,
    #[schema(max_length = 100)]
    pub client_id: Option<String>,
    #[schema(max_length = 200, format = Password)]
    pub client_secret: Option<String>,
}

/// A token for an app (RFC 6749, 5.1).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 600, "scope": "listings:read"}))]
pub struct AppToken {
    /// JWT for `Authorization: Bearer`.
    #[schema(max_length = 4000)]
    access_token: String,
    #[schema(max_length = 10)]
    token_type: &'static str,
    /// Seconds the access token lives.
    #[schema(minimum = 1)]
    expires_in: u64,
    /// Rotates as a person's does; not with client credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    refresh_token: Option<String>,
    /// What it may, with blanks between.
    #[schema(max_length = 1000)]
    scope: String,
}

impl From<AppTokens> for AppToken {
    fn from(tokens: AppTokens) -> Self {
        let AppTokens { access_token, refresh_token, expires_in, scopes } = tokens;
        Self { access_token, token_type: "Bearer", expires_in, refresh_token, scope: join_scopes(&scopes) }
    }
}

/// What a person agrees to.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"client_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "redirect_uri": "https://erp.example/callback",
    "scope": "listings:read", "state": "af0ifjsldkj", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256"}))]
pub struct AuthorizationInput {
    client_id: Uuid,
    #[schema(min_length = 1, max_length = 500, pattern = r"^[\x21-\x7e]*$")]
    redirect_uri: String,
    /// With blanks between.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[\x20-\x7e]*$")]
    scope: String,
    /// The app's own; comes back with the code.
    #[schema(max_length = 500, pattern = r"^[\x20-\x7e]*$")]
    state: Option<String>,
    /// BASE64URL of the SHA-256 of a `code_verifier` that the app keeps.
    #[schema(min_length = 43, max_length = 43, pattern = r"^[A-Za-z0-9_-]+$")]
    code_challenge: String,
    /// `S256`, the only one there is (RFC 7636).
    #[schema(max_length = 4, pattern = "^S256$")]
    #[allow(dead_code)]
    code_challenge_method: String,
    /// The app may act for this enterprise alone, with the person's role there but never more than a trader's; left out:
    /// wherever the person may.
    enterprise_id: Option<Uuid>,
}

impl From<AuthorizationInput> for Consent {
    fn from(input: AuthorizationInput) -> Self {
        let AuthorizationInput { client_id, redirect_uri, scope, state, code_challenge, enterprise_id, .. } = input;
        Self { asked: Asked { client_id, redirect_uri, scope, enterprise_id }, state, code_challenge }
    }
}

/// Where the person's browser goes next.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"redirect_to": "https://erp.example/callback?code=7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG&state=af0ifjsldkj", "expires_in": 60}))]
pub struct AuthorizationAnswer {
    /// The app's address with a code, good for one exchange, and its `state`.
    #[schema(max_length = 3000)]
    redirect_to: String,
    /// Seconds the code lives.
    #[schema(minimum = 1)]
    expires_in: u64,
}

impl From<&Agreed> for AuthorizationAnswer {
    fn from(agreed: &Agreed) -> Self {
        Self { redirect_to: agreed.redirect_to.clone(), expires_in: agreed.expires_in }
    }
}

/// An app as people see it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"client_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "name": "仓库同步",
    "owner": {"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70", "legal_name": "洛阳示范轴承有限公司", "verified": true}}))]
pub struct AppSummary {
    client_id: Uuid,
    #[schema(max_length = 100)]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// Who answers for it; absent: the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<AppOwner>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70", "legal_name": "洛阳示范轴承有限公司", "verified": true}))]
pub struct AppOwner {
    enterprise_id: Uuid,
    #[schema(max_length = 200)]
    legal_name: String,
    verified: bool,
}

impl From<AppView> for AppSummary {
    fn from(AppView { app, owner }: AppView) -> Self {
        let owner = owner.map(|owner| AppOwner {
            enterprise_id: owner.id,
            legal_name: owner.profile.legal_name,
            verified: owner.status == EnterpriseStatus::Verified,
        });
        Self { client_id: app.id, name: app.details.name, description: app.details.description, owner }
    }
}

/// A scope, in words.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"scope": "listings:read", "label": "查看供需信息"}))]
pub struct ScopeInWords {
    scope: Scope,
    /// In the reader's language.
    #[schema(max_length = 200)]
    label: String,
}

/// What a person is asked to agree to.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"app": {"$example": "AppSummary"}, "scopes": [{"$example": "ScopeInWords"}]}))]
pub struct AuthorizationPreview {
    app: AppSummary,
    #[schema(max_items = 50)]
    scopes: Vec<ScopeInWords>,
}

impl AuthorizationPreview {
    pub fn new(Question { view, scopes }: Question, language: Language) -> Self {
        let in_words = |scope: Scope| ScopeInWords { scope, label: codes::label("Scope", scope.into(), language) };
        Self { app: view.into(), scopes: scopes.into_iter().map(in_words).collect() }
    }
}

/// Whom a person lets act for them.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "app": {"$example": "AppSummary"}, "scopes": ["listings:read"],
    "created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z"}))]
pub struct Authorization {
    pub id: Uuid,
    app: AppSummary,
    /// The app may act for this enterprise alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_id: Option<Uuid>,
    #[schema(max_items = 50)]
    scopes: Vec<Scope>,
    created_at: DateTime<Utc>,
    /// When it was last agreed to.
    updated_at: DateTime<Utc>,
}

impl From<AuthorizationView> for Authorization {
    fn from(AuthorizationView { authorization, view }: AuthorizationView) -> Self {
        let crate::domain::oauth::Authorization { id, enterprise_id, scopes, created_at, updated_at, .. } =
            authorization;
        Self { id, app: view.into(), enterprise_id, scopes, created_at, updated_at }
    }
}

/// A page of them.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Authorization"}]}))]
pub struct AuthorizationPage {
    #[schema(max_items = 100)]
    pub items: Vec<Authorization>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Where and how an app takes tokens (RFC 8414).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"issuer": "https://duijie.example", "token_endpoint": "https://duijie.example/v1/oauth/token",
    "revocation_endpoint": "https://duijie.example/v1/oauth/revoke", "scopes_supported": ["listings:read"], "response_types_supported": ["code"],
    "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    "code_challenge_methods_supported": ["S256"], "service_documentation": "https://duijie.example/docs/"}))]
pub struct OAuthServer {
    #[schema(max_length = 500)]
    pub issuer: String,
    #[schema(max_length = 500)]
    pub token_endpoint: String,
    #[schema(max_length = 500)]
    pub revocation_endpoint: String,
    #[schema(max_items = 100)]
    pub scopes_supported: Vec<Scope>,
    #[schema(max_items = 10, value_type = Vec<MetadataWord>)]
    pub response_types_supported: Vec<&'static str>,
    #[schema(max_items = 10, value_type = Vec<MetadataWord>)]
    pub grant_types_supported: Vec<&'static str>,
    #[schema(max_items = 10, value_type = Vec<MetadataWord>)]
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    #[schema(max_items = 10, value_type = Vec<MetadataWord>)]
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    #[schema(max_items = 10, value_type = Vec<MetadataWord>)]
    pub code_challenge_methods_supported: Vec<&'static str>,
    #[schema(max_length = 500)]
    pub service_documentation: String,
}

/// A word of a register of IANA's.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100)]
#[allow(dead_code)]
pub struct MetadataWord(String);
