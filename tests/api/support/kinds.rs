//! What each kind of event tells auditors besides its names: checked of all events of every test's database, when the
//! database is dropped.

use tokio_postgres::Client;

/// Which of `before` and `after` the detail of an event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Something came to be.
    After,
    /// Something is no more.
    Before,
    /// Something became something else.
    Both,
    /// Nothing changed, or a secret did, or what stood before is what was erased.
    Nothing,
}

use Telling::{After, Before, Both, Nothing};

pub const KINDS: &[(&str, Telling)] = &[
    ("account.contact_verified", Both),
    ("account.created", After),
    ("account.deactivated", Both),
    ("account.disabled", Both),
    ("account.erased", Nothing),
    ("account.exported", Nothing),
    ("account.password_changed", Nothing),
    ("account.read", Nothing),
    ("account.recovery_codes_renewed", Nothing),
    ("account.restored", Both),
    ("account.role_granted", After),
    ("account.role_revoked", Before),
    ("account.second_factor_added", Nothing),
    ("account.second_factor_removed", Nothing),
    ("account.second_factor_reset", Nothing),
    ("app.created", After),
    ("app.deleted", Before),
    ("app.key_created", After),
    ("app.key_revoked", Before),
    ("app.regulated", Both),
    ("app.restored", Both),
    ("app.suspended", Both),
    ("app.updated", Both),
    ("audit.read", Nothing),
    ("authorization.granted", After),
    ("authorization.revoked", Before),
    ("bundle.created", After),
    ("bundle.deleted", Before),
    ("consent.given", After),
    ("consent.withdrawn", After),
    ("contact_request.accepted", Both),
    ("contact_request.created", After),
    ("contact_request.declined", Both),
    ("contact_request.lapsed", Both),
    ("credential.expired", Both),
    ("enterprise.absorbed", After),
    ("enterprise.blocked", After),
    ("enterprise.claimed", Both),
    ("enterprise.closed", Both),
    ("enterprise.contacts_read", Nothing),
    ("enterprise.created", After),
    ("enterprise.credential_accepted", Both),
    ("enterprise.credential_rejected", Both),
    ("enterprise.credential_stated", After),
    ("enterprise.designated", Both),
    ("enterprise.imported", After),
    ("enterprise.merged", Both),
    ("enterprise.partner_declared", After),
    ("enterprise.partner_withdrawn", Before),
    ("enterprise.partnership_begun", After),
    ("enterprise.partnership_ended", Before),
    ("enterprise.reapplied", Both),
    ("enterprise.rejected", Both),
    ("enterprise.restored", Both),
    ("enterprise.suspended", Both),
    ("enterprise.unblocked", Before),
    ("enterprise.updated", Both),
    ("enterprise.verified", Both),
    ("file.added", After),
    ("file.deleted", Before),
    ("file.read", Nothing),
    ("invitation.answered", Both),
    ("invitation.created", After),
    ("listing.approved", Both),
    ("listing.changes_requested", Both),
    ("listing.closed", Both),
    ("listing.created", After),
    ("listing.expired", Both),
    // Of an import, as what came to be.
    ("listing.published", After),
    ("listing.rejected", Both),
    ("listing.renewed", Both),
    ("listing.restored", Both),
    ("listing.submitted", After),
    ("listing.suspended", Both),
    ("listing.updated", Both),
    ("listing.urgency_confirmed", Both),
    ("listing.withdrawn", Both),
    ("listing_flag.answered", Both),
    ("listing_flag.cleared", Both),
    ("listing_flag.raised", After),
    ("listing_report.created", After),
    ("listing_report.dismissed", Both),
    ("listing_report.upheld", Both),
    ("mandate.given", After),
    ("mandate.revoked", Before),
    ("match.dismissed", Both),
    ("match.shortlisted", Both),
    ("match.suggested", After),
    ("match.viewed", Both),
    ("matching_policy.created", Both),
    ("matching_statistics.created", Both),
    ("member.changed", Both),
    ("member.joined", After),
    ("member.ownership_transferred", Both),
    ("member.removed", Before),
    ("moderation_appeal.created", After),
    ("moderation_appeal.denied", Both),
    ("moderation_appeal.granted", Both),
    ("moderation_hold.claimed", Both),
    ("moderation_hold.released", Both),
    ("moderation_policy.created", Both),
    ("reference.loaded", Both),
    ("roster.loaded", Both),
    ("session.created", After),
    ("session.ended", Before),
    ("session.refused", Nothing),
    ("session.revoked", Before),
    ("signing_keys.rotated", Both),
    ("uscc.excepted", After),
    ("verification.approved", Both),
    ("verification.claimed", Both),
    ("verification.created", After),
    ("verification.rejected", Both),
    ("verification.withdrawn", Both),
    ("webhook_endpoint.created", After),
    ("webhook_endpoint.deleted", Before),
    ("webhook_endpoint.disabled", Both),
    ("webhook_endpoint.secret_rotated", Nothing),
    ("webhook_endpoint.updated", Both),
];

/// Those of the events in this database that tell less than their kind has to. Details that were erased, and events a test
/// wrote past the program, are left out.
pub async fn silent(database: &Client) -> Vec<String> {
    // Where a test has taken the guards off, it has altered details.
    let guarded = "SELECT EXISTS (SELECT FROM pg_trigger
        WHERE tgname = 'audit_details_are_append_only' AND tgenabled <> 'D')";
    let there = database.query_one(guarded, &[]).await;
    if !there.is_ok_and(|row| row.get(0)) {
        return vec![];
    }
    let sql = "SELECT DISTINCT e.type, coalesce(d.before, '{}') <> '{}', coalesce(d.after, '{}') <> '{}',
            d.before IS NOT NULL AND d.after IS NOT NULL
        FROM (SELECT event_id, type, detail_hash FROM events
              UNION ALL SELECT event_id, type, detail_hash FROM events_pending) e
        LEFT JOIN audit_details d USING (event_id) WHERE e.detail_hash IS NOT NULL AND d.erased_at IS NULL";
    let Ok(rows) = database.query(sql, &[]).await else { return vec![] };
    let fault = |row: &tokio_postgres::Row| {
        let (kind, before, after, both): (String, bool, bool, bool) = (row.get(0), row.get(1), row.get(2), row.get(3));
        let tells = match KINDS.iter().find(|(known, _)| *known == kind).map(|(_, telling)| telling) {
            Some(After) => after,
            Some(Before) => before,
            Some(Both) => both && (before || after),
            Some(Nothing) => true,
            None => false,
        };
        (!tells).then(|| format!("{kind} (before: {before}, after: {after})"))
    };
    rows.iter().filter_map(fault).collect()
}
