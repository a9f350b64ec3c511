//! The event log: dense, ordered after commit, chained, append-only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use duijie::app::App;
use duijie::app::audit::Fault;
use duijie::db::events;
use duijie::domain::event::{Audience, Event};
use duijie::jobs;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::kinds::KINDS;
use crate::support::{Member, TestApp};

const WRITERS: usize = 8;
const CHANGES: usize = 12;

/// What does not hold.
async fn faults(app: &TestApp) -> Vec<Fault> {
    let mut faults = Vec::new();
    app.inner().verify_audit(None, |fault| faults.push(fault)).await.unwrap();
    faults
}

async fn all(app: &App) -> Vec<Event> {
    let mut connection = app.database.get().await.unwrap();
    events::list_after(&mut connection, 0, 100_000).await.unwrap()
}

async fn change_often(member: &Member) {
    for employees in 0..CHANGES {
        let patch =
            member.patch(&member.enterprise_path()).if_match("*").merge_patch(json!({"employees": employees + 1}));
        patch.await.expect(200);
    }
}

/// Sequences as several processes would, all the time.
async fn keep_sequencing(app: Arc<App>, done: Arc<AtomicBool>) {
    while !done.load(Ordering::Relaxed) {
        jobs::sequence(&app).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Reads the log to its end as it grows: every event must be the successor of the one before.
async fn follow(app: Arc<App>, done: Arc<AtomicBool>) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    loop {
        let finishing = done.load(Ordering::Relaxed);
        let mut connection = app.database.get().await.unwrap();
        let page = events::list_after(&mut connection, seen.len() as i64, 7).await.unwrap();
        drop(connection);
        let empty = page.is_empty();
        for event in page {
            assert_eq!(event.seq, seen.len() as i64 + 1, "a reader who pages by seq must miss nothing");
            seen.push(event);
        }
        if empty && finishing {
            return seen;
        }
        if empty {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[tokio::test]
async fn concurrent_writers_leave_no_gap_and_no_double() {
    let app = TestApp::start().await;
    let members = join_all((0..WRITERS).map(|i| {
        let (app, name) = (&app, format!("writer{i}"));
        async move { app.member(&name).await }
    }))
    .await;
    let done = Arc::new(AtomicBool::new(false));
    let sequencers: Vec<_> =
        (0..3).map(|_| tokio::spawn(keep_sequencing(Arc::clone(app.inner()), Arc::clone(&done)))).collect();
    let reader = tokio::spawn(follow(Arc::clone(app.inner()), Arc::clone(&done)));
    join_all(members.iter().map(change_often)).await;
    app.sequence().await;
    done.store(true, Ordering::Relaxed);
    for sequencer in sequencers {
        sequencer.await.unwrap();
    }
    app.sequence().await;

    let log = all(app.inner()).await;
    let read = reader.await.unwrap();
    assert_eq!(log[..read.len()], read[..]);
    assert_eq!(
        log.len(),
        WRITERS * (3 + CHANGES),
        "an account, its session, an enterprise and its changes for each writer"
    );
    let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=log.len() as i64).collect::<Vec<_>>());
    let mut ids: Vec<_> = log.iter().map(|event| event.event_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), log.len());
    for member in &members {
        let versions: Vec<i32> =
            log.iter().filter(|event| event.entity_id == member.enterprise_id()).map(|event| event.version).collect();
        assert_eq!(versions, (1..=CHANGES as i32 + 1).collect::<Vec<_>>(), "events of one entity keep their order");
    }
    assert_eq!(app.database.count("SELECT count(*) FROM events_pending").await, 0);
    assert_eq!(faults(&app).await, []);
}

#[tokio::test]
async fn the_log_takes_no_change() {
    let app = TestApp::start().await;
    app.member("wang").await;
    app.sequence().await;
    for change in ["UPDATE events SET version = 9", "DELETE FROM events", "TRUNCATE events"] {
        let refused = app.database.connect().await.batch_execute(change).await.unwrap_err();
        let message = refused.as_db_error().map(|error| error.message().to_owned());
        assert_eq!(message.as_deref(), Some("events is append-only"), "{change}");
    }
    assert_eq!(app.database.count("SELECT count(*) FROM events").await, 3);
}

#[tokio::test]
async fn an_event_names_fields_and_no_content() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let patch = json!({"contacts": [{"name": "王芳", "mobile": "13800138000"}], "address": "西工区十号"});
    member.patch(&member.enterprise_path()).if_match("*").merge_patch(patch).await.expect(200);
    app.sequence().await;
    let event = all(app.inner()).await.pop().unwrap();
    assert_eq!((&*event.event_type, event.version, event.actor), ("enterprise.updated", 2, Some(member.account_id)));
    assert_eq!(event.changed, json!({"fields": ["address", "contacts"]}));
    assert_eq!(event.audience, Audience::Enterprises(vec![member.enterprise_id()]));
    let dump = app.database.value("SELECT string_agg(e::text, ' ') FROM events e").await;
    let details = app.database.value("SELECT string_agg(d::text, ' ') FROM audit_details d").await;
    assert!(details.contains("13800138000"), "kept apart, for auditors: {details}");
    for private in ["13800138000", "王芳", "西工区", &member.email] {
        assert!(!dump.contains(private), "{private} in {dump}");
    }
}

#[tokio::test]
async fn listeners_are_told_the_newest_number() {
    let app = TestApp::start().await;
    let (client, mut connection) = tokio_postgres::connect(app.database.url(), tokio_postgres::NoTls).await.unwrap();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut messages = futures_util::stream::poll_fn(move |context| connection.poll_message(context));
    tokio::spawn(async move {
        while let Some(Ok(message)) = futures_util::StreamExt::next(&mut messages).await {
            if let tokio_postgres::AsyncMessage::Notification(notification) = message {
                let _ = told.send((notification.channel().to_owned(), notification.payload().to_owned()));
            }
        }
    });
    client.batch_execute(&format!("LISTEN {}", events::CHANNEL)).await.unwrap();
    app.member("wang").await;
    app.sequence().await;
    let notice = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await.unwrap();
    assert_eq!(notice, Some((events::CHANNEL.to_owned(), "3".to_owned())));
}

/// The kinds of events that the source names are those the tests know what has to be told of.
#[test]
fn every_kind_of_event_has_a_row() {
    // Whatever looks like one: a new kind may be of an entity that has had none. Fields of listings look alike.
    let named = regex::Regex::new("\"([a-z_]+\\.[a-z_]+)\"").unwrap();
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let kinds = named.captures_iter(&text).map(|capture| capture[1].to_owned());
            found.extend(kinds.filter(|kind| !kind.starts_with("attributes.")));
        }
    }
    found.insert(duijie::db::audit::ERASURE.to_owned());
    let known: std::collections::BTreeSet<String> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    assert_eq!(found, known);
}
