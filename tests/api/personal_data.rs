//! What is kept of a person: handed out whole, and erased without the trade record.

use std::collections::BTreeSet;

use duijie::db::personal_data::SOURCES;
use serde_json::{Value, json};

use crate::support::market::{offer, path, with};
use crate::support::{Client, Member, PASSWORD, Response, TestApp, TestDatabase, id};

const EXPORT: &str = "/v1/accounts/me/export";
const ERASURE: &str = "/v1/accounts/me/erasure";

/// Columns that name or reach a person, or refer to an account, and are not handed out.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("accounts", "password_hash", "hash of a secret"),
    ("sessions", "address_key", "keyed hash: names no address"),
    ("sign_in_tickets", "account_id", "lives five minutes"),
    ("sign_in_tickets", "address_key", "keyed hash: names no address"),
    ("recovery_codes", "account_id", "hashes of secrets"),
    ("roster_entries", "mobile", "the bureau's register of enterprises, tied to no account"),
    ("acting_roles", "account_id", "a view of memberships and mandates"),
];

/// Names of columns that tell of persons, wherever they stand.
fn tells_of_a_person(column: &str) -> bool {
    let named =
        ["actor", "account_id", "author_id", "email", "mobile", "phone", "display_name", "device", "address_key"];
    named.contains(&column) || column.ends_with("_by")
}

#[tokio::test]
async fn every_column_about_a_person_is_handed_out_or_excepted_with_a_reason() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let columns = "SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'";
    let references = "SELECT c.conrelid::regclass::text, a.attname::text FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
        WHERE c.contype = 'f' AND c.confrelid = 'accounts'::regclass";
    let read = async |sql: &str| -> BTreeSet<(String, String)> {
        client.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let (all, references) = (read(columns).await, read(references).await);
    assert!(references.len() > 10, "{references:?}");
    let personal = all.iter().filter(|(table, column)| table == "accounts" || tells_of_a_person(column));
    let personal: BTreeSet<(String, String)> = personal.cloned().chain(references).collect();
    let handed_out = |table: &str, column: &str| {
        let of_table = SOURCES.iter().filter(|source| source.table == table);
        of_table.into_iter().any(|source| source.columns.contains(&column))
    };
    let excepted = |table: &str, column: &str| EXCEPTIONS.iter().any(|(t, c, _)| (*t, *c) == (table, column));
    let missing: Vec<_> =
        personal.iter().filter(|(table, column)| !handed_out(table, column) && !excepted(table, column)).collect();
    assert!(missing.is_empty(), "neither in the export nor excepted: {missing:?}");
    for (table, column, why) in EXCEPTIONS {
        assert!(all.contains(&((*table).to_owned(), (*column).to_owned())), "{table}.{column} is no column ({why})");
        assert!(!handed_out(table, column), "{table}.{column} is handed out: no exception ({why})");
    }
    let secrets = ["password_hash", "token_hash", "code_hash", "ticket_hash", "sealed", "salt", "fingerprint", "body"];
    for source in SOURCES {
        assert!(!source.columns.iter().any(|column| secrets.contains(column)), "{}", source.name);
    }
}

/// Somebody with a name of their own, who is an owner beside another and has done a little of everything.
async fn person(app: &TestApp) -> (Member, Member, Value) {
    let (person, partner) = (app.account("标记姓名").await, app.member("partner").await);
    app.database
        .execute(&format!("UPDATE accounts SET mobile = '+8613877770007' WHERE id = '{}'", person.account_id))
        .await;
    let join = format!(
        "INSERT INTO memberships VALUES ('{}', '{}', 'owner', now())",
        person.account_id,
        partner.enterprise_id()
    );
    app.database.execute(&join).await;
    let contacts =
        json!({"contacts": [{"name": "标记姓名", "mobile": "13877770007"}, {"name": "李强", "mobile": "13900139000"}]});
    partner.patch(&partner.enterprise_path()).if_match("*").merge_patch(contacts).await.expect(200);
    let listing = json!({"enterprise_id": partner.enterprise_id(), "publish": true, "contact_policy": "public"});
    let listing = person.post("/v1/listings").json(with(&offer(), listing)).await.expect(201).json();
    let consent = json!({"purpose": "contact_disclosure", "text_version": 1, "given": true});
    person.post("/v1/accounts/me/consents").json(consent).await.expect(201);
    app.sequence().await;
    (person, partner, listing)
}

