//! Appeals against decisions of moderators.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::moderation_appeals;
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::moderation::{Appeal, AppealStatus};
use crate::domain::platform::Reach;

#[derive(Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = moderation_appeals)]
struct AppealRow {
    id: Uuid,
    decision_id: Uuid,
    listing_id: Uuid,
    enterprise_id: Uuid,
    region_code: Option<String>,
    text: String,
    status: String,
    note: Option<String>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
}

impl TryFrom<AppealRow> for Appeal {
    type Error = Error;

    fn try_from(row: AppealRow) -> Result<Self, Error> {
        let status = parse_code(&row.status)?;
        let AppealRow { id, decision_id, listing_id, enterprise_id, region_code, text, note, .. } = row;
        let AppealRow { created_by, created_at, decided_by, decided_at, .. } = row;
        Ok(Self {
            id,
            decision_id,
            listing_id,
            enterprise_id,
            region_code,
            text,
            status,
            note,
            created_by,
            created_at,
            decided_by,
            decided_at,
        })
    }
}

/// May fail with `moderation_appeals_decision_key`.
pub async fn insert(connection: &mut Connection, appeal: &Appeal) -> Result<(), Error> {
    let row = AppealRow {
        id: appeal.id,
        decision_id: appeal.decision_id,
        listing_id: appeal.listing_id,
        enterprise_id: appeal.enterprise_id,
        region_code: appeal.region_code.clone(),
        text: appeal.text.clone(),
        status: <&str>::from(appeal.status).to_owned(),
        note: appeal.note.clone(),
        created_by: appeal.created_by,
        created_at: appeal.created_at,
        decided_by: appeal.decided_by,
        decided_at: appeal.decided_at,
    };
    diesel::insert_into(moderation_appeals::table).values(row).execute(connection).await?;
    Ok(())
}

/// Locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Appeal>, Error> {
    let row = moderation_appeals::table.find(id).select(AppealRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(Appeal::try_from).transpose()
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Appeal>, Error> {
    let row = moderation_appeals::table.find(id).select(AppealRow::as_select());
    row.first(connection).await.optional()?.map(Appeal::try_from).transpose()
}

/// Of these decisions.
pub async fn of_decisions(connection: &mut Connection, decisions: &[Uuid]) -> Result<Vec<Appeal>, Error> {
    let rows = moderation_appeals::table.filter(moderation_appeals::decision_id.eq_any(decisions));
    let rows = rows.order(moderation_appeals::id).select(AppealRow::as_select()).load(connection).await?;
    rows.into_iter().map(Appeal::try_from).collect()
}

/// Oldest first.
pub async fn list(
    connection: &mut Connection,
    reach: &Reach,
    status: AppealStatus,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Appeal>, Error> {
    let query = diesel::sql_query(
        "SELECT * FROM moderation_appeals
         WHERE status = $1 AND ($2 OR region_code = ANY($3)) AND ($4 IS NULL OR id > $4) ORDER BY id LIMIT $5",
    );
    let rows: Vec<AppealRow> = query
        .bind::<Text, _>(<&str>::from(status))
        .bind::<Bool, _>(reach.everywhere)
        .bind::<Array<Text>, _>(&reach.regions)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    rows.into_iter().map(Appeal::try_from).collect()
}

pub async fn decide(connection: &mut Connection, appeal: &Appeal) -> Result<(), Error> {
    diesel::update(moderation_appeals::table.find(appeal.id))
        .set((
            moderation_appeals::status.eq(<&str>::from(appeal.status)),
            moderation_appeals::note.eq(&appeal.note),
            moderation_appeals::decided_by.eq(appeal.decided_by),
            moderation_appeals::decided_at.eq(appeal.decided_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
