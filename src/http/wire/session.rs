//! Sessions, one-time codes and second factors on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::named;
use crate::app::second_factors::{Answer, NewFactor};
use crate::app::sessions::Tokens;
use crate::app::sign_in::{Grant, TICKET_LIFETIME};
use crate::app::{codes, sessions};
use crate::domain::account::{self, CodePurpose, Login, Password};
use crate::domain::violation::Violations;

/// Asks for a code to exactly one of `email` and `mobile`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"mobile": "13800138000", "purpose": "sign_in"}))]
pub struct CodeInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    purpose: CodePurpose,
}

impl CodeInput {
    pub fn parse(self) -> Result<(CodePurpose, Login), Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        login.map(|login| (self.purpose, login)).ok_or(violations)
    }
}

/// Whether a code goes out is not said.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"expires_in": 600}))]
pub struct CodeSent {
    /// Seconds a code holds.
    #[schema(minimum = 1, maximum = 86_400)]
    expires_in: i64,
}

impl CodeSent {
    pub fn now() -> Self {
        Self { expires_in: codes::LIFETIME.num_seconds() }
    }
}

/// Sign in with exactly one of `email` and `mobile`, and exactly one of `password` and `code`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "wang@example.cn", "password": "a long sentence of mine"}))]
pub struct SessionInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    #[schema(min_length = 1, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: Option<String>,
    /// Asked for with the purpose `sign_in`, or with `sign_up` where `display_name` is given.
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: Option<String>,
    /// With `code` alone: where there is no account yet, it is made under this name, in the same call.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    display_name: Option<String>,
}

impl SessionInput {
    pub fn parse(self) -> Result<(Login, Grant), Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        let display_name = self.display_name.as_deref().map(|name| named(name, &mut violations));
        let grant = match (self.password, self.code, display_name) {
            (Some(password), None, None) => Some(Grant::Password(Password::typed(password))),
            (None, Some(code), None) => Some(Grant::Code(code)),
            (None, Some(code), Some(display_name)) => Some(Grant::CodeOrNew { code, display_name }),
            (Some(_), None, Some(_)) => {
                violations.add("/display_name", "only_with_code");
                None
            }
            _ => {
                violations.add("", "password_or_code");
                None
            }
        };
        login.zip(grant).filter(|_| violations.is_empty()).ok_or(violations)
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"refresh_token": "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG"}))]
pub struct RefreshInput {
    #[schema(min_length = 1, max_length = 200, pattern = r"^[A-Za-z0-9_-]+$")]
    pub refresh_token: String,
}

/// What a client keeps to stay signed in.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "refresh_token": "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG",
    "token_type": "Bearer", "expires_in": 600}))]
pub struct Session {
    /// JWT for `Authorization: Bearer`.
    #[schema(max_length = 4000)]
    access_token: String,
    /// Opaque; rotates: each use answers with the next one.
    #[schema(max_length = 200)]
    refresh_token: String,
    #[schema(max_length = 10)]
    token_type: &'static str,
    /// Seconds the access token lives.
    #[schema(minimum = 1)]
    expires_in: u64,
}

impl From<Tokens> for Session {
    fn from(tokens: Tokens) -> Self {
        let Tokens { access_token, refresh_token, expires_in } = tokens;
        Self { access_token, refresh_token, token_type: "Bearer", expires_in }
    }
}

/// Half a sign-in: the ticket is for `POST /v1/sessions/second-factor`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "second_factor_required", "ticket": "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG", "expires_in": 300}))]
pub struct SecondFactorRequired {
    /// Always `second_factor_required`.
    #[schema(max_length = 30)]
    status: &'static str,
    #[schema(max_length = 200)]
    ticket: String,
    /// Seconds the ticket holds.
    #[schema(minimum = 1, maximum = 86_400)]
    expires_in: i64,
}

impl SecondFactorRequired {
    pub fn new(ticket: String) -> Self {
        Self { status: "second_factor_required", ticket, expires_in: TICKET_LIFETIME.num_seconds() }
    }
}

/// The ticket with exactly one of `code` and `recovery_code`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"ticket": "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG", "code": "287082"}))]
pub struct TicketInput {
    #[schema(min_length = 1, max_length = 200, pattern = r"^[A-Za-z0-9_-]+$")]
    ticket: String,
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 20, pattern = r"^[0-9A-Za-z -]+$")]
    recovery_code: Option<String>,
}

impl TicketInput {
    pub fn parse(self) -> Result<(String, Answer), Violations> {
        Ok((self.ticket, answer(self.code, self.recovery_code)?))
    }
}

/// Exactly one of a code of the authenticator app and a recovery code.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "287082"}))]
pub struct SecondFactorInput {
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 20, pattern = r"^[0-9A-Za-z -]+$")]
    recovery_code: Option<String>,
}

impl SecondFactorInput {
    pub fn parse(self) -> Result<Answer, Violations> {
        answer(self.code, self.recovery_code)
    }
}

fn answer(code: Option<String>, recovery_code: Option<String>) -> Result<Answer, Violations> {
    match (code, recovery_code) {
        (Some(code), None) => Ok(Answer::Code(code)),
        (None, Some(code)) => Ok(Answer::RecoveryCode(code)),
        _ => Err(Violations::one("", "code_or_recovery_code")),
    }
}

/// A first code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "287082"}))]
pub struct ConfirmationInput {
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    pub code: String,
}

/// For an authenticator app (RFC 6238: SHA-1, 6 digits, 30 s); shown once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "uri": "otpauth://totp/Duijie:wang%40example.cn?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Duijie&algorithm=SHA1&digits=6&period=30"}))]
pub struct NewSecondFactor {
    /// Base32, for typing.
    #[schema(max_length = 64)]
    secret: String,
    /// For a QR code.
    #[schema(max_length = 2000)]
    uri: String,
}

impl From<NewFactor> for NewSecondFactor {
    fn from(NewFactor { secret, uri }: NewFactor) -> Self {
        Self { secret, uri }
    }
}

/// Each signs in once where the authenticator app is lost. Shown once: keep them elsewhere.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"recovery_codes": ["7k3mq-x9v2d", "p4w8t-h6n1c"]}))]
pub struct RecoveryCodes {
    #[schema(max_items = 20)]
    recovery_codes: Vec<RecoveryCode>,
}

#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(max_length = 20, example = "7k3mq-x9v2d")]
pub struct RecoveryCode(String);

impl From<Vec<String>> for RecoveryCodes {
    fn from(codes: Vec<String>) -> Self {
        Self { recovery_codes: codes.into_iter().map(RecoveryCode).collect() }
    }
}

/// A session of one's own.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "device": "Mozilla/5.0 (Android 15) MicroMessenger/8.0",
    "created_at": "2026-11-23T08:00:00Z", "last_used_at": "2026-11-24T08:00:00Z", "current": true}))]
pub struct SessionEntry {
    id: Uuid,
    /// What the device called itself (`User-Agent`) when signing in.
    #[schema(max_length = 200)]
    device: String,
    created_at: DateTime<Utc>,
    /// When it last got a new access token: exact to the lifetime of one.
    last_used_at: DateTime<Utc>,
    /// Whether it is the one this request came with.
    current: bool,
}

impl SessionEntry {
    pub fn new(session: sessions::SessionView, current: Uuid) -> Self {
        let sessions::SessionView { id, device, created_at, last_used_at } = session;
        Self { id, device, created_at, last_used_at, current: id == current }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": []}))]
pub struct SessionPage {
    #[schema(max_items = 100)]
    pub items: Vec<SessionEntry>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
