//! What happened to listings since somebody last asked, for who keeps something beside the index.

use std::sync::Arc;

use uuid::Uuid;

use crate::matching::item::Item;

/// A listing that came, changed or went.
#[derive(Debug, Clone)]
pub struct Shift {
    pub before: Option<Arc<Item>>,
    pub after: Option<Arc<Item>>,
}

impl Shift {
    pub fn id(&self) -> Option<Uuid> {
        self.before.as_ref().or(self.after.as_ref()).map(|item| item.id)
    }
}

/// More is not remembered: whoever follows then begins anew.
const MOST: usize = 200_000;

/// Off until somebody follows.
#[derive(Debug, Default)]
pub(super) struct Journal {
    shifts: Option<Vec<Shift>>,
}

impl Journal {
    pub fn begin(&mut self) {
        self.shifts = Some(Vec::new());
    }

    pub fn end(&mut self) {
        self.shifts = None;
    }

    pub fn note(&mut self, before: Option<&Arc<Item>>, after: Option<&Arc<Item>>) {
        let Some(shifts) = &mut self.shifts else { return };
        if shifts.len() >= MOST {
            self.shifts = None;
        } else if before.is_some() || after.is_some() {
            shifts.push(Shift { before: before.cloned(), after: after.cloned() });
        }
    }

    /// `None` where nobody follows, or too much has happened.
    pub fn take(&mut self) -> Option<Vec<Shift>> {
        self.shifts.as_mut().map(std::mem::take)
    }
}
