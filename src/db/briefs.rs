//! Daily figures.
