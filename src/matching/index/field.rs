//! A partition as a question meets it.

use std::cell::OnceCell;

use super::earnings::Earnings;
use super::partition::Partition;
use super::standing::Standing;

pub(super) struct Field<'a> {
    pub standing: Standing<'a>,
    pub partition: &'a Partition,
    /// Worked out when the first of its blocks is gauged.
    pub earnings: OnceCell<Box<Earnings>>,
}

impl<'a> Field<'a> {
    pub fn new(standing: Standing<'a>, partition: &'a Partition) -> Self {
        Self { standing, partition, earnings: OnceCell::new() }
    }
}
