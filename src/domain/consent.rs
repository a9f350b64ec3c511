//! What persons are asked to agree to: purposes with the text they are shown, in `data/consents.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::category::Names;
use super::violation::Violations;

/// Being listed among an enterprise's contacts and shown to counterparts. Granted by whoever lists the person until the
/// person says otherwise.
pub const CONTACT_DISCLOSURE: &str = "contact_disclosure";

#[derive(Debug, Clone, Deserialize)]
pub struct Purpose {
    pub code: String,
    /// Of the text: a changed one gets the next.
    pub version: i32,
    #[serde(flatten)]
    pub text: Text,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl From<&Text> for Names {
    fn from(text: &Text) -> Self {
        Names { zh: text.zh.clone(), en: text.en.clone() }
    }
}

#[derive(Deserialize)]
struct File {
    purpose: Vec<Purpose>,
}

static PURPOSES: LazyLock<Vec<Purpose>> = LazyLock::new(|| {
    toml::from_str::<File>(include_str!("../../data/consents.toml")).map(|file| file.purpose).unwrap_or_default()
});

/// In the order of their codes.
pub fn purposes() -> &'static [Purpose] {
    &PURPOSES
}

/// What a person says about a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    pub purpose: String,
    pub text_version: Option<i32>,
    pub given: bool,
}

impl NewConsent {
    /// The version of the text it is about: consent is given to the present one, which the person names; withdrawn is
    /// whatever was given.
    pub fn checked(&self) -> Result<i32, Violations> {
        let Some(purpose) = purposes().iter().find(|purpose| purpose.code == self.purpose) else {
            return Err(Violations::one("/purpose", "consent_purpose_unknown"));
        };
        if self.given && self.text_version != Some(purpose.version) {
            let mut violations = Violations::new();
            violations.add_with(
                "/text_version",
                "consent_text_not_current",
                [("current", purpose.version.to_string())],
            );
            return Err(violations);
        }
        Ok(purpose.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_a_text_in_both_languages() {
        let codes: Vec<&str> = purposes().iter().map(|purpose| purpose.code.as_str()).collect();
        assert_eq!(codes, [CONTACT_DISCLOSURE, "privacy_policy", "terms_of_service"]);
        for Purpose { code, version, text } in purposes() {
            assert!(*version > 0 && text.zh.chars().count() > 20 && text.en.len() > 40, "{code}");
        }
    }

    #[test]
    fn consent_is_given_to_the_present_text_and_withdrawn_from_any() {
        let said = |purpose: &str, text_version, given| {
            NewConsent { purpose: purpose.to_owned(), text_version, given }.checked()
        };
        assert_eq!(said(CONTACT_DISCLOSURE, Some(1), true), Ok(1));
        assert_eq!(said(CONTACT_DISCLOSURE, None, false), Ok(1));
        for refused in [said(CONTACT_DISCLOSURE, None, true), said(CONTACT_DISCLOSURE, Some(2), true)] {
            assert!(refused.is_err_and(|faults| faults.iter().any(|fault| fault.pointer == "/text_version")));
        }
        assert!(said("spam", Some(1), true).is_err());
    }
}
