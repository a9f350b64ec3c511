//! An owner closes an enterprise: it leaves the market with the commit, and those it dealt with are told. Its owners cannot take
//! it back; a moderator can (`standing::restore`), for a code that was verified must not come back unseen.

use uuid::Uuid;

use super::decide::{announce, decision};
use super::standing::warn_counterparts;
use super::{require_status, save};
use crate::app::enterprises::{self, EnterpriseView};
use crate::app::{Error, Transaction, access, contact_requests, listings};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, MemberRole};
use crate::domain::notification::NotificationKind;
use crate::domain::verification::{Decision, DecisionAction, VerificationStatus};
use crate::domain::violation::Violations;

/// Listings named that stand in the way.
const MOST_NAMED: i64 = 20;

/// Not while anything of its listings is promised. The others are withdrawn; what waits for an answer of either side lapses.
pub async fn close_enterprise(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    reason: Result<Option<String>, Violations>,
) -> Result<EnterpriseView, Error> {
    access::require_member(transaction.connection, &transaction.caller, id).await?;
    // Listings before their enterprise, as everybody locks them.
    let listings = db::listings::lock_of_enterprise(transaction.connection, id).await?;
    let mut enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    transaction.expect_version(enterprise.version)?;
    let reason = reason?;
    let open = [EnterpriseStatus::Pending, EnterpriseStatus::Verified, EnterpriseStatus::Rejected];
    require_status(&enterprise, &open)?;
    require_nothing_promised(transaction, id).await?;
    listings::withdraw_all(transaction, listings).await?;
    contact_requests::lapse_all(transaction, id).await?;
    if let Some(mut waiting) = db::verifications::find_pending(transaction.connection, id).await? {
        let by = Some(transaction.caller.account_id);
        super::close(transaction, &mut waiting, VerificationStatus::Withdrawn, by, None).await?;
        super::record(transaction, "verification.withdrawn", &enterprise, &waiting).await?;
    }
    end(transaction, &mut enterprise, reason).await?;
    warn_counterparts(transaction, &enterprise, NotificationKind::CounterpartClosed).await?;
    enterprises::view(transaction.connection, enterprise, Some(MemberRole::Owner)).await
}

async fn require_nothing_promised(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let promised = db::listings::list_promised(transaction.connection, id, MOST_NAMED).await?;
    if promised.is_empty() {
        return Ok(());
    }
    let names: Vec<String> =
        promised.iter().map(|listing| format!("{} ({})", listing.terms.title, listing.id)).collect();
    Err(Error::conflict("enterprise_has_obligations", [("listings", names.join("; "))]))
}

async fn end(
    transaction: &mut Transaction<'_>,
    enterprise: &mut Enterprise,
    reason: Option<String>,
) -> Result<(), Error> {
    let from = enterprise.status;
    enterprise.status = EnterpriseStatus::Closed;
    save(transaction, enterprise, "enterprise.closed").await?;
    let closed = decision(transaction, enterprise, DecisionAction::Closed, from, (None, reason));
    let closed = Decision { by: Some(transaction.caller.account_id), ..closed };
    announce(transaction, &closed, NotificationKind::EnterpriseClosed).await
}
