//! First characters of word tables, so that most characters of a text are passed over at once.

/// Sorted.
pub(super) struct Leads(Vec<char>);

impl Leads {
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut leads: Vec<char> = words.into_iter().filter_map(|word| word.chars().next()).collect();
        leads.sort_unstable();
        leads.dedup();
        Self(leads)
    }

    pub fn may_begin(&self, c: char) -> bool {
        self.0.binary_search(&c).is_ok()
    }
}
