//! Plans that buyers kept.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::schema::bundles;
use super::types::DecimalColumn;
use super::{Connection, Error};
use crate::domain::decimal::Decimal;
use crate::matching::Plan;

/// A plan that was kept, as it was computed. It holds nothing: quantities move with awards alone.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub id: Uuid,
    pub listing_id: Uuid,
    pub enterprise_id: Uuid,
    pub needed: Decimal,
    pub unit_code: String,
    pub plan: Plan,
    pub policy_version: i32,
    pub stats_version: i32,
    pub as_of: DateTime<Utc>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bundles)]
struct BundleRow {
    id: Uuid,
    listing_id: Uuid,
    enterprise_id: Uuid,
    needed: DecimalColumn,
    unit_code: String,
    plan: Value,
    policy_version: i32,
    stats_version: i32,
    as_of: DateTime<Utc>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
}

impl TryFrom<BundleRow> for Bundle {
    type Error = Error;

    fn try_from(row: BundleRow) -> Result<Self, Error> {
        let plan = serde_json::from_value(row.plan).map_err(|e| Error::Fault(format!("bundle {}: {e}", row.id)))?;
        Ok(Bundle {
            id: row.id,
            listing_id: row.listing_id,
            enterprise_id: row.enterprise_id,
            needed: row.needed.0,
            unit_code: row.unit_code,
            plan,
            policy_version: row.policy_version,
            stats_version: row.stats_version,
            as_of: row.as_of,
            created_by: row.created_by,
            created_at: row.created_at,
        })
    }
}

pub async fn insert(connection: &mut Connection, bundle: &Bundle) -> Result<(), Error> {
    let row = BundleRow {
        id: bundle.id,
        listing_id: bundle.listing_id,
        enterprise_id: bundle.enterprise_id,
        needed: DecimalColumn(bundle.needed),
        unit_code: bundle.unit_code.clone(),
        plan: serde_json::to_value(&bundle.plan).map_err(|error| Error::Fault(error.to_string()))?,
        policy_version: bundle.policy_version,
        stats_version: bundle.stats_version,
        as_of: bundle.as_of,
        created_by: bundle.created_by,
        created_at: bundle.created_at,
    };
    diesel::insert_into(bundles::table).values(row).execute(connection).await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Bundle>, Error> {
    let row = bundles::table.find(id).select(BundleRow::as_select());
    row.first(connection).await.optional()?.map(Bundle::try_from).transpose()
}

pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Bundle>, Error> {
    let row = bundles::table.find(id).select(BundleRow::as_select()).for_update();
    row.first(connection).await.optional()?.map(Bundle::try_from).transpose()
}

/// Newest first, those before `before`.
pub async fn list_of_listing(
    connection: &mut Connection,
    listing_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Bundle>, Error> {
    let mut query = bundles::table.filter(bundles::listing_id.eq(listing_id)).into_boxed();
    if let Some(before) = before {
        query = query.filter(bundles::id.lt(before));
    }
    let rows: Vec<BundleRow> =
        query.order(bundles::id.desc()).limit(limit).select(BundleRow::as_select()).load(connection).await?;
    rows.into_iter().map(Bundle::try_from).collect()
}

pub async fn delete(connection: &mut Connection, id: Uuid) -> Result<(), Error> {
    diesel::delete(bundles::table.find(id)).execute(connection).await?;
    Ok(())
}
