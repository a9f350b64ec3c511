//! The view of who acts for an enterprise, by membership or mandate, as diesel sees it: a table without a key of its own.

use super::schema::{enterprises, listing_ledger, listings};

diesel::table! {
    acting_roles (account_id, enterprise_id) {
        account_id -> Uuid,
        enterprise_id -> Uuid,
        role -> Text,
        mandate_id -> Nullable<Uuid>,
        scopes -> Array<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(acting_roles, enterprises);
diesel::allow_tables_to_appear_in_same_query!(acting_roles, listings);
diesel::allow_tables_to_appear_in_same_query!(acting_roles, listing_ledger);
