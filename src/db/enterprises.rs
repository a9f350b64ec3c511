//! Enterprises and who acts for them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::acting_roles::acting_roles;
use super::schema::{enterprises, listings, memberships};
use super::types::{JsonText, parse_code};
use super::{Connection, Error};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, MemberRole, Poster, Profile};
use crate::domain::listing::ListingStatus;
use crate::domain::mandate::MandateScope;

#[derive(Queryable, Selectable)]
#[diesel(table_name = enterprises)]
pub(super) struct EnterpriseRow {
    id: Uuid,
    status: String,
    profile: JsonText,
    standing: JsonText,
    merged_into: Option<Uuid>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<EnterpriseRow> for Enterprise {
    type Error = Error;

    fn try_from(row: EnterpriseRow) -> Result<Self, Error> {
        Ok(Enterprise {
            id: row.id,
            status: parse_code(&row.status)?,
            profile: row.profile.parse().map_err(|e| Error::Fault(format!("enterprise {}: {e}", row.id)))?,
            standing: row.standing.parse().map_err(|e| Error::Fault(format!("enterprise {}: {e}", row.id)))?,
            merged_into: row.merged_into,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// As the readers of its listings are shown it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = enterprises)]
pub(super) struct PosterRow {
    id: Uuid,
    status: String,
    legal_name: String,
    #[diesel(select_expression = enterprises::profile.nullable().retrieve_as_text("name_en"))]
    name_en: Option<String>,
}

impl TryFrom<PosterRow> for Poster {
    type Error = Error;

    fn try_from(PosterRow { id, status, legal_name, name_en }: PosterRow) -> Result<Self, Error> {
        Ok(Poster { id, status: parse_code(&status)?, legal_name, name_en })
    }
}

fn document(profile: &Profile) -> Result<Value, Error> {
    serde_json::to_value(profile).map_err(|e| Error::Fault(e.to_string()))
}

pub async fn insert(connection: &mut Connection, enterprise: &Enterprise) -> Result<(), Error> {
    diesel::insert_into(enterprises::table)
        .values((
            enterprises::id.eq(enterprise.id),
            enterprises::status.eq(<&str>::from(enterprise.status)),
            enterprises::country.eq(&enterprise.profile.country),
            enterprises::uscc.eq(&enterprise.profile.uscc),
            enterprises::legal_name.eq(&enterprise.profile.legal_name),
            enterprises::profile.eq(document(&enterprise.profile)?),
            enterprises::version.eq(enterprise.version),
            enterprises::created_at.eq(enterprise.created_at),
            enterprises::updated_at.eq(enterprise.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Enterprise>, Error> {
    let row = enterprises::table.find(id).select(EnterpriseRow::as_select()).first(connection).await.optional()?;
    row.map(Enterprise::try_from).transpose()
}

/// The same, with the row locked until the transaction ends. Not FOR UPDATE: that waits for everybody who has inserted
/// something that refers to it, and two such wait for each other.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Enterprise>, Error> {
    let row = enterprises::table.find(id).select(EnterpriseRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(Enterprise::try_from).transpose()
}

/// An enterprise and all others with this code, locked in the order of their ids: two who lock the same do not wait for each
/// other crosswise.
pub async fn lock_claims(connection: &mut Connection, id: Uuid, uscc: Option<&str>) -> Result<Vec<Enterprise>, Error> {
    // Nobody has the empty code.
    let same = enterprises::id.nullable().eq(id).or(enterprises::uscc.eq(uscc.unwrap_or_default()));
    let rows = enterprises::table.filter(same).order(enterprises::id).select(EnterpriseRow::as_select());
    rows.for_no_key_update().load(connection).await?.into_iter().map(Enterprise::try_from).collect()
}

/// The enterprise, and those that were merged into it.
pub async fn with_predecessors(connection: &mut Connection, id: Uuid) -> Result<Vec<Uuid>, Error> {
    let merged = enterprises::table.filter(enterprises::merged_into.eq(id)).select(enterprises::id);
    let mut ids: Vec<Uuid> = merged.load(connection).await?;
    ids.push(id);
    Ok(ids)
}

pub async fn find_many(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Enterprise>, Error> {
    let rows = enterprises::table.filter(enterprises::id.eq_any(ids)).select(EnterpriseRow::as_select());
    rows.load(connection).await?.into_iter().map(Enterprise::try_from).collect()
}

/// What to look for; what is left out is not asked.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of a name, or the beginning of a code.
    pub words: Option<String>,
    pub status: Option<EnterpriseStatus>,
    /// Whoever asks looks at the region: which are within which, the database does not know.
    pub region: Option<String>,
}

/// In the order of their ids, after `after`.
pub async fn search(
    connection: &mut Connection,
    filter: &Filter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Enterprise>, Error> {
    let mut found = enterprises::table.filter(enterprises::id.gt(after.unwrap_or_default())).into_boxed();
    if let Some(status) = filter.status {
        found = found.filter(enterprises::status.eq(<&str>::from(status)));
    }
    if let Some(words) = &filter.words {
        let literal = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let named = enterprises::legal_name.ilike(format!("%{literal}%")).nullable();
        found = found.filter(named.or(enterprises::uscc.ilike(format!("{literal}%"))));
    }
    let rows = found.order(enterprises::id).limit(limit).select(EnterpriseRow::as_select());
    rows.load(connection).await?.into_iter().map(Enterprise::try_from).collect()
}

/// Those with published listings.
pub async fn list_posting(connection: &mut Connection) -> Result<Vec<Enterprise>, Error> {
    let published = listings::table
        .filter(listings::enterprise_id.eq(enterprises::id))
        .filter(listings::status.eq(<&str>::from(ListingStatus::Published)));
    let rows = enterprises::table.filter(diesel::dsl::exists(published)).select(EnterpriseRow::as_select());
    rows.load(connection).await?.into_iter().map(Enterprise::try_from).collect()
}

/// An organisation an import named earlier.
pub async fn find_unclaimed(
    connection: &mut Connection,
    country: &str,
    legal_name: &str,
) -> Result<Option<Enterprise>, Error> {
    let row = enterprises::table
        .filter(enterprises::status.eq(<&str>::from(EnterpriseStatus::Unclaimed)))
        .filter(enterprises::country.eq(country).and(enterprises::legal_name.eq(legal_name)))
        .select(EnterpriseRow::as_select())
        .first(connection)
        .await
        .optional()?;
    row.map(Enterprise::try_from).transpose()
}

/// Writes profile, status, successor, version and time of change.
pub async fn update(connection: &mut Connection, enterprise: &Enterprise) -> Result<(), Error> {
    diesel::update(enterprises::table.find(enterprise.id))
        .set((
            enterprises::status.eq(<&str>::from(enterprise.status)),
            enterprises::country.eq(&enterprise.profile.country),
            enterprises::uscc.eq(&enterprise.profile.uscc),
            enterprises::legal_name.eq(&enterprise.profile.legal_name),
            enterprises::profile.eq(document(&enterprise.profile)?),
            enterprises::merged_into.eq(enterprise.merged_into),
            enterprises::version.eq(enterprise.version),
            enterprises::updated_at.eq(enterprise.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn insert_member(
    connection: &mut Connection,
    account_id: Uuid,
    enterprise_id: Uuid,
    role: MemberRole,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::insert_into(memberships::table)
        .values((
            memberships::account_id.eq(account_id),
            memberships::enterprise_id.eq(enterprise_id),
            memberships::role.eq(<&str>::from(role)),
            memberships::created_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn member_role(
    connection: &mut Connection,
    account_id: Uuid,
    enterprise_id: Uuid,
) -> Result<Option<MemberRole>, Error> {
    let role = memberships::table
        .find((account_id, enterprise_id))
        .select(memberships::role)
        .first::<String>(connection)
        .await
        .optional()?;
    role.as_deref().map(parse_code).transpose()
}

/// The enterprises an account acts for, oldest membership first, at most `limit`, after the enterprise `after`.
pub async fn list_of_account(
    connection: &mut Connection,
    account_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Enterprise, MemberRole)>, Error> {
    let mut query = memberships::table
        .inner_join(enterprises::table)
        .filter(memberships::account_id.eq(account_id))
        .select((EnterpriseRow::as_select(), memberships::role))
        .order(enterprises::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(enterprises::id.gt(after));
    }
    let rows: Vec<(EnterpriseRow, String)> = query.load(connection).await?;
    rows.into_iter().map(|(row, role)| Ok((row.try_into()?, parse_code(&role)?))).collect()
}

/// At most two are asked for: enough to tell "exactly one".
pub async fn ids_of_account(connection: &mut Connection, account_id: Uuid) -> Result<Vec<Uuid>, Error> {
    let ids = memberships::table.filter(memberships::account_id.eq(account_id)).select(memberships::enterprise_id);
    Ok(ids.order(memberships::enterprise_id).limit(2).load(connection).await?)
}

/// For which of `ids` the account posts, and as what; by a mandate as a trader.
pub async fn memberships_among(
    connection: &mut Connection,
    account_id: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, MemberRole>, Error> {
    let own = acting_roles::table
        .filter(acting_roles::account_id.eq(account_id).and(acting_roles::enterprise_id.eq_any(ids)))
        .filter(acting_roles::scopes.contains(vec![<&str>::from(MandateScope::Post)]))
        // Of two the last is taken: what a member may do comes before what a mandate lets them.
        .order(acting_roles::mandate_id.asc().nulls_last());
    let rows: Vec<(Uuid, String)> =
        own.select((acting_roles::enterprise_id, acting_roles::role)).load(connection).await?;
    rows.into_iter().map(|(id, role)| Ok((id, parse_code(&role)?))).collect()
}

/// Everything the account acts for, with whether it is verified.
pub async fn standing(connection: &mut Connection, account_id: Uuid) -> Result<Vec<(Uuid, bool)>, Error> {
    let verified = <&str>::from(EnterpriseStatus::Verified);
    let own = memberships::table.inner_join(enterprises::table).filter(memberships::account_id.eq(account_id));
    Ok(own.select((enterprises::id, enterprises::status.eq(verified))).load(connection).await?)
}

pub async fn acts_for_verified(connection: &mut Connection, account_id: Uuid) -> Result<bool, Error> {
    Ok(standing(connection, account_id).await?.iter().any(|(_, verified)| *verified))
}

/// Names, in both languages, of verified enterprises but one, of at most so many characters.
pub async fn names_of_verified(connection: &mut Connection, but: Uuid, longest: usize) -> Result<Vec<String>, Error> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let naming = diesel::sql_query(
        "SELECT name FROM enterprises, LATERAL (VALUES (legal_name), (profile ->> 'name_en')) AS names (name)
         WHERE status = 'verified' AND id <> $1 AND name IS NOT NULL AND char_length(name) <= $2",
    );
    let longest = i32::try_from(longest).unwrap_or(i32::MAX);
    let naming = naming.bind::<diesel::sql_types::Uuid, _>(but).bind::<diesel::sql_types::Integer, _>(longest);
    let rows: Vec<Named> = naming.load(connection).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

pub async fn exists_named(connection: &mut Connection, legal_name: &str) -> Result<bool, Error> {
    let named = enterprises::table.filter(enterprises::legal_name.eq(legal_name));
    Ok(diesel::select(diesel::dsl::exists(named)).get_result(connection).await?)
}

/// Enterprises the account owns that nobody has verified.
pub async fn count_unverified_owned(connection: &mut Connection, account_id: Uuid) -> Result<i64, Error> {
    let own = memberships::table.inner_join(enterprises::table).filter(memberships::account_id.eq(account_id));
    let owned = own.filter(memberships::role.eq(<&str>::from(MemberRole::Owner)));
    let pending = owned.filter(enterprises::status.eq(<&str>::from(EnterpriseStatus::Pending)));
    Ok(pending.count().get_result(connection).await?)
}
