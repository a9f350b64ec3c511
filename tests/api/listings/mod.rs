//! `/v1/listings`: posting, changing, what becomes of a listing, who sees it, and what is counted of it.

mod changes;
mod enterprise;
mod ledger;
mod posting;
mod rules;
mod states;
mod understanding;
mod visibility;
