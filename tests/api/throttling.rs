//! Guessing is slowed down, and nobody is locked out for good.

use std::time::Instant;

use serde_json::json;

use crate::support::{PASSWORD, Request, Response, TestApp, together};

const WRONG: &str = "not my long password";

fn attempt(app: &TestApp, email: &str, password: &str, address: &str) -> Request {
    let input = json!({"email": email, "password": password});
    app.anonymous().post("/v1/sessions").header("x-forwarded-for", address).json(input)
}

async fn start() -> TestApp {
    TestApp::builder().set("DUIJIE_TRUSTED_PROXIES", "127.0.0.1").start().await
}

fn wait(refused: &Response) -> u64 {
    refused.header("retry-after").parse().unwrap()
}

/// As if so many seconds had passed.
async fn pass(app: &TestApp, seconds: u64) {
    app.database.execute(&format!("UPDATE throttles SET last_at = last_at - interval '{seconds} seconds'")).await;
}

#[tokio::test]
async fn after_five_wrong_passwords_a_name_waits_at_that_address() {
    let app = start().await;
    app.account("wang").await;
    // The same for a name nobody has.
    for email in ["wang@example.cn", "nobody@example.cn"] {
        for _ in 0..6 {
            attempt(&app, email, WRONG, "203.0.113.7").await.problem(401, "credentials_invalid");
        }
        let refused = attempt(&app, email, PASSWORD, "203.0.113.7").await;
        assert!((1..=2).contains(&wait(&refused)), "{}", refused.shown());
        refused.problem(429, "too_many_tries");
    }
    attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.8").await.expect(201);
    attempt(&app, "li@example.cn", WRONG, "203.0.113.7").await.problem(401, "credentials_invalid");
    pass(&app, 2).await;
    attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.7").await.expect(201);
    attempt(&app, "wang@example.cn", WRONG, "203.0.113.7").await.problem(401, "credentials_invalid");
}

#[tokio::test]
async fn the_pause_grows_to_fifteen_minutes_and_no_further() {
    let app = start().await;
    app.account("wang").await;
    let mut longest = 0;
    for _ in 0..30 {
        let answer = attempt(&app, "wang@example.cn", WRONG, "203.0.113.7").await;
        if answer.status == 429 {
            longest = longest.max(wait(&answer));
            pass(&app, wait(&answer)).await;
        }
    }
    assert!((890..=901).contains(&longest), "{longest}");
    pass(&app, 901).await;
    attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.7").await.expect(201);
}

#[tokio::test]
async fn many_addresses_together_are_slowed_too_but_not_where_the_owner_is_known() {
    let app = start().await;
    app.account("wang").await;
    attempt(&app, "wang@example.cn", PASSWORD, "198.51.100.1").await.expect(201);
    for i in 0..31 {
        attempt(&app, "wang@example.cn", WRONG, &format!("203.0.113.{i}")).await.problem(401, "credentials_invalid");
    }
    app.database.execute("UPDATE throttles SET count = count + 3").await;
    let refused = attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.99").await;
    assert!(wait(&refused) <= 8, "{}", refused.shown());
    refused.problem(429, "too_many_tries");
    attempt(&app, "wang@example.cn", PASSWORD, "198.51.100.1").await.expect(201);
    // It stays short: whoever comes from a new address is let in soon.
    app.database.execute("UPDATE throttles SET count = 1000").await;
    let refused = attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.99").await;
    assert!((1..=61).contains(&wait(&refused)), "{}", refused.shown());
    pass(&app, 61).await;
    attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.99").await.expect(201);
}

#[tokio::test]
async fn guessing_in_parallel_is_no_way_around() {
    let app = start().await;
    app.account("wang").await;
    // All wrong: a right one that comes early clears the name, and as many may be tried again.
    let guesses = (0..40).map(|_| attempt(&app, "wang@example.cn", WRONG, "203.0.113.7"));
    let began = Instant::now();
    let answers = together(guesses).await;
    // Pauses of 1, 2, 4 s and so on, one after the other: on a busy machine some run out before all are answered.
    let seconds = began.elapsed().as_secs();
    let run_out = (1..).take_while(|pauses| (1_u64 << pauses) - 1 <= seconds).count();
    let told = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(told <= 6 + run_out, "{told} learned whether they were right, in {seconds} s");
    app.database.execute("UPDATE throttles SET count = 40, last_at = now()").await;
    let right = together((0..10).map(|_| attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.7"))).await;
    assert!(right.iter().all(|answer| answer.status == 429), "nor do right ones beyond the rule");
}

#[tokio::test]
async fn right_passwords_are_not_slowed() {
    let app = start().await;
    app.account("wang").await;
    let answers = together((0..12).map(|_| attempt(&app, "wang@example.cn", PASSWORD, "203.0.113.7"))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(app.database.count("SELECT count(*) FROM throttles").await, 0);
}

#[tokio::test]
async fn counters_name_nobody() {
    let app = start().await;
    app.account("wang").await;
    attempt(&app, "wang@example.cn", WRONG, "203.0.113.7").await.expect(401);
    let dump = app.database.value("SELECT string_agg(encode(key, 'escape'), ' ') FROM throttles").await;
    assert!(!dump.contains("wang") && !dump.contains("203.0.113"), "{dump}");
}