#[tokio::test]
async fn a_person_gets_everything_kept_of_them() {
    let app = TestApp::start().await;
    let (person, partner, listing) = person(&app).await;
    app.anonymous().get(EXPORT).await.problem(401, "token_required");
    let response = person.get(EXPORT).await.expect(200);
    assert!(response.header("content-disposition").starts_with("attachment"));
    assert_eq!(response.header("cache-control"), "private, no-store");
    let data = response.json()["data"].clone();
    assert_eq!(data["account"][0]["email"], json!(person.email));
    assert_eq!(data["account"][0]["mobile"], "+8613877770007");
    assert_eq!(data["memberships"][0]["enterprise_id"], json!(partner.enterprise_id()));
    assert_eq!(data["consents"][0]["purpose"], "contact_disclosure");
    assert_eq!(data["contact_entries"][0]["contact"]["name"], "标记姓名");
    assert_eq!(data["contact_entries"].as_array().unwrap().len(), 1, "of others nothing");
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    let published = data["activity"].as_array().unwrap().iter().find(|event| event["type"] == "listing.published");
    assert_eq!(published.unwrap()["entity_id"], listing["id"]);
    assert!(data["activity_details"].as_array().unwrap().iter().any(|detail| detail["address"] == "127.0.0.1"));
    for source in SOURCES {
        assert!(data[source.name].is_array(), "{}", source.name);
    }
    let text = data.to_string();
    assert!(!text.contains("argon2") && !text.contains("13900139000") && !text.contains(&partner.email), "{text}");
    assert!(!partner.get(EXPORT).await.expect(200).json()["data"].to_string().contains(&person.email));
    let types = app.events_of(person.account_id).await;
    assert!(types.contains(&"account.exported".to_owned()), "{types:?}");
}

/// Everything the database holds, a table a line.
async fn dump(database: &TestDatabase) -> String {
    let client = database.connect().await;
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'
        AND table_type = 'BASE TABLE' AND table_name NOT IN ('reference_items')";
    let mut dump = String::new();
    for row in client.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let rows = database.value(&format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")).await;
        dump.push_str(&format!("{table}: {rows}\n"));
    }
    dump
}

#[tokio::test]
async fn an_erased_person_is_nowhere_and_the_trade_record_stays() {
    let app = TestApp::start().await;
    let (person, partner, listing) = person(&app).await;
    let marks = ["标记姓名", "13877770007", person.email.as_str()];
    let before = dump(&app.database).await;
    assert!(marks.iter().all(|mark| before.contains(mark)));
    person.post(ERASURE).json(json!({"password": "not the password at all"})).await.problem(422, "invalid");
    person.post(ERASURE).json(json!({"password": PASSWORD})).await.expect(204);

    person.get("/v1/accounts/me").await.problem(401, "session_ended");
    let again = json!({"email": person.email, "password": PASSWORD});
    app.anonymous().post("/v1/sessions").json(again).await.problem(401, "credentials_invalid");
    app.sequence().await;
    let after = dump(&app.database).await;
    for mark in marks {
        let line = after.lines().find(|line| line.contains(mark));
        assert_eq!(line, None, "{mark}");
    }
    let shown = partner.get(&partner.enterprise_path()).await.expect(200).json();
    assert_eq!(shown["contacts"], json!([{"name": "李强", "mobile": "+8613900139000"}]));
    let kept = app.anonymous().get(&path(&listing)).await.expect(200).json();
    assert_eq!(kept["title"], listing["title"]);
    let account = format!("SELECT status || display_name FROM accounts WHERE id = '{}'", person.account_id);
    assert_eq!(app.database.value(&account).await, "erased—");

    let mut faults = Vec::new();
    let walk = app.inner().verify_audit(None, |fault| faults.push(fault)).await.unwrap();
    assert_eq!(faults, [], "erased is not altered");
    assert!(walk.erased > 3 && walk.details > 0, "{walk:?}");
    let admin = app.admin().await;
    let entries = admin.get(&format!("/v1/admin/audit?actor={}", person.account_id)).await.expect(200).json();
    let published = entries["items"].as_array().unwrap().iter().find(|entry| entry["type"] == "listing.published");
    let published = published.unwrap();
    assert!(published["erased_at"].is_string() && published.get("address").is_none(), "{published}");

    let sign_up = json!({"email": person.email, "password": PASSWORD, "display_name": "somebody new"});
    let new = app.anonymous().post("/v1/accounts").json(sign_up).await.expect(201).json();
    assert_ne!(id(&new), person.account_id, "the address is free again");
    let restore = format!("/v1/admin/accounts/{}/restore", person.account_id);
    let refused = admin.post(&restore).if_match("*").json(json!({"reason": "by mistake"})).await;
    refused.problem(409, "account_state_conflict");
}

