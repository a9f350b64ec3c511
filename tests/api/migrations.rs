//! Migrations: there and back, several processes at once, and what diesel believes of the tables.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use duijie::db::{Database, Settings, migrations};
use futures_util::future::join_all;

use crate::support::{SECRET_KEY, TestDatabase};

fn open(database: &TestDatabase) -> Database {
    let settings = Settings {
        url: database.url().to_owned(),
        pool_size: 2,
        pool_wait: Duration::from_secs(5),
        statement_timeout: Duration::from_secs(5),
    };
    Database::new(&settings).unwrap()
}

/// Everything of the schema that a migration can make, a line each.
const SCHEMA: &str = "
    SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM (
        SELECT format('column %s.%s %s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default,
            generation_expression || identity_generation) AS line
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL
        SELECT format('type of %s.%s: %s', attrelid::regclass, attname, format_type(atttypid, atttypmod))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('relation %s %s', relname, relkind) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('type %s', typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('extension %s', extname) FROM pg_extension
    ) AS lines
    WHERE line NOT LIKE '%__diesel%'";

#[tokio::test]
async fn up_down_and_up_again_leave_the_same_schema() {
    let test = TestDatabase::create_empty().await;
    let database = open(&test);
    let empty = test.value(SCHEMA).await;
    let applied = migrations::up(&database).await.unwrap();
    assert!(applied.len() >= 5, "{applied:?}");
    let full = test.value(SCHEMA).await;
    assert!(full.contains("constraint listing_ledger_within_quantity") && full.contains("trigger CREATE TRIGGER"));
    assert!(migrations::up(&database).await.unwrap().is_empty());

    let mut seen = Vec::new();
    for round in 0..2 {
        let mut step = 0;
        while let Some(reverted) = migrations::down(&database).await.unwrap() {
            let schema = test.value(SCHEMA).await;
            match round {
                0 => seen.push(schema),
                _ => assert_eq!(schema, seen[step], "after reverting {reverted}"),
            }
            step += 1;
        }
        assert_eq!(step, applied.len());
        assert_eq!(test.value(SCHEMA).await, empty, "nothing is left behind");
        assert_eq!(migrations::up(&database).await.unwrap().len(), applied.len());
        assert_eq!(test.value(SCHEMA).await, full);
    }
    let status = migrations::status(&database).await.unwrap();
    assert!(status.len() == applied.len() && status.iter().all(|(_, applied)| *applied), "{status:?}");
}

#[tokio::test]
async fn several_processes_may_migrate_at_once() {
    let test = TestDatabase::create_empty().await;
    let processes = (0..3).map(|_| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_duijie"));
        command.args(["migrate", "up"]).env_clear();
        command.env("DATABASE_URL", test.url()).env("DUIJIE_SECRET_KEY", SECRET_KEY).env("RUST_LOG", "warn");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()
    });
    let mut applied = 0;
    for output in join_all(processes).await {
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        applied += String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with("applied ")).count();
    }
    let migrations = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap().count();
    assert_eq!(applied, migrations, "each once");
}

/// Table, column, type and whether it may be null.
type Column = (String, String, String, bool);

#[tokio::test]
async fn diesel_and_the_database_agree_on_every_column() {
    let test = TestDatabase::create().await;
    let client = test.connect().await;
    let query = "SELECT table_name::text, column_name::text, udt_name::text, is_nullable = 'YES'
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
            AND table_name NOT IN (SELECT table_name FROM information_schema.views WHERE table_schema = 'public')";
    let rows = client.query(query, &[]).await.unwrap();
    let actual: BTreeSet<Column> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    let query = "SELECT conrelid::regclass::text, (SELECT string_agg(attname, ', ' ORDER BY place)
            FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
            JOIN pg_attribute ON attrelid = conrelid AND attnum = number)
        FROM pg_constraint WHERE contype = 'p' AND connamespace = 'public'::regnamespace
            AND conrelid::regclass::text NOT LIKE '\\_\\_diesel%'";
    let keys = client.query(query, &[]).await.unwrap();
    let actual_keys: BTreeSet<(String, String)> = keys.iter().map(|row| (row.get(0), row.get(1))).collect();

    let (declared, declared_keys) = declared();
    assert!(declared.len() > 50, "{declared:?}");
    let missing: Vec<_> = actual.difference(&declared).collect();
    let invented: Vec<_> = declared.difference(&actual).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "only in the database: {missing:#?}\nonly in db/schema: {invented:#?}"
    );
    assert_eq!(declared_keys, actual_keys);
}

/// What `src/db/schema/` says: columns and primary keys.
fn declared() -> (BTreeSet<Column>, BTreeSet<(String, String)>) {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/schema")).unwrap();
    let text: String = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let (mut columns, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for block in text.split("diesel::table! {").skip(1) {
        let (head, body) = block.split_once('{').unwrap();
        let (table, key) = head.trim().split_once('(').unwrap();
        let table = table.trim().to_owned();
        keys.insert((table.clone(), key.trim().trim_end_matches(')').to_owned()));
        let mut renamed = None;
        for line in body.lines().map(str::trim).take_while(|line| *line != "}") {
            if let Some(name) = line.strip_prefix("#[sql_name = \"") {
                renamed = name.strip_suffix("\"]").map(str::to_owned);
            } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
                let (kind, nullable) = match kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>')) {
                    Some(kind) => (kind, true),
                    None => (kind, false),
                };
                let name = renamed.take().unwrap_or_else(|| name.to_owned());
                columns.insert((table.clone(), name, postgres_name(kind), nullable));
            }
        }
    }
    (columns, keys)
}

fn postgres_name(kind: &str) -> String {
    match kind.strip_prefix("Array<").and_then(|kind| kind.strip_suffix('>')) {
        Some(element) => format!("_{}", postgres_name(element)),
        None => kind.to_lowercase(),
    }
}
