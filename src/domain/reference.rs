//! The reference data of the product, loaded once and replaced as a whole.

use std::sync::OnceLock;

use serde_json::Value;

use super::category::{Category, CategoryTree};
use super::classification::{Class, Classification};
use super::currency::{Currencies, Currency};
use super::occupation::OccupationNames;
use super::region::{Region, Regions};
use super::screening_data::{Capacity, PriceBaseline, Screening, ScreeningWords};
use super::standard::Standard;
use super::unit::{Unit, Units};
use super::validity::Coded;

#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub categories: CategoryTree,
    pub currencies: Currencies,
    /// Sections and divisions of GB/T 4754-2017.
    pub industries: Classification,
    /// The upper three levels of ISCO-08.
    pub occupations: Classification,
    pub regions: Regions,
    pub standards: Vec<Standard>,
    pub units: Units,
    /// What the program compares listings with.
    pub screening: Screening,
    /// Made from categories and occupations when first asked for.
    pub(crate) occupation_names: OnceLock<OccupationNames>,
}

/// One entry of one scheme.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Capacity(Capacity),
    Category(Category),
    Currency(Currency),
    Industry(Class),
    Occupation(Class),
    PriceBaseline(PriceBaseline),
    Region(Region),
    ScreeningWords(ScreeningWords),
    Standard(Standard),
    Unit(Unit),
}

/// Every scheme by its name.
pub const SCHEMES: [&str; 10] = [
    "capacities",
    "categories",
    "currencies",
    "industries",
    "occupations",
    "price_baselines",
    "regions",
    "screening_words",
    "standards",
    "units",
];

impl Item {
    /// `None` where this version does not know the scheme.
    pub fn parse(scheme: &str, document: Value) -> Option<Result<Self, serde_json::Error>> {
        use serde_json::from_value;
        Some(match scheme {
            "capacities" => from_value(document).map(Item::Capacity),
            "categories" => from_value(document).map(Item::Category),
            "currencies" => from_value(document).map(Item::Currency),
            "industries" => from_value(document).map(Item::Industry),
            "occupations" => from_value(document).map(Item::Occupation),
            "price_baselines" => from_value(document).map(Item::PriceBaseline),
            "regions" => from_value(document).map(Item::Region),
            "screening_words" => from_value(document).map(Item::ScreeningWords),
            "standards" => from_value(document).map(Item::Standard),
            "units" => from_value(document).map(Item::Unit),
            _ => return None,
        })
    }

    pub fn coded(&self) -> &dyn Coded {
        match self {
            Item::Capacity(capacity) => capacity,
            Item::Category(category) => category,
            Item::Currency(currency) => currency,
            Item::Industry(class) | Item::Occupation(class) => class,
            Item::PriceBaseline(baseline) => baseline,
            Item::Region(region) => region,
            Item::ScreeningWords(words) => words,
            Item::Standard(standard) => standard,
            Item::Unit(unit) => unit,
        }
    }

    /// Of the levels of a classification or of the regions; 1 is the broadest.
    pub fn level(&self) -> Option<u8> {
        match self {
            Item::Region(region) => Some(region.level),
            Item::Industry(class) | Item::Occupation(class) => Some(class.level),
            _ => None,
        }
    }
}

impl Reference {
    /// From documents with the name of their scheme; schemes this version does not know are left aside.
    pub fn from_items(items: impl IntoIterator<Item = (String, Value)>) -> Result<Self, serde_json::Error> {
        let (mut categories, mut currencies, mut industries, mut occupations) = (vec![], vec![], vec![], vec![]);
        let (mut regions, mut standards, mut units) = (vec![], vec![], vec![]);
        let mut screening = Screening::default();
        for (scheme, document) in items {
            match Item::parse(&scheme, document).transpose()? {
                Some(Item::Capacity(capacity)) => screening.capacities.push(capacity),
                Some(Item::Category(category)) => categories.push(category),
                Some(Item::Currency(currency)) => currencies.push(currency),
                Some(Item::Industry(class)) => industries.push(class),
                Some(Item::Occupation(class)) => occupations.push(class),
                Some(Item::PriceBaseline(baseline)) => screening.baselines.push(baseline),
                Some(Item::Region(region)) => regions.push(region),
                Some(Item::ScreeningWords(words)) => screening.words.push(words),
                Some(Item::Standard(standard)) => standards.push(standard),
                Some(Item::Unit(unit)) => units.push(unit),
                None => {}
            }
        }
        Ok(Self {
            categories: CategoryTree::new(categories),
            currencies: Currencies::new(currencies),
            industries: Classification::new(industries),
            occupations: Classification::new(occupations),
            regions: Regions::new(regions),
            standards,
            units: Units::new(units),
            screening,
            occupation_names: OnceLock::new(),
        })
    }

    /// What workers are called.
    pub fn occupation_names(&self) -> &OccupationNames {
        self.occupation_names.get_or_init(|| OccupationNames::new(&self.categories, &self.occupations))
    }

    /// Whether a code of GB/T 4754 stands: a section, a division, or a class of three or four digits in a known division.
    pub fn knows_industry(&self, code: &str) -> bool {
        let division = code.len() > 2 && code.bytes().all(|byte| byte.is_ascii_digit());
        self.industries.get(code).is_some() || division && self.industries.get(&code[..2]).is_some()
    }
}
