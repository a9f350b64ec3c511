//! The reference data of the product, loaded once and replaced as a whole.

use serde_json::Value;

use super::category::{Category, CategoryTree};
use super::region::{Region, Regions};
use super::standard::Standard;
use super::unit::{Unit, Units};

#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub categories: CategoryTree,
    pub regions: Regions,
    pub units: Units,
    pub standards: Vec<Standard>,
}

impl Reference {
    /// From documents with the name of their scheme; schemes this version does not know are left aside.
    pub fn from_items(items: impl IntoIterator<Item = (String, Value)>) -> Result<Self, serde_json::Error> {
        let (mut categories, mut regions, mut units, mut standards) = (vec![], vec![], vec![], vec![]);
        for (scheme, document) in items {
            match scheme.as_str() {
                "categories" => categories.push(serde_json::from_value::<Category>(document)?),
                "regions" => regions.push(serde_json::from_value::<Region>(document)?),
                "units" => units.push(serde_json::from_value::<Unit>(document)?),
                "standards" => standards.push(serde_json::from_value::<Standard>(document)?),
                _ => {}
            }
        }
        Ok(Self {
            categories: CategoryTree::new(categories),
            regions: Regions::new(regions),
            units: Units::new(units),
            standards,
        })
    }
}
