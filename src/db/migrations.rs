//! Schema migrations, embedded in the program and applied under an advisory lock so that two processes may start together.

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, Database, Error};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Applies what is pending; returns the names applied.
pub async fn up(database: &Database) -> Result<Vec<String>, Error> {
    locked(database, |harness| {
        let applied = harness.run_pending_migrations(MIGRATIONS).map_err(fault)?;
        Ok(applied.iter().map(MigrationVersion::to_string).collect())
    })
    .await
}

/// Reverts the newest applied one; returns its name, or none when nothing is applied.
pub async fn down(database: &Database) -> Result<Option<String>, Error> {
    locked(database, |harness| {
        if harness.applied_migrations().map_err(fault)?.is_empty() {
            return Ok(None);
        }
        let reverted = harness.revert_last_migration(MIGRATIONS).map_err(fault)?;
        Ok(Some(reverted.to_string()))
    })
    .await
}

/// Whether the schema is that of this program.
pub async fn are_current(connection: &mut Connection) -> Result<bool, Error> {
    #[derive(diesel::QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let counting = diesel::sql_query("SELECT count(*) AS count FROM __diesel_schema_migrations");
    let applied: Applied = counting.get_result(connection).await?;
    let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(fault)?;
    Ok(applied.count == known.len() as i64)
}

/// Every migration with whether it is applied, in order.
pub async fn status(database: &Database) -> Result<Vec<(String, bool)>, Error> {
    locked(database, |harness| {
        let applied = harness.applied_migrations().map_err(fault)?;
        let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(fault)?;
        let name = |migration: &dyn Migration<Pg>| {
            (migration.name().to_string(), applied.contains(&migration.name().version()))
        };
        Ok(known.iter().map(|migration| name(migration.as_ref())).collect())
    })
    .await
}

async fn locked<T: Send + 'static>(
    database: &Database,
    work: impl FnOnce(&mut AsyncMigrationHarness<Connection>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let mut connection = database.dedicated().await?;
    diesel::sql_query("SELECT pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(super::Lock::Migrations as i64)
        .execute(&mut connection)
        .await?;
    // The lock goes with the connection. The harness blocks, so it has a thread of its own.
    tokio::task::spawn_blocking(move || work(&mut AsyncMigrationHarness::new(connection)))
        .await
        .map_err(|error| Error::Fault(error.to_string()))?
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::Fault(format!("migration: {error}"))
}
