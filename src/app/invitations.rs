//! Asking people to act for an enterprise. Whoever has the token may answer, once and within seven days.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::enterprises::{EnterpriseView, event_of, view};
use super::secrets::sha256;
use super::{App, Caller, Error, Transaction, access};
use crate::db;
use crate::domain::account::Login;
use crate::domain::delivery::{Message, Template};
use crate::domain::enterprise::{Enterprise, MemberRole};
use crate::domain::event::{Detail, NewEvent};
use crate::domain::member::{
    DAILY_INVITATIONS, DAILY_TO_ADDRESS, INVITATION_LIFETIME, Invitation, InvitationStatus, MOST_INVITATIONS,
    MOST_MEMBERS, Membership,
};
use crate::domain::message::{self, Language};
use crate::domain::violation::{Params, Violations};

/// What a person joined.
pub struct Joined {
    pub enterprise: EnterpriseView,
    pub member: Membership,
}

/// Whom to ask, to be what, in which language.
pub struct Wanted {
    pub invited: Login,
    pub role: MemberRole,
    pub language: Language,
}

/// By an owner. The token goes to the person asked and to nobody else: whoever answers with it was reached there.
pub async fn create(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    wanted: Result<Wanted, Violations>,
) -> Result<Invitation, Error> {
    let enterprise = access::lock_open(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let Wanted { invited, role, language } = wanted?;
    let now = transaction.now;
    let (open, same) = db::invitations::count_open(transaction.connection, id, &invited, now).await?;
    if same {
        return Err(Error::conflict("invitation_pending", []));
    }
    if open >= MOST_INVITATIONS {
        return Err(Error::conflict("too_many_invitations", [("maximum", MOST_INVITATIONS.to_string())]));
    }
    let day = TimeDelta::days(1);
    let (own, to_address) = db::invitations::count_since(transaction.connection, id, &invited, now - day).await?;
    for (made, most) in [(own, DAILY_INVITATIONS), (to_address, DAILY_TO_ADDRESS)] {
        if made.count >= most {
            return Err(Error::too_often("invited_too_often", most, made, day, now));
        }
    }
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let invitation = Invitation {
        id: Uuid::now_v7(),
        enterprise_id: id,
        role,
        invited,
        kept: InvitationStatus::Pending,
        invited_by: transaction.caller.account_id,
        created_at: now,
        expires_at: now + INVITATION_LIFETIME,
        decided_at: None,
    };
    db::invitations::insert(transaction.connection, &invitation, &sha256(token.as_bytes())).await?;
    let parameters = [
        ("enterprise", enterprise.profile.legal_name.clone()),
        ("role", message::text(role_name(role), &Params::new(), language)),
        ("token", token),
        ("days", INVITATION_LIFETIME.num_days().to_string()),
    ];
    let message = Message::new(invitation.invited.clone(), Template::Invitation, parameters, language);
    transaction.send(&message).await?;
    record(transaction, "invitation.created", &enterprise, &invitation).await?;
    Ok(invitation)
}

fn role_name(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "mail_role_owner",
        MemberRole::Trader => "mail_role_trader",
        MemberRole::Signatory => "mail_role_signatory",
        MemberRole::Viewer => "mail_role_viewer",
    }
}

/// By an owner, while nobody has answered.
pub async fn revoke(transaction: &mut Transaction<'_>, id: Uuid, invitation_id: Uuid) -> Result<Invitation, Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let known = db::invitations::find(transaction.connection, invitation_id).await?;
    let invitation = known.filter(|known| known.enterprise_id == id).ok_or(Error::NotFound)?;
    decide(transaction, &enterprise, invitation, InvitationStatus::Revoked).await
}