#[tokio::test]
async fn more_details_than_the_erasure_took_show() {
    let app = TestApp::start().await;
    let (person, _, _) = person(&app).await;
    person.post(ERASURE).json(json!({"password": PASSWORD})).await.expect(204);
    app.sequence().await;
    let hide = "UPDATE audit_details d SET address = NULL, request_id = NULL, app_id = NULL, how = NULL, before = NULL,
            after = NULL, salt = NULL, erased_at = now(), erasure_id = e.event_id
        FROM events e WHERE e.type = 'account.erased' AND d.erased_at IS NULL";
    app.database.execute(hide).await;
    let mut faults = Vec::new();
    app.inner().verify_audit(None, |fault| faults.push(fault)).await.unwrap();
    assert!(matches!(faults[..], [duijie::app::audit::Fault::ErasureUnfounded { .. }]), "{faults:?}");
}

#[tokio::test]
async fn the_last_owner_and_the_last_administrator_stay() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let refused = owner.post(ERASURE).json(json!({"password": PASSWORD})).await.problem(409, "last_owner");
    assert!(refused["detail"].as_str().unwrap().contains(&owner.enterprise_id().to_string()), "{refused}");
    owner.get("/v1/accounts/me").await.expect(200);
    let closed = format!("UPDATE enterprises SET status = 'closed' WHERE id = '{}'", owner.enterprise_id());
    app.database.execute(&closed).await;
    owner.post(ERASURE).json(json!({"password": PASSWORD})).await.expect(204);
    admin.post(ERASURE).json(json!({"password": PASSWORD})).await.problem(409, "last_admin");
    app.anonymous().post(ERASURE).json(json!({"password": PASSWORD})).await.problem(401, "token_required");
}

/// Erases in the background; what else goes on meanwhile is up to the test.
fn erasing(person: &Member) -> tokio::task::JoinHandle<Response> {
    let client = Client::clone(person);
    tokio::spawn(async move { client.post(ERASURE).json(json!({"password": PASSWORD})).await })
}

async fn details_left(app: &TestApp, person: &Member) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM audit_details d WHERE erased_at IS NULL AND event_id IN
             (SELECT event_id FROM events WHERE actor = '{0}' OR entity_id = '{0}'
              UNION ALL SELECT event_id FROM events_pending WHERE actor = '{0}' OR entity_id = '{0}')",
        person.account_id
    );
    app.database.count(&sql).await
}

