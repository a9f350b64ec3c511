//! Messages that leave the installation: to whom, and from which template.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::account::Login;
use super::message::{self, Language};
use super::violation::Params;

/// What a message says. Mail has its texts in the catalogue as `mail_<template>_subject` and `mail_<template>_text`; a
/// text-message gateway knows its own text by a code that is set for the template, and gets the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Template {
    /// `code`, `minutes` it holds.
    OneTimeCode,
    /// A password was changed, reset or taken away.
    PasswordChanged,
    SecondFactorAdded,
    SecondFactorRemoved,
    /// By an administrator, for somebody who lost it.
    SecondFactorReset,
    RecoveryCodesRenewed,
    /// Signed in with one: `left` are left.
    RecoveryCodeUsed,
    /// `address`, masked, is a new one of the account.
    ContactAdded,
    /// `to` took the place of `from`, both masked.
    ContactChanged,
    /// By its owner, also where nothing of it is left.
    AccountClosed,
    /// Asked to act for `enterprise` as `role`: the `token` to answer with, `days` it holds.
    Invitation,
}

/// A message to send. Parameters are those of the template.
#[derive(Debug, Clone)]
pub struct Message {
    pub to: Login,
    pub template: Template,
    pub parameters: Params,
    pub language: Language,
    /// Not worth sending any later.
    pub lasts: Duration,
    /// Sent only where an account is reached by `to`; asked when it is sent, so that whoever has it sent learns nothing.
    pub only_to_account: bool,
}

impl Message {
    /// One that is worth sending for a day, to anybody.
    pub fn new<const N: usize>(
        to: Login,
        template: Template,
        parameters: [(&'static str, String); N],
        language: Language,
    ) -> Self {
        let (parameters, lasts) = (parameters.into_iter().collect(), Duration::days(1));
        Self { to, template, parameters, language, lasts, only_to_account: false }
    }

    /// The heading of a mail.
    pub fn subject(&self) -> String {
        let template = <&str>::from(self.template);
        message::text(&format!("mail_{template}_subject"), &self.parameters, self.language)
    }

    /// The text of a mail.
    pub fn text(&self) -> String {
        let template = <&str>::from(self.template);
        message::text(&format!("mail_{template}_text"), &self.parameters, self.language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_its_texts() {
        for template in Template::VARIANTS {
            for part in ["subject", "text"] {
                let code = format!("mail_{}_{part}", <&str>::from(*template));
                assert!(message::has(&code), "{code}");
            }
        }
    }
}