/// The caller, whoever it is that holds the token, becomes a member.
pub async fn accept(transaction: &mut Transaction<'_>, token: Result<String, Violations>) -> Result<Joined, Error> {
    let (enterprise, invitation) = lock_invited(transaction, token).await?;
    transaction.once().await?;
    let (id, account_id, now) = (enterprise.id, transaction.caller.account_id, transaction.now);
    let role = invitation.role;
    require_open(&invitation, now)?;
    if db::members::find(transaction.connection, id, account_id).await?.is_some() {
        return Err(Error::conflict("already_member", []));
    }
    if db::members::count(transaction.connection, id).await? >= MOST_MEMBERS {
        return Err(Error::conflict("too_many_members", [("maximum", MOST_MEMBERS.to_string())]));
    }
    decide(transaction, &enterprise, invitation, InvitationStatus::Accepted).await?;
    db::enterprises::insert_member(transaction.connection, account_id, id, role, now).await?;
    let changed = json!({ "enterprise_id": id, "to": <&str>::from(role) });
    transaction.record(event_of("member.joined", ("member", account_id), &enterprise, changed)).await?;
    let member = db::members::find(transaction.connection, id, account_id).await?.ok_or(Error::NotFound)?;
    let enterprise = view(transaction.connection, enterprise, Some(role)).await?;
    Ok(Joined { enterprise, member })
}

pub async fn decline(transaction: &mut Transaction<'_>, token: Result<String, Violations>) -> Result<(), Error> {
    let (enterprise, invitation) = lock_invited(transaction, token).await?;
    transaction.once().await?;
    decide(transaction, &enterprise, invitation, InvitationStatus::Declined).await.map(|_| ())
}

/// The invitation of a token, with its enterprise locked: of two answers at once the second finds the first.
async fn lock_invited(
    transaction: &mut Transaction<'_>,
    token: Result<String, Violations>,
) -> Result<(Enterprise, Invitation), Error> {
    let hash = sha256(token?.as_bytes());
    let known = db::invitations::find_by_token(transaction.connection, &hash).await?.ok_or(Error::NotFound)?;
    let enterprise = db::enterprises::lock(transaction.connection, known.enterprise_id).await?;
    let invitation = db::invitations::find(transaction.connection, known.id).await?;
    enterprise.zip(invitation).ok_or(Error::NotFound)
}

fn require_open(invitation: &Invitation, now: chrono::DateTime<Utc>) -> Result<(), Error> {
    match invitation.status_at(now) {
        InvitationStatus::Pending => Ok(()),
        other => {
            let (status, allowed) = (<&str>::from(other), <&str>::from(InvitationStatus::Pending));
            let params = [("status", status.to_owned()), ("allowed", allowed.to_owned())];
            Err(Error::conflict("invitation_state_conflict", params))
        }
    }
}

async fn decide(
    transaction: &mut Transaction<'_>,
    enterprise: &Enterprise,
    invitation: Invitation,
    status: InvitationStatus,
) -> Result<Invitation, Error> {
    let (by, now) = (transaction.caller.account_id, transaction.now);
    require_open(&invitation, now)?;
    db::invitations::decide(transaction.connection, invitation.id, status, by, now).await?;
    let invitation = Invitation { kept: status, decided_at: Some(now), ..invitation };
    record(transaction, "invitation.answered", enterprise, &invitation).await?;
    Ok(invitation)
}

/// Never whom: an address is personal.
async fn record(
    transaction: &mut Transaction<'_>,
    event_type: &'static str,
    enterprise: &Enterprise,
    invitation: &Invitation,
) -> Result<(), Error> {
    let (role, status) = (<&str>::from(invitation.role), <&str>::from(invitation.kept));
    let changed = json!({ "enterprise_id": enterprise.id, "role": role, "status": status });
    let answered = invitation.kept != InvitationStatus::Pending;
    let before = answered.then(|| json!({ "role": role, "status": <&str>::from(InvitationStatus::Pending) }));
    let detail = Detail { before, after: Some(json!({ "role": role, "status": status })) };
    let event = event_of(event_type, ("invitation", invitation.id), enterprise, changed);
    transaction.record(NewEvent { detail, ..event }).await
}

impl App {
    /// For owners, newest first.
    pub async fn list_invitations(
        &self,
        caller: &Caller,
        id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Invitation>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        Ok(db::invitations::list(&mut connection, id, before, limit).await?)
    }
}
