//! Invitations to act for an enterprise.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::invitations;
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::account::Login;
use crate::domain::member::{Invitation, InvitationStatus};
use crate::domain::throttle::Recent;

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    id: Uuid,
    enterprise_id: Uuid,
    role: String,
    email: Option<String>,
    mobile: Option<String>,
    status: String,
    invited_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = Error;

    fn try_from(row: InvitationRow) -> Result<Self, Error> {
        let InvitationRow { id, enterprise_id, invited_by, created_at, expires_at, decided_at, .. } = row;
        let invited = row.email.map(Login::Email).or_else(|| row.mobile.map(Login::Mobile));
        Ok(Self {
            id,
            enterprise_id,
            role: parse_code(&row.role)?,
            invited: invited.ok_or_else(|| Error::Fault(format!("invitation {id} is for nobody")))?,
            kept: parse_code(&row.status)?,
            invited_by,
            created_at,
            expires_at,
            decided_at,
        })
    }
}

fn address(invited: &Login) -> (Option<&str>, Option<&str>) {
    match invited {
        Login::Email(email) => (Some(email), None),
        Login::Mobile(mobile) => (None, Some(mobile)),
    }
}

pub async fn insert(connection: &mut Connection, invitation: &Invitation, token_hash: &[u8; 32]) -> Result<(), Error> {
    let (email, mobile) = address(&invitation.invited);
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(invitation.id),
            invitations::enterprise_id.eq(invitation.enterprise_id),
            invitations::role.eq(<&str>::from(invitation.role)),
            invitations::email.eq(email),
            invitations::mobile.eq(mobile),
            invitations::token_hash.eq(&token_hash[..]),
            invitations::status.eq(<&str>::from(invitation.kept)),
            invitations::invited_by.eq(invitation.invited_by),
            invitations::created_at.eq(invitation.created_at),
            invitations::expires_at.eq(invitation.expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Newest first, before `before`.
pub async fn list(
    connection: &mut Connection,
    enterprise_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Invitation>, Error> {
    let mut own = invitations::table.filter(invitations::enterprise_id.eq(enterprise_id)).into_boxed();
    if let Some(before) = before {
        own = own.filter(invitations::id.lt(before));
    }
    let rows = own.order(invitations::id.desc()).limit(limit).select(InvitationRow::as_select());
    rows.load(connection).await?.into_iter().map(Invitation::try_from).collect()
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Invitation>, Error> {
    let row = invitations::table.find(id).select(InvitationRow::as_select()).first(connection).await.optional()?;
    row.map(Invitation::try_from).transpose()
}

/// The one a token belongs to.
pub async fn find_by_token(connection: &mut Connection, token_hash: &[u8; 32]) -> Result<Option<Invitation>, Error> {
    let row = invitations::table.filter(invitations::token_hash.eq(&token_hash[..]));
    row.select(InvitationRow::as_select()).first(connection).await.optional()?.map(Invitation::try_from).transpose()
}

/// Those of the enterprise that can still be answered: how many, and whether one is for the same address.
pub async fn count_open(
    connection: &mut Connection,
    enterprise_id: Uuid,
    invited: &Login,
    now: DateTime<Utc>,
) -> Result<(i64, bool), Error> {
    let open = || {
        let own = invitations::table.filter(invitations::enterprise_id.eq(enterprise_id));
        let pending = own.filter(invitations::status.eq(<&str>::from(InvitationStatus::Pending)));
        pending.filter(invitations::expires_at.gt(now)).into_boxed()
    };
    let same = match invited {
        Login::Email(email) => open().filter(invitations::email.eq(email)),
        Login::Mobile(mobile) => open().filter(invitations::mobile.eq(mobile)),
    };
    let count = open().count().get_result(connection).await?;
    let same: i64 = same.count().get_result(connection).await?;
    Ok((count, same > 0))
}

/// How many were made since then: by the enterprise, and to the address by anybody.
pub async fn count_since(
    connection: &mut Connection,
    enterprise_id: Uuid,
    invited: &Login,
    since: DateTime<Utc>,
) -> Result<(Recent, Recent), Error> {
    // Enterprises that ask the same address at once are counted one after the other.
    let address = diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
    address.bind::<diesel::sql_types::Text, _>(format!("invitation\n{}", invited.text())).execute(connection).await?;
    let recent = || invitations::table.filter(invitations::created_at.gt(since)).into_boxed();
    let own = recent().filter(invitations::enterprise_id.eq(enterprise_id));
    let same = match invited {
        Login::Email(email) => recent().filter(invitations::email.eq(email)),
        Login::Mobile(mobile) => recent().filter(invitations::mobile.eq(mobile)),
    };
    let tally = (diesel::dsl::count_star(), diesel::dsl::min(invitations::created_at));
    let (count, first) = own.select(tally).get_result(connection).await?;
    let own = Recent { count, first };
    let (count, first) = same.select(tally).get_result(connection).await?;
    Ok((own, Recent { count, first }))
}

pub async fn decide(
    connection: &mut Connection,
    id: Uuid,
    status: InvitationStatus,
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(invitations::table.find(id))
        .set((
            invitations::status.eq(<&str>::from(status)),
            invitations::decided_by.eq(by),
            invitations::decided_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
