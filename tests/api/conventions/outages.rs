//! The database away, frozen or busy: a problem document soon, and recovery without a restart.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{PASSWORD, TestApp, together};

/// An unanswered question to the database is turned into 503 within this time.
const SOON: Duration = Duration::from_millis(3000);

#[tokio::test]
async fn without_its_database_the_program_says_so_and_recovers() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    app.database.cut().await;
    for _ in 0..3 {
        let started = Instant::now();
        let refused = member.get(&member.enterprise_path()).await;
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        assert_eq!(refused.header("retry-after"), "2");
        refused.problem(503, "busy");
    }
    member.patch(&member.enterprise_path()).if_match("*").merge_patch(json!({})).await.problem(503, "busy");
    app.anonymous().get("/readyz").await.problem(503, "busy");
    let session = json!({"email": member.email, "password": PASSWORD});
    app.anonymous().post("/v1/sessions").json(session).await.problem(503, "busy");
    app.anonymous().get("/livez").await.expect(200);
    app.anonymous().get("/openapi.json").await.expect(200);
    assert!(duijie::jobs::sequence(app.inner()).await.is_err());

    app.database.restore().await;
    let recovered = Instant::now();
    while member.get(&member.enterprise_path()).await.status != 200 {
        assert!(recovered.elapsed() < Duration::from_secs(5));
    }
    app.anonymous().get("/readyz").await.expect(200);
    app.sequence().await;
}

#[tokio::test]
async fn lost_connections_are_replaced() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    together((0..10).map(|_| member.get(&member.enterprise_path()))).await;
    app.database.interrupt().await;
    let answers = together((0..10).map(|_| member.get(&member.enterprise_path()))).await;
    for answer in answers {
        // A connection that has just died may cost a client one repetition, never more than that.
        assert!([200, 503].contains(&answer.status), "{}", answer.text());
    }
    together((0..10).map(|_| member.get(&member.enterprise_path()))).await;
    for answer in together((0..10).map(|_| member.get(&member.enterprise_path()))).await {
        answer.expect(200);
    }
}

#[tokio::test]
async fn a_frozen_table_is_not_waited_for_and_nothing_is_written_twice() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let mut holder = app.database.connect().await;
    let lock = holder.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE enterprises IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let started = Instant::now();
    let patch = || {
        let request = member.patch(&member.enterprise_path()).if_match("\"1\"").idempotency_key("k");
        request.merge_patch(json!({"employees": 1}))
    };
    patch().await.problem(503, "busy");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    member.get("/v1/accounts/me").await.expect(200);
    app.anonymous().get("/readyz").await.expect(200);
    lock.rollback().await.unwrap();
    // The first attempt went on to its end behind the client's back; the repetition gets its answer, or does the work.
    let mut answer = patch().await;
    while answer.status == 409 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = patch().await;
    }
    assert_eq!(answer.expect(200).json()["version"], 2);
}

#[tokio::test]
async fn an_exhausted_pool_refuses_soon_and_leaves_the_cheap_alone() {
    let app = TestApp::builder().set("DUIJIE_POOL_SIZE", "2").start().await;
    let member = app.member("wang").await;
    let mut holder = app.database.connect().await;
    let lock = holder.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE enterprises IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let started = Instant::now();
    let stuck = together((0..6).map(|_| member.get(&member.enterprise_path())));
    let cheap = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let asked = Instant::now();
        app.anonymous().get("/livez").await.expect(200);
        app.anonymous().get("/v1/nowhere").await.expect(404);
        asked.elapsed()
    };
    let (answers, cheap) = tokio::join!(stuck, cheap);
    assert!(cheap < Duration::from_millis(500), "{cheap:?}");
    for answer in answers {
        answer.problem(503, "busy");
    }
    assert!(started.elapsed() < SOON + Duration::from_secs(1), "{:?}", started.elapsed());
    lock.rollback().await.unwrap();
    let recovered = Instant::now();
    while member.get(&member.enterprise_path()).await.status != 200 {
        assert!(recovered.elapsed() < Duration::from_secs(8));
    }
}

#[tokio::test]
async fn while_stopping_it_is_not_ready() {
    let app = TestApp::start().await;
    app.anonymous().get("/readyz").await.expect(200);
    app.inner().drain();
    app.anonymous().get("/readyz").await.problem(503, "busy");
    app.anonymous().get("/livez").await.expect(200);
}
