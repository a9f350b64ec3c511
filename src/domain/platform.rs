//! Roles of the platform: what an account may do beyond its enterprises, and where.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::region::Regions;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlatformRole {
    Admin,
    Moderator,
    /// Of a public body: coordinates supply in its region.
    Officer,
}

/// A role in a region and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub role: PlatformRole,
    /// None: everywhere.
    pub region_code: Option<String>,
}

impl Grant {
    pub fn is_admin_everywhere(&self) -> bool {
        self.role == PlatformRole::Admin && self.region_code.is_none()
    }

    /// Whether it reaches a place; what has no known place only those reach who are not confined to one.
    pub fn covers(&self, region_code: Option<&str>, regions: &Regions) -> bool {
        match (&self.region_code, region_code) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(code)) => regions.is_within(code, own),
        }
    }
}
