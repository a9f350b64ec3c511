//! The tables as diesel sees them. Kept by hand beside the migrations; `tests/api` compares it with a migrated database.

mod enterprise;
mod market;
mod moderation;
mod people;
mod webhooks;

pub use enterprise::*;
pub use market::*;
pub use moderation::*;
pub use people::*;
pub use webhooks::*;

diesel::allow_tables_to_appear_in_same_query!(accounts, platform_roles);
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(memberships -> enterprises (enterprise_id));
diesel::joinable!(memberships -> accounts (account_id));
diesel::joinable!(listings -> enterprises (enterprise_id));
diesel::joinable!(listing_ledger -> listings (listing_id));
diesel::joinable!(match_sides -> matches (match_id));
diesel::allow_tables_to_appear_in_same_query!(sessions, accounts, refresh_tokens);
diesel::allow_tables_to_appear_in_same_query!(memberships, enterprises, accounts, listings, listing_ledger);
diesel::allow_tables_to_appear_in_same_query!(matches, match_sides);
diesel::allow_tables_to_appear_in_same_query!(apps, memberships);
diesel::allow_tables_to_appear_in_same_query!(webhook_endpoints, webhook_deliveries, memberships);
diesel::joinable!(webhook_deliveries -> webhook_endpoints (endpoint_id));
diesel::joinable!(verifications -> enterprises (enterprise_id));
diesel::allow_tables_to_appear_in_same_query!(verifications, enterprises);
diesel::allow_tables_to_appear_in_same_query!(credential_files, verification_files, evidence_files);
