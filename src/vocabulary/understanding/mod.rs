//! What a text says: quantities, standards, prices, dates, places and goods, each with how surely and from which
//! characters. Posting, search, import and suggestions read with the same eyes.
//!
//! Pure functions over names that are indexed once per load of the reference data; the time a text takes is linear in
//! its length.

mod cues;
mod dates;
mod doing;
mod leads;
mod lexicon;
mod mask;
mod message;
mod number;
mod places;
mod price;
mod quantity;
mod source;
mod standards;
mod title;
mod understood;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::understanding as shipped;

use chrono::NaiveDate;
use serde::Serialize;

use super::Vocabulary;
use crate::domain::category::CategoryTree;
use crate::domain::reference::Reference;
use lexicon::Lexicon;
use mask::Mask;
use places::Gazetteer;
use source::Text;
use standards::StandardIndex;

pub use dates::{DateRole, DateSaid};
pub use message::Draft;
pub use places::{PlaceNamed, PlaceRole};
pub use price::{PriceSaid, Scope};
pub use quantity::{Amount, Bound, Quantity, QuantityRole};
pub use source::Span;
pub use standards::StandardNamed;
pub use understood::Understood;

/// Something a text says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found<T> {
    pub value: T,
    /// In (0, 1].
    pub confidence: f64,
    /// The characters it was read from.
    pub span: Span,
    /// The same in the normal form of the text.
    #[serde(skip)]
    at: Span,
}

impl<T> Found<T> {
    fn new(value: T, confidence: f64, text: &Text, start: usize, end: usize) -> Self {
        let rounded = (confidence.clamp(0.01, 1.0) * 1000.0).round() / 1000.0;
        Self { value, confidence: rounded, span: text.span(start, end), at: Span { start, end } }
    }
}

fn span_of(start: usize, end: usize) -> Span {
    Span { start, end }
}

/// Everything that is known before a text is read.
#[derive(Debug, Default)]
pub struct Understanding {
    lexicon: Lexicon,
    gazetteer: Gazetteer,
    standards: StandardIndex,
    /// The names of goods alone.
    pub vocabulary: Vocabulary,
    pub(super) categories: CategoryTree,
}

impl Understanding {
    pub fn new(reference: &Reference) -> Self {
        Self {
            lexicon: Lexicon::new(&reference.units),
            gazetteer: Gazetteer::new(&reference.regions),
            standards: StandardIndex::new(&reference.standards),
            vocabulary: Vocabulary::new(&reference.categories),
            categories: reference.categories.clone(),
        }
    }

    /// In the order they are written. Prices, dates, standards and places are not taken for quantities.
    pub fn quantities(&self, text: &str) -> Vec<Found<Quantity>> {
        let text = Text::new(text);
        let mask = self.mask(&text, NaiveDate::default());
        quantity::all(&text, &self.lexicon, &mask)
    }

    /// The quantity that most likely says how much is wanted or offered.
    pub fn quantity(&self, text: &str) -> Option<Found<Quantity>> {
        quantity::best(&self.quantities(text)).cloned()
    }

    pub fn standards(&self, text: &str) -> Vec<Found<StandardNamed>> {
        self.standards.all(&Text::new(text))
    }

    pub fn prices(&self, text: &str) -> Vec<Found<PriceSaid>> {
        price::all(&Text::new(text), &self.lexicon)
    }

    pub fn price(&self, text: &str) -> Option<Found<PriceSaid>> {
        self.prices(text).into_iter().reduce(|best, next| if next.confidence > best.confidence { next } else { best })
    }

    /// `today` is the day where the writer is.
    pub fn dates(&self, text: &str, today: NaiveDate) -> Vec<Found<DateSaid>> {
        dates::all(&Text::new(text), today)
    }

    /// `hint_region`: where the writer is; decides between regions of one name.
    pub fn places(&self, text: &str, hint_region: Option<&str>) -> Vec<Found<PlaceNamed>> {
        places::all(&Text::new(text), &self.gazetteer, hint_region)
    }

    /// What must not be taken for a quantity.
    fn mask(&self, text: &Text, today: NaiveDate) -> Mask {
        let mut mask = Mask::new(text.len());
        self.standards.all(text).iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        price::all(text, &self.lexicon).iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        dates::all(text, today).iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        let places = places::all(text, &self.gazetteer, None);
        places.iter().for_each(|found| mask.cover(found.at.start, found.at.end));
        mask
    }
}
