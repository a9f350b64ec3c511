//! Accounts and sessions on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::sessions::Tokens;
use crate::domain::account::{self, Login, NewAccount, Password};
use crate::domain::violation::Violations;

/// Sign up with exactly one of `email` and `mobile`.
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
    password: String,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    display_name: String,
}

impl AccountInput {
    pub fn parse(self) -> Result<NewAccount, Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        account::check_password(&self.password, account::PASSWORD_MIN, "/password", &mut violations);
        let display_name = self.display_name.trim().to_owned();
        if display_name.is_empty() {
            violations.add("/display_name", "blank");
        }
        match login {
            Some(login) if violations.is_empty() => {
                Ok(NewAccount { login, password: Password::typed(self.password), display_name })
            }
            _ => Err(violations),
        }
    }
}

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "email": "wang@example.cn", "display_name": "王芳",
    "version": 1, "created_at": "2026-11-23T08:00:00Z"}))]
pub struct Account {
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254)]
    email: Option<String>,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16)]
    mobile: Option<String>,
    #[schema(max_length = 100)]
    display_name: String,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
}

impl From<account::Account> for Account {
    fn from(account: account::Account) -> Self {
        let account::Account { id, email, mobile, display_name, version, created_at } = account;
        Self { id, email, mobile, display_name, version, created_at }
    }
}

/// Sign in with exactly one of `email` and `mobile`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "wang@example.cn", "password": "a long sentence of mine"}))]
pub struct SessionInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    #[schema(min_length = 1, max_length = 128, format = Password, pattern = r"^[^\x00]*$")]
    password: String,
}

impl SessionInput {
    pub fn parse(self) -> Result<(Login, Password), Violations> {
        let mut violations = Violations::new();
        let login = account::parse_login(self.email.as_deref(), self.mobile.as_deref(), &mut violations);
        login.map(|login| (login, Password::typed(self.password))).ok_or(violations)
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
#[schema(example = json!({"access_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "refresh_token": "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG",
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
