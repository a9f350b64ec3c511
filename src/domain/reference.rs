//! The reference data of the product, loaded once and replaced as a whole.

use super::category::CategoryTree;
use super::region::Regions;
use super::standard::Standard;
use super::unit::Units;

#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub categories: CategoryTree,
    pub regions: Regions,
    pub units: Units,
    pub standards: Vec<Standard>,
}
