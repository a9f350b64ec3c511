//! The bureau's roster: which enterprises there are, and by which phone each is reached. Code, name and phone together prove
//! who an enterprise is.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::account::normalize_mobile;
use super::uscc::{Uscc, UsccError};
use super::violation::Violations;

/// As a roster has it.
#[derive(Debug, Clone, Deserialize)]
pub struct RosterRow {
    pub uscc: String,
    pub legal_name: String,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub contact: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    pub uscc: String,
    pub legal_name: String,
    /// E.164, where it is one that can be sent a message; rosters have landlines too.
    pub mobile: Option<String>,
    pub contact: Option<String>,
}

impl RosterRow {
    /// `accepted`: codes that are taken although their check characters do not fit.
    pub fn read(self, accepted: &[&str]) -> Result<RosterEntry, Violations> {
        let mut violations = Violations::new();
        let code = match (Uscc::parse(&self.uscc), Uscc::accepted(&self.uscc, accepted)) {
            (Ok(code), _) | (_, Some(code)) => Some(code.to_string()),
            (Err(UsccError::Format), None) => {
                violations.add("/uscc", "uscc_format");
                None
            }
            (Err(UsccError::CheckCharacter), None) => {
                violations.add("/uscc", "uscc_check_character");
                None
            }
        };
        let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let legal_name = given(Some(self.legal_name));
        if legal_name.is_none() {
            violations.add("/legal_name", "blank");
        }
        match (code, legal_name) {
            (Some(uscc), Some(legal_name)) => {
                let mobile = self.phone.as_deref().and_then(normalize_mobile);
                Ok(RosterEntry { uscc, legal_name, mobile, contact: given(self.contact) })
            }
            _ => Err(violations),
        }
    }
}

/// Whether two names are of the same enterprise: width of characters, brackets and spaces do not count.
pub fn same_name(one: &str, other: &str) -> bool {
    let plain =
        |name: &str| -> String { name.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect() };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_write_them() {
        assert!(same_name("洛阳轴承（集团）有限公司", "洛阳轴承(集团) 有限公司"));
        assert!(same_name("ＡＢＣ Ltd", "abc ltd"));
        assert!(!same_name("洛阳轴承有限公司", "洛阳轴承集团有限公司"));
    }

    #[test]
    fn a_row_says_what_is_wrong_with_it() {
        let row = |uscc: &str, name: &str, phone: &str| RosterRow {
            uscc: uscc.to_owned(),
            legal_name: name.to_owned(),
            phone: Some(phone.to_owned()),
            contact: None,
        };
        let entry = row(" 91440300708461136t", " 示范 ", "138 0013 8000").read(&[]);
        let wanted = RosterEntry {
            uscc: "91440300708461136T".to_owned(),
            legal_name: "示范".to_owned(),
            mobile: Some("+8613800138000".to_owned()),
            contact: None,
        };
        assert_eq!(entry, Ok(wanted));
        let landline = row("91440300708461136T", "示范", "0379-64912345").read(&[]);
        assert_eq!(landline.map(|entry| entry.mobile), Ok(None));
        let faults: Vec<_> = row("914403007084611361", " ", "")
            .read(&[])
            .err()
            .iter()
            .flat_map(|v| v.iter().map(|v| v.code).collect::<Vec<_>>())
            .collect();
        assert_eq!(faults, ["uscc_check_character", "blank"]);
        assert!(row("914403007084611361", "示范", "").read(&["914403007084611361"]).is_ok());
    }
}
