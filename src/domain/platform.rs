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

/// Places somebody may act in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Also what has no known place.
    pub everywhere: bool,
    /// Else these, each by itself.
    pub regions: Vec<String>,
}

impl Reach {
    pub const EVERYWHERE: Self = Self { everywhere: true, regions: Vec::new() };

    /// A region with all below it.
    pub fn of_region(code: &str, regions: &Regions) -> Self {
        let within = regions.all().into_iter().filter(|region| regions.is_within(&region.code, code));
        Self { everywhere: false, regions: within.map(|region| region.code.clone()).collect() }
    }

    /// Of several grants together.
    pub fn of_grants(grants: &[Grant], regions: &Regions) -> Self {
        let mut reach = Self::default();
        for grant in grants {
            match &grant.region_code {
                None => return Self::EVERYWHERE,
                Some(code) => reach.regions.extend(Self::of_region(code, regions).regions),
            }
        }
        reach.regions.sort();
        reach.regions.dedup();
        reach
    }

    pub fn covers(&self, region_code: Option<&str>) -> bool {
        self.everywhere || region_code.is_some_and(|code| self.regions.iter().any(|own| own == code))
    }
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
