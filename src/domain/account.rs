//! Accounts: how a person is reached, and what a password must be.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::violation::Violations;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: Uuid,
    pub email: Option<String>,
    /// E.164.
    pub mobile: Option<String>,
    pub display_name: String,
    pub status: AccountStatus,
    pub email_verified_at: Option<DateTime<Utc>>,
    pub mobile_verified_at: Option<DateTime<Utc>>,
    pub has_password: bool,
    /// Why an administrator disabled or restored it, the last time.
    pub status_reason: Option<String>,
    pub status_changed_at: Option<DateTime<Utc>>,
    /// Whether the password has [`ROLE_PASSWORD_MIN`] characters or more.
    pub password_long: bool,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// How the account is written to: the address before the number.
    pub fn contacts(&self) -> Vec<Login> {
        let mobile = self.mobile.clone().map(Login::Mobile);
        self.email.clone().map(Login::Email).into_iter().chain(mobile).collect()
    }

    /// When it was proved that the address or number is the account's.
    pub fn verified_at(&mut self, login: &Login) -> &mut Option<DateTime<Utc>> {
        match login {
            Login::Email(_) => &mut self.email_verified_at,
            Login::Mobile(_) => &mut self.mobile_verified_at,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AccountStatus {
    Active,
    /// By an administrator.
    Disabled,
    /// By its owner.
    Deactivated,
    /// With all that named a person, at their own request; it does not come back.
    Erased,
}

/// What a one-time code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CodePurpose {
    SignIn,
    SignUp,
    ResetPassword,
}

/// A name a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    Email(String),
    Mobile(String),
}

impl Login {
    /// The address or number alone; no address is a number.
    pub fn text(&self) -> &str {
        match self {
            Login::Email(text) | Login::Mobile(text) => text,
        }
    }
}

/// With a password, a code for signing up, or both.
#[derive(Debug)]
pub struct NewAccount {
    pub login: Login,
    pub password: Option<Password>,
    pub code: Option<String>,
    pub display_name: String,
}

/// Whom the command line makes an official.
#[derive(Debug)]
pub struct NewPerson {
    pub login: Login,
    pub password: Password,
    pub display_name: String,
}

/// A password as typed. It cannot be printed.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Password {
    pub fn typed(text: String) -> Self {
        Self(text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it suffices for a role of the platform.
    pub fn is_long(&self) -> bool {
        self.0.chars().count() >= ROLE_PASSWORD_MIN
    }
}

pub const PASSWORD_MIN: usize = 10;
pub const PASSWORD_MAX: usize = 128;
/// Platform roles can do more harm.
pub const ROLE_PASSWORD_MIN: usize = 15;

/// Written for this product from patterns seen in every published list of common passwords.
const COMMON: &str = include_str!("common_passwords.txt");

/// Length and blocklist only: no composition rules (NIST SP 800-63B).
pub fn check_password(password: &str, minimum: usize, pointer: &str, violations: &mut Violations) {
    let length = password.chars().count();
    if length < minimum {
        violations.add_with(pointer, "password_too_short", [("minimum", minimum.to_string())]);
    } else if length > PASSWORD_MAX {
        violations.add_with(pointer, "too_long", [("maximum", PASSWORD_MAX.to_string())]);
    }
    let lower = password.to_lowercase();
    let repeated = lower.chars().next().is_some_and(|first| lower.chars().all(|c| c == first));
    if repeated || COMMON.lines().any(|common| common == lower) {
        violations.add(pointer, "password_common");
    }
}

/// An address or number of which only enough is shown to recognise it: `w***@example.cn`, `+86138***00`.
pub fn masked(text: &str) -> String {
    let stars = |head: &str, tail: &str| format!("{head}***{tail}");
    let first = |text: &str, count: usize| text.chars().take(count).collect::<String>();
    match text.rsplit_once('@') {
        Some((local, domain)) => stars(&first(local, 1), &format!("@{domain}")),
        None => {
            let length = text.chars().count();
            let tail: String = text.chars().skip(length.saturating_sub(2)).collect();
            stars(&first(text, length.saturating_sub(8)), &tail)
        }
    }
}

/// Trimmed, full width forgiven, lower case; `None` when it is not an address.
pub fn normalize_email(text: &str) -> Option<String> {
    let email = text.trim().nfkc().collect::<String>().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let plain = |s: &str| !s.is_empty() && s.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '@');
    let domain_ok = plain(domain)
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && !label.starts_with('-')
        });
    (plain(local) && local.len() <= 64 && domain_ok && email.len() <= 254).then_some(email)
}

/// E.164; eleven digits starting with 1 are a mobile number of mainland China. `None` when it is no number.
pub fn normalize_mobile(text: &str) -> Option<String> {
    let compact: String = text.trim().nfkc().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let (plus, digits) = match compact.strip_prefix('+').or_else(|| compact.strip_prefix("00")) {
        Some(rest) => (true, rest),
        None => (false, compact.as_str()),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mainland = digits.len() == 11 && digits.starts_with('1') && !digits.starts_with("10");
    match plus {
        true if (8..=15).contains(&digits.len()) && !digits.starts_with('0') => Some(format!("+{digits}")),
        false if mainland => Some(format!("+86{digits}")),
        _ => None,
    }
}

/// Reads exactly one of `email` and `mobile`.
pub fn parse_login(email: Option<&str>, mobile: Option<&str>, violations: &mut Violations) -> Option<Login> {
    match (email, mobile) {
        (Some(email), None) => {
            let login = normalize_email(email).map(Login::Email);
            login.is_none().then(|| violations.add("/email", "email_invalid"));
            login
        }
        (None, Some(mobile)) => {
            let login = normalize_mobile(mobile).map(Login::Mobile);
            login.is_none().then(|| violations.add("/mobile", "mobile_invalid"));
            login
        }
        _ => {
            violations.add("", "email_or_mobile");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_people_write_them() {
        for (text, read) in [
            ("13800138000", Some("+8613800138000")),
            ("+86 138-0013-8000", Some("+8613800138000")),
            ("１３８００１３８０００", Some("+8613800138000")),
            ("0049 170 1234567", Some("+491701234567")),
            ("12345", None),
            ("", None),
            ("138001380000", None),
        ] {
            assert_eq!(normalize_mobile(text).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn reads_addresses() {
        assert_eq!(normalize_email(" Wang@Example.CN ").as_deref(), Some("wang@example.cn"));
        for bad in ["", "a", "@b.cn", "a@b", "a@b..cn", "a b@c.cn", "a@-b.cn", "a\u{0}@b.cn"] {
            assert_eq!(normalize_email(bad), None, "{bad}");
        }
    }

    #[test]
    fn masks() {
        assert_eq!(masked("wang@example.cn"), "w***@example.cn");
        assert_eq!(masked("+8613800138000"), "+86138***00");
        assert_eq!(masked("+1"), "***+1");
    }

    #[test]
    fn refuses_weak_passwords() {
        let codes = |password: &str| {
            let mut violations = Violations::new();
            check_password(password, PASSWORD_MIN, "/password", &mut violations);
            violations.iter().map(|v| v.code).collect::<Vec<_>>()
        };
        assert_eq!(codes("short"), ["password_too_short"]);
        assert_eq!(codes("1234567890"), ["password_common"]);
        assert_eq!(codes("aaaaaaaaaaaa"), ["password_common"]);
        assert!(codes("轴承厂的仓库在西工区十号").is_empty());
    }
}
