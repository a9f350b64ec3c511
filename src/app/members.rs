//! Who acts for an enterprise: roles, leaving, and handing ownership on. An enterprise always has an owner: whoever would
//! take the last one away waits for the enterprise's row, and is refused.

use serde_json::json;
use uuid::Uuid;

use super::enterprises::event_of;
use super::{App, Caller, Error, Transaction, access};
use crate::db;
use crate::domain::enterprise::{Enterprise, MemberRole};
use crate::domain::event::{Detail, NewEvent};
use crate::domain::member::Membership;
use crate::domain::violation::Violations;

/// An owner gives a member another role; it holds from the member's next request on.
pub async fn change_role(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    account_id: Uuid,
    role: Result<MemberRole, Violations>,
) -> Result<Membership, Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let member = db::members::find(transaction.connection, id, account_id).await?.ok_or(Error::NotFound)?;
    let role = role?;
    if role != member.role {
        set_role(transaction, &enterprise, &member, role).await?;
    }
    Ok(Membership { role, ..member })
}

async fn set_role(
    transaction: &mut Transaction<'_>,
    enterprise: &Enterprise,
    member: &Membership,
    role: MemberRole,
) -> Result<(), Error> {
    let within_apps = matches!(role, MemberRole::Trader | MemberRole::Viewer);
    if !within_apps && db::apps::is_account_of_app(transaction.connection, member.account_id).await? {
        return Err(Error::conflict("member_is_app", []));
    }
    require_other_owner(transaction, enterprise.id, member).await?;
    db::members::update_role(transaction.connection, enterprise.id, member.account_id, role).await?;
    let (from, to) = (<&str>::from(member.role), <&str>::from(role));
    let changed = json!({ "enterprise_id": enterprise.id, "from": from, "to": to });
    let entity = ("member", member.account_id);
    let detail = Detail::changed(&json!({ "role": from }), &json!({ "role": to }));
    transaction.record(NewEvent { detail, ..event_of("member.changed", entity, enterprise, changed) }).await
}

/// By an owner.
pub async fn remove(transaction: &mut Transaction<'_>, id: Uuid, account_id: Uuid) -> Result<(), Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    end(transaction, &enterprise, account_id).await
}

/// The caller acts for the enterprise no more.
pub async fn leave(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let own = transaction.caller.account_id;
    end(transaction, &enterprise, own).await
}

async fn end(transaction: &mut Transaction<'_>, enterprise: &Enterprise, account_id: Uuid) -> Result<(), Error> {
    let id = enterprise.id;
    let member = db::members::find(transaction.connection, id, account_id).await?.ok_or(Error::NotFound)?;
    require_other_owner(transaction, id, &member).await?;
    db::members::delete(transaction.connection, id, account_id).await?;
    let changed = json!({ "enterprise_id": id, "from": <&str>::from(member.role) });
    let detail = Detail::deleted(&json!({ "role": <&str>::from(member.role) }));
    let entity = ("member", account_id);
    transaction.record(NewEvent { detail, ..event_of("member.removed", entity, enterprise, changed) }).await
}

/// A member becomes owner and the caller takes another role, both or neither.
pub async fn transfer(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    wanted: Result<(Uuid, MemberRole), Violations>,
) -> Result<Membership, Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let ((heir, own_role), own) = (wanted?, transaction.caller.account_id);
    if heir == own {
        return Err(Violations::one("/account_id", "already_owner").into());
    }
    let unknown = || Violations::one("/account_id", "member_unknown");
    let heir = db::members::find(transaction.connection, id, heir).await?.ok_or_else(unknown)?;
    let own = db::members::find(transaction.connection, id, own).await?.ok_or(Error::NotFound)?;
    if heir.role != MemberRole::Owner {
        set_role(transaction, &enterprise, &heir, MemberRole::Owner).await?;
    }
    if own_role != MemberRole::Owner {
        set_role(transaction, &enterprise, &own, own_role).await?;
    }
    let changed = json!({ "enterprise_id": id, "from": own.account_id });
    let entity = ("member", heir.account_id);
    let detail = Detail::changed(&json!({ "owner": own.account_id }), &json!({ "owner": heir.account_id }));
    let transferred = event_of("member.ownership_transferred", entity, &enterprise, changed);
    transaction.record(NewEvent { detail, ..transferred }).await?;
    Ok(Membership { role: MemberRole::Owner, ..heir })
}

/// Call it with the enterprise's row locked: of two owners who leave at once the second is refused.
async fn require_other_owner(transaction: &mut Transaction<'_>, id: Uuid, member: &Membership) -> Result<(), Error> {
    if member.role != MemberRole::Owner
        || db::members::has_other_owner(transaction.connection, id, member.account_id).await?
    {
        return Ok(());
    }
    Err(Error::conflict("owner_required", []))
}

impl App {
    /// For members of the enterprise, in the order of their accounts.
    pub async fn list_members(
        &self,
        caller: &Caller,
        id: Uuid,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Membership>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        Ok(db::members::list(&mut connection, id, after, limit).await?)
    }
}
