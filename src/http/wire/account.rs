//! Accounts on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::accounts::AccountView;
use crate::app::proof::Proof;
use crate::domain::account::{self, AccountStatus, Login, NewAccount, Password};
use crate::domain::platform::{Grant, PlatformRole};
use crate::domain::violation::Violations;

/// Sign up with exactly one of `email` and `mobile`, and with a `password`, a `code` (see `POST /v1/sessions/codes` with
/// `sign_up`), or both.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "wang@example.cn", "password": "a long sentence of mine", "display_name": "王芳"}))]
pub struct AccountInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    /// E.164, or eleven digits for mainland China.
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    /// 10 to 128 characters; no composition rules, but not one of the common ones.
    #[schema(min_length = 10, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: Option<String>,
    /// Proves the address or number.
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    display_name: String,
}

impl AccountInput {
    pub fn parse(self) -> Result<NewAccount, Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        match &self.password {
            Some(password) => {
                account::check_password(password, account::PASSWORD_MIN, "/password", &mut violations);
            }
            None if self.code.is_none() => violations.add("/password", "required"),
            None => {}
        }
        let display_name = named(&self.display_name, &mut violations);
        let login = login.filter(|_| violations.is_empty()).ok_or(violations)?;
        Ok(NewAccount { login, password: self.password.map(Password::typed), code: self.code, display_name })
    }
}

pub fn named(text: &str, violations: &mut Violations) -> String {
    let name = text.trim().to_owned();
    if name.is_empty() {
        violations.add("/display_name", "blank");
    }
    name
}

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "email": "wang@example.cn", "display_name": "王芳",
    "status": "active", "has_password": true, "second_factor": false, "roles": [], "version": 1,
    "created_at": "2026-11-23T08:00:00Z"}))]
pub struct Account {
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254)]
    email: Option<String>,
    /// When it was proved by a code that the address is this person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified_at: Option<DateTime<Utc>>,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16)]
    mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_verified_at: Option<DateTime<Utc>>,
    #[schema(max_length = 100)]
    display_name: String,
    status: AccountStatus,
    /// Why an administrator disabled or restored it, the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    status_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_changed_at: Option<DateTime<Utc>>,
    /// Without one, the account is entered by one-time codes alone.
    has_password: bool,
    /// Whether signing in also asks for a code of an authenticator app.
    second_factor: bool,
    /// Roles of the platform.
    #[schema(max_items = 1000)]
    roles: Vec<RoleGrant>,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
}

/// A role of the platform.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"role": "moderator", "region_code": "410300"}))]
pub struct RoleGrant {
    role: PlatformRole,
    /// It holds there and below; left out: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12)]
    region_code: Option<String>,
}

impl From<Grant> for RoleGrant {
    fn from(Grant { role, region_code }: Grant) -> Self {
        Self { role, region_code }
    }
}

impl From<AccountView> for Account {
    fn from(view: AccountView) -> Self {
        let AccountView { account, second_factor, grants } = view;
        Self {
            id: account.id,
            email: account.email,
            email_verified_at: account.email_verified_at,
            mobile: account.mobile,
            mobile_verified_at: account.mobile_verified_at,
            display_name: account.display_name,
            status: account.status,
            status_reason: account.status_reason,
            status_changed_at: account.status_changed_at,
            has_password: account.has_password,
            second_factor,
            roles: grants.into_iter().map(RoleGrant::from).collect(),
            version: account.version,
            created_at: account.created_at,
        }
    }
}

/// Exactly one of `email` and `mobile`: one's own, or one to be added.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"mobile": "13800138000"}))]
pub struct OwnCodeInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
}

impl OwnCodeInput {
    pub fn parse(self) -> Result<Login, Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        login.ok_or(violations)
    }
}

/// Exactly one of `email` and `mobile`, with the code sent there.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"mobile": "13800138000", "code": "271828", "password": "a long sentence of mine"}))]
pub struct ContactVerificationInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: String,
    /// Needed, where the account has one, to add an address or number, or to put it in place of another.
    #[schema(min_length = 1, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: Option<String>,
}

impl ContactVerificationInput {
    pub fn parse(self) -> Result<(Login, String, Option<Password>), Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        login.map(|login| (login, self.code, self.password.map(Password::typed))).ok_or(violations)
    }
}

/// A new password, with the present one or a code sent just now (see `POST /v1/accounts/me/codes`).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"password": "a long sentence of mine", "new_password": "another long sentence"}))]
pub struct PasswordInput {
    #[schema(min_length = 1, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: Option<String>,
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: Option<String>,
    /// 10 to 128 characters; 15 for roles of the platform without a second factor.
    #[schema(min_length = 10, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    new_password: String,
}

impl PasswordInput {
    pub fn parse(self) -> Result<(Proof, Password), Violations> {
        let mut violations = Violations::new();
        account::check_password(&self.new_password, account::PASSWORD_MIN, "/new_password", &mut violations);
        let proof = proof(self.password, self.code, &mut violations);
        let proof = proof.filter(|_| violations.is_empty()).ok_or(violations)?;
        Ok((proof, Password::typed(self.new_password)))
    }
}

/// A new password, with the code sent to the address or number (see `POST /v1/sessions/codes` with `reset_password`).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "wang@example.cn", "code": "271828", "password": "another long sentence"}))]
pub struct ResetInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: String,
    #[schema(min_length = 10, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: String,
}

impl ResetInput {
    pub fn parse(self) -> Result<(Login, String, Password), Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        account::check_password(&self.password, account::PASSWORD_MIN, "/password", &mut violations);
        let login = login.filter(|_| violations.is_empty()).ok_or(violations)?;
        Ok((login, self.code, Password::typed(self.password)))
    }
}

/// Exactly one of the present password and a code sent just now (see `POST /v1/accounts/me/codes`).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"password": "a long sentence of mine"}))]
pub struct ProofInput {
    #[schema(min_length = 1, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: Option<String>,
    #[schema(max_length = 6, pattern = "^[0-9]{6}$")]
    code: Option<String>,
}

impl ProofInput {
    pub fn parse(self) -> Result<Proof, Violations> {
        let mut violations = Violations::new();
        proof(self.password, self.code, &mut violations).ok_or(violations)
    }
}

fn proof(password: Option<String>, code: Option<String>, violations: &mut Violations) -> Option<Proof> {
    match (password, code) {
        (Some(password), None) => Some(Proof::Password(Password::typed(password))),
        (None, Some(code)) => Some(Proof::Code(code)),
        _ => {
            violations.add("", "password_or_code");
            None
        }
    }
}
