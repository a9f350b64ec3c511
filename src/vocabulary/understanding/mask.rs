//! Which characters of a text are already understood as something else.

#[derive(Debug, Clone, Default)]
pub(super) struct Mask(Vec<bool>);

impl Mask {
    pub fn new(length: usize) -> Self {
        Self(vec![false; length])
    }

    pub fn cover(&mut self, start: usize, end: usize) {
        let end = end.min(self.0.len());
        if start < end {
            self.0[start..end].fill(true);
        }
    }

    pub fn uncover(&mut self, start: usize, end: usize) {
        let end = end.min(self.0.len());
        if start < end {
            self.0[start..end].fill(false);
        }
    }

    pub fn covers_any(&self, start: usize, end: usize) -> bool {
        self.0.get(start..end.min(self.0.len())).is_some_and(|part| part.contains(&true))
    }

    pub fn covers(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }
}