/// Until a transaction waits for an advisory lock.
async fn wait_for_a_waiting_one(app: &TestApp) {
    let waits = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()";
    while app.database.count(waits).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Also of requests whose clients wait no longer.
async fn wait_for_all_to_end(app: &TestApp) {
    let under_way = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()";
    while app.database.count(under_way).await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// A request of the person is held up after it was found theirs to make; meanwhile the person is erased.
#[tokio::test]
async fn a_request_that_ends_after_its_account_was_erased_leaves_nothing() {
    let app = TestApp::start().await;
    let (person, admin) = (app.official("标记姓名", "admin", "").await, app.admin().await);
    let other = app.database.connect().await;
    let lock = duijie::db::Lock::ModerationPolicies as i64;
    other.batch_execute(&format!("SELECT pg_advisory_lock({lock})")).await.unwrap();
    let client = Client::clone(&person);
    let policy = json!({"reason": "标记姓名", "values": {"preset": "review"}});
    let writing = tokio::spawn(async move {
        let request = client.post("/v1/admin/moderation-policies").if_match("\"0\"").idempotency_key("late");
        request.json(policy).await.status
    });
    wait_for_a_waiting_one(&app).await;
    erasing(&person).await.unwrap().expect(204);
    other.batch_execute(&format!("SELECT pg_advisory_unlock({lock})")).await.unwrap();
    // 503: it took longer than a client waits.
    let status = writing.await.unwrap();
    assert!(matches!(status, 401 | 503), "{status}");
    wait_for_all_to_end(&app).await;
    assert_eq!(details_left(&app, &person).await, 0);
    for left in ["idempotency_keys WHERE key = 'late'", "moderation_policies"] {
        assert_eq!(app.database.count(&format!("SELECT count(*) FROM {left}")).await, 0, "{left}");
    }
    assert!(!dump(&app.database).await.contains("标记姓名"));
    admin.get("/v1/admin/moderation-policies").await.expect(200);
}

/// Another writes something of the person's and has not committed it: the erasure waits, and takes it along.
#[tokio::test]
async fn an_erasure_waits_for_what_is_being_written() {
    let app = TestApp::start().await;
    let (person, ..) = person(&app).await;
    let other = app.database.connect().await;
    let event = format!(
        "BEGIN;
         SELECT FROM accounts WHERE id = '{0}' FOR KEY SHARE;
         INSERT INTO audit_details (event_id, address, salt) VALUES ('{1}', '203.0.113.77', 'x');
         INSERT INTO idempotency_keys VALUES ('{0}', 'late', 'x', 200, '{{}}', 'x', now());
         INSERT INTO events_pending (event_id, type, entity, entity_id, version, audience, actor, changed, at)
             VALUES ('{1}', 'listing.updated', 'listing', '{1}', 2, 'staff', '{0}', '{{}}', now())",
        person.account_id,
        uuid::Uuid::now_v7()
    );
    other.batch_execute(&event).await.unwrap();
    let erasing = erasing(&person);
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(!erasing.is_finished(), "it does not go past what is being written");
    other.batch_execute("COMMIT").await.unwrap();
    erasing.await.unwrap().expect(204);
    assert_eq!(details_left(&app, &person).await, 0);
    let keys = format!("SELECT count(*) FROM idempotency_keys WHERE account_id = '{}'", person.account_id);
    assert_eq!(app.database.count(&keys).await, 0);
}

/// Somebody is let in and held up before their session is written; meanwhile they are erased.
#[tokio::test]
async fn a_sign_in_that_ends_after_its_account_was_erased_leaves_nothing() {
    let app = TestApp::start().await;
    let person = app.account("person").await;
    let other = app.database.connect().await;
    let held_up = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$;
        CREATE TRIGGER wait BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION wait();
        SELECT pg_advisory_lock(7)";
    other.batch_execute(held_up).await.unwrap();
    let (client, login) = (app.anonymous(), json!({"email": person.email, "password": PASSWORD}));
    let signing_in = tokio::spawn(async move { client.post("/v1/sessions").json(login).await.status });
    wait_for_a_waiting_one(&app).await;
    erasing(&person).await.unwrap().expect(204);
    other.batch_execute("SELECT pg_advisory_unlock(7)").await.unwrap();
    // 503: it took longer than a client waits.
    let status = signing_in.await.unwrap();
    assert!(matches!(status, 401 | 503), "{status}");
    wait_for_all_to_end(&app).await;
    let sessions = format!("SELECT count(*) FROM sessions WHERE account_id = '{}'", person.account_id);
    assert_eq!(app.database.count(&sessions).await, 0);
    assert_eq!(details_left(&app, &person).await, 0);
}

/// Somebody signs in while they are being erased: no session and no address is left of it.
#[tokio::test]
async fn signing_in_during_an_erasure_leaves_nothing() {
    let app = TestApp::start().await;
    for round in 0..3 {
        let person = app.account(&format!("person{round}")).await;
        let login = json!({"email": person.email, "password": PASSWORD});
        let erasing = erasing(&person);
        let mut attempts = Vec::new();
        for _ in 0..6 {
            let (client, login) = (app.anonymous(), login.clone());
            attempts.push(tokio::spawn(async move { client.post("/v1/sessions").json(login).await.status }));
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        let erased = erasing.await.unwrap();
        for attempt in attempts {
            let status = attempt.await.unwrap();
            assert!(matches!(status, 201 | 401 | 429 | 503), "{status}");
        }
        // Of two that lock the same the database may have chosen this one to give way.
        if erased.status == 503 {
            continue;
        }
        erased.expect(204);
        let of = |table: &str| format!("SELECT count(*) FROM {table} WHERE account_id = '{}'", person.account_id);
        assert_eq!(app.database.count(&of("sessions")).await, 0);
        assert_eq!(details_left(&app, &person).await, 0);
    }
}
