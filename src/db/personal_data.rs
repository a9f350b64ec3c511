//! What is kept of a person, table by table: handed out as it stands, and erased.
//!
//! A test walks the schema: a column that refers to an account, or holds what a person is known or reached by, is in one of
//! these lists or among its own exceptions, with a reason.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::schema::accounts;
use super::{Connection, Error};
use crate::domain::account::AccountStatus;

/// Rows of a table that are about an account.
#[derive(Debug)]
pub struct Source {
    /// In the export.
    pub name: &'static str,
    pub table: &'static str,
    /// Which rows; `$1` is the account.
    pub of: &'static str,
    pub columns: &'static [&'static str],
}

const fn source(name: &'static str, table: &'static str, of: &'static str, columns: &'static [&'static str]) -> Source {
    Source { name, table, of, columns }
}

/// In the order of the export.
pub const SOURCES: &[Source] = &[
    source(
        "account",
        "accounts",
        "id = $1",
        &[
            "id",
            "email",
            "mobile",
            "display_name",
            "status",
            "version",
            "created_at",
            "updated_at",
            "kind",
            "password_long",
            "email_verified_at",
            "mobile_verified_at",
            "status_reason",
            "status_changed_at",
            "kind",
        ],
    ),
    source("roles", "platform_roles", "account_id = $1", &["account_id", "role", "region_code", "granted_at"]),
    source("memberships", "memberships", "account_id = $1", &["account_id", "enterprise_id", "role", "created_at"]),
    source(
        "sessions",
        "sessions",
        "account_id = $1",
        &[
            "id",
            "account_id",
            "created_at",
            "revoked_at",
            "device",
            "last_used_at",
            "app_id",
            "authorization_id",
            "scopes",
        ],
    ),
    source("second_factor", "second_factors", "account_id = $1", &["account_id", "created_at", "confirmed_at"]),
    source(
        "status_changes_made",
        "accounts",
        "status_changed_by = $1",
        &["id", "status_changed_at", "status_changed_by"],
    ),
    source(
        "refresh_tokens",
        "refresh_tokens",
        "session_id IN (SELECT id FROM sessions WHERE account_id = $1)",
        &["session_id", "issued_at", "expires_at", "used_at"],
    ),
    source(
        "apps_agreed_to",
        "app_authorizations",
        "account_id = $1 OR delegate_id = $1",
        &[
            "id",
            "app_id",
            "account_id",
            "enterprise_id",
            "delegate_id",
            "scopes",
            "created_at",
            "updated_at",
            "revoked_at",
        ],
    ),
    source(
        "apps_registered",
        "apps",
        "created_by = $1 OR account_id = $1",
        &["id", "enterprise_id", "account_id", "name", "created_by", "created_at"],
    ),
    source(
        "app_keys_made",
        "app_keys",
        "created_by = $1",
        &["id", "app_id", "public_id", "name", "created_by", "created_at", "expires_at", "revoked_at", "last_used_at"],
    ),
    source("retry_keys", "idempotency_keys", "account_id = $1", &["account_id", "key", "status", "created_at"]),
    source("consents", "consents", "account_id = $1", &["id", "account_id", "purpose", "text_version", "given", "at"]),
    source(
        "contact_requests",
        "contact_requests",
        "requested_by = $1 OR decided_by = $1",
        &[
            "id",
            "listing_id",
            "owner_id",
            "requester_id",
            "status",
            "message",
            "quantity",
            "unit_code",
            "requested_by",
            "created_at",
            "expires_at",
            "decided_by",
            "decided_at",
            "reason",
        ],
    ),
    source(
        "contacts_seen",
        "contact_releases",
        "account_id = $1",
        &["id", "enterprise_id", "listing_id", "contact_request_id", "account_id", "to_enterprise_id", "rule", "at"],
    ),
    source(
        "credentials_decided",
        "credentials",
        "decided_by = $1",
        &["id", "enterprise_id", "status", "decided_at", "decided_by", "reason"],
    ),
    source(
        "designations_made",
        "enterprise_designations",
        "created_by = $1",
        &["enterprise_id", "list", "issuer", "created_at", "created_by"],
    ),
    source(
        "urgency_confirmed",
        "listings",
        "urgency_confirmed_by = $1",
        &["id", "urgency_confirmed_at", "urgency_confirmed_by"],
    ),
    source(
        "matching_policies",
        "matching_policies",
        "author_id = $1",
        &["version", "created_at", "author_id", "reason"],
    ),
    source("bundles", "bundles", "created_by = $1", &["id", "listing_id", "enterprise_id", "created_by", "created_at"]),
    source(
        "matches_decided",
        "match_sides",
        "decided_by = $1",
        &["match_id", "side", "status", "reason", "note", "decided_by", "decided_at"],
    ),
    source(
        "invitations",
        "invitations",
        "invited_by = $1 OR decided_by = $1 OR email = (SELECT email FROM accounts WHERE id = $1)
             OR mobile = (SELECT mobile FROM accounts WHERE id = $1)",
        &[
            "id",
            "enterprise_id",
            "role",
            "email",
            "mobile",
            "status",
            "invited_by",
            "created_at",
            "decided_by",
            "decided_at",
        ],
    ),
    source(
        "evidence",
        "evidence_files",
        "uploaded_by = $1",
        &["id", "enterprise_id", "name", "file_type", "size", "uploaded_by", "created_at"],
    ),
    source(
        "verifications",
        "verifications",
        "created_by = $1 OR claimed_by = $1 OR decided_by = $1",
        &[
            "id",
            "enterprise_id",
            "purpose",
            "status",
            "statement",
            "created_by",
            "created_at",
            "claimed_by",
            "decided_by",
            "decided_at",
            "reason",
        ],
    ),
    source(
        "enterprise_decisions",
        "enterprise_decisions",
        "decided_by = $1",
        &["id", "enterprise_id", "action", "reason", "decided_by", "decided_at"],
    ),
    source("code_exceptions", "uscc_exceptions", "created_by = $1", &["uscc", "reason", "created_by", "created_at"]),
    source("roster_loaded", "roster_entries", "loaded_by = $1", &["uscc", "legal_name", "loaded_by", "loaded_at"]),
    source(
        "mandates",
        "mandates",
        "created_by = $1 OR revoked_by = $1",
        &["id", "enterprise_id", "association_id", "scopes", "created_by", "created_at", "revoked_by", "revoked_at"],
    ),
    source(
        "mandate_acts",
        "mandate_acts",
        "account_id = $1",
        &["id", "mandate_id", "account_id", "type", "entity", "entity_id", "at"],
    ),
    source(
        "apps",
        "apps",
        "created_by = $1",
        &["id", "enterprise_id", "account_id", "name", "created_by", "created_at"],
    ),
    source(
        "app_keys",
        "app_keys",
        "created_by = $1",
        &["id", "app_id", "name", "created_by", "created_at", "revoked_at"],
    ),
    source(
        "app_authorizations",
        "app_authorizations",
        "account_id = $1",
        &["id", "app_id", "account_id", "enterprise_id", "delegate_id", "scopes", "created_at", "revoked_at"],
    ),
    source(
        "moderation_policies",
        "moderation_policies",
        "author_id = $1",
        &["version", "created_at", "author_id", "reason"],
    ),
    source("moderation_claims", "moderation_holds", "claimed_by = $1", &["listing_id", "claimed_by", "claimed_until"]),
    source(
        "moderation_decisions",
        "moderation_decisions",
        "decided_by = $1",
        &["id", "listing_id", "decision", "reasons", "note", "decided_by", "decided_at"],
    ),
    source(
        "moderation_appeals",
        "moderation_appeals",
        "created_by = $1 OR decided_by = $1",
        &["id", "listing_id", "text", "status", "note", "created_by", "created_at", "decided_by", "decided_at"],
    ),
    source(
        "reports",
        "listing_reports",
        "reporter_id = $1 OR resolved_by = $1",
        &[
            "id",
            "listing_id",
            "reporter_id",
            "reason",
            "text",
            "status",
            "note",
            "created_at",
            "resolved_by",
            "resolved_at",
        ],
    ),
    source(
        "flags_answered",
        "listing_flags",
        "answered_by = $1",
        &["id", "listing_id", "answer", "answered_by", "answered_at"],
    ),
    source("activity", "events", "actor = $1", &["seq", "event_id", "type", "entity", "entity_id", "actor", "at"]),
    source(
        "activity_pending",
        "events_pending",
        "actor = $1",
        &["event_id", "type", "entity", "entity_id", "actor", "at"],
    ),
    // Of one's own acts the address and what was written; of others' acts upon the account what they changed.
    source(
        "activity_details",
        "audit_details",
        "event_id IN (SELECT event_id FROM events WHERE actor = $1)
             OR event_id IN (SELECT event_id FROM events_pending WHERE actor = $1)",
        &["event_id", "address", "request_id", "app_id", "before", "after", "erased_at"],
    ),
    source(
        "changes_by_others",
        "audit_details",
        "event_id IN (SELECT event_id FROM events WHERE entity_id = $1 AND actor IS DISTINCT FROM $1)",
        &["event_id", "before", "after", "erased_at"],
    ),
];

/// Everything of the account, by the names of [`SOURCES`].
pub async fn export(connection: &mut Connection, account_id: Uuid) -> Result<Map<String, Value>, Error> {
    #[derive(QueryableByName)]
    struct Rows {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        rows: Value,
    }
    let mut export = Map::new();
    for Source { name, table, of, columns } in SOURCES {
        let (columns, first) = (columns.join(", "), columns[0]);
        let reading = diesel::sql_query(format!(
            "SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') AS rows
             FROM (SELECT {columns} FROM {table} WHERE {of} ORDER BY {first}) t"
        ));
        let rows: Rows = reading.bind::<diesel::sql_types::Uuid, _>(account_id).get_result(connection).await?;
        export.insert((*name).to_owned(), rows.rows);
    }
    Ok(export)
}

/// What is no part of the trade record and goes with the person; `$1` is the account.
const GONE: &[&str] = &[
    "DELETE FROM authorization_codes WHERE authorization_id IN (SELECT id FROM app_authorizations WHERE account_id = $1)",
    "DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE account_id = $1
         OR authorization_id IN (SELECT id FROM app_authorizations WHERE account_id = $1))",
    "DELETE FROM sessions WHERE account_id = $1
         OR authorization_id IN (SELECT id FROM app_authorizations WHERE account_id = $1)",
    // Where an app acted for the person in one enterprise, through an account of its own.
    "UPDATE accounts SET status = 'disabled' WHERE status = 'active' AND id IN
        (SELECT delegate_id FROM app_authorizations WHERE account_id = $1)",
    "DELETE FROM memberships WHERE account_id IN (SELECT delegate_id FROM app_authorizations WHERE account_id = $1)",
    "UPDATE app_authorizations SET revoked_at = now() WHERE account_id = $1 AND revoked_at IS NULL",
    "DELETE FROM invitations WHERE email = (SELECT email FROM accounts WHERE id = $1)
         OR mobile = (SELECT mobile FROM accounts WHERE id = $1)",
    "DELETE FROM sign_in_tickets WHERE account_id = $1",
    "DELETE FROM recovery_codes WHERE account_id = $1",
    "DELETE FROM second_factors WHERE account_id = $1",
    "DELETE FROM idempotency_keys WHERE account_id = $1",
    "DELETE FROM platform_roles WHERE account_id = $1",
    "DELETE FROM memberships WHERE account_id = $1",
];

/// Stands where the name was.
pub const NOBODY: &str = "—";

/// What others write to under a lock of its row, before they write what they did.
const HELD: &[&str] = &[
    "SELECT FROM sessions WHERE account_id = $1
         OR authorization_id IN (SELECT id FROM app_authorizations WHERE account_id = $1) ORDER BY id FOR UPDATE",
    "SELECT FROM invitations WHERE email = (SELECT email FROM accounts WHERE id = $1)
         OR mobile = (SELECT mobile FROM accounts WHERE id = $1) ORDER BY id FOR UPDATE",
    "SELECT FROM second_factors WHERE account_id = $1 FOR UPDATE",
];

/// Waits for those who write to what goes with the person, and keeps others off until the transaction ends.
pub async fn hold_private(connection: &mut Connection, account_id: Uuid) -> Result<(), Error> {
    for statement in HELD {
        diesel::sql_query(*statement).bind::<diesel::sql_types::Uuid, _>(account_id).execute(connection).await?;
    }
    Ok(())
}

/// Leaves of the account its id and its dates, so that the trade record still points somewhere.
pub async fn anonymise(connection: &mut Connection, account_id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    for statement in GONE {
        diesel::sql_query(*statement).bind::<diesel::sql_types::Uuid, _>(account_id).execute(connection).await?;
    }
    diesel::update(accounts::table.find(account_id))
        .set((
            accounts::email.eq(None::<String>),
            accounts::mobile.eq(None::<String>),
            accounts::password_hash.eq(None::<String>),
            accounts::password_long.eq(false),
            accounts::email_verified_at.eq(None::<DateTime<Utc>>),
            accounts::mobile_verified_at.eq(None::<DateTime<Utc>>),
            accounts::status_reason.eq(None::<String>),
            accounts::display_name.eq(NOBODY),
            accounts::status.eq(<&str>::from(AccountStatus::Erased)),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
