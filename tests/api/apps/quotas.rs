//! How much an app may ask for: in a minute of one process, on a day of all.

use serde_json::json;

use super::{path, working};
use crate::support::{TestApp, id, together};

#[tokio::test]
async fn an_app_has_a_quota_over_all_its_tokens() {
    let app =
        TestApp::builder().set("DUIJIE_RATE_LIMIT", "on").set("DUIJIE_APP_REQUESTS_PER_MINUTE", "40").start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let (client, key, caller) = working(&app, &owner).await;
    let again = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    let first = caller.get("/v1/listings?q=x").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"app\";q=40;w=60");
    let answers = together((0..50).map(|i| if i % 2 == 0 { &caller } else { &again }.get("/v1/listings?q=x"))).await;
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert!((9..=12).contains(&refused), "{refused} refused");
    let one = answers.into_iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(one.header("ratelimit-policy"), "\"app\";q=40;w=60");
    one.header("retry-after");
    one.problem(429, "rate_limited");
    // Its owner is not held up, nor another app.
    owner.get("/v1/accounts/me").await.expect(200);
    let (_, _, other) = working(&app, &owner).await;
    other.get("/v1/listings?q=x").await.expect(200);

    let usage = owner.get(&format!("{}/usage", path(&client))).await.expect(200).json();
    assert_eq!(usage["items"].as_array().unwrap().len(), 1, "{usage}");
    assert_eq!((&usage["items"][0]["requests"], &usage["items"][0]["refused"]), (&json!(51), &json!(refused)));
    let regulated = format!("/v1/admin/apps/{}", id(&client));
    let more = admin.patch(&regulated).if_match("*").merge_patch(json!({"requests_per_minute": 500})).await.expect(200);
    assert_eq!(more.json()["requests_per_minute"], 500);
    let fine = caller.get("/v1/listings?q=x").await.expect(200);
    assert_eq!(fine.header("ratelimit-policy"), "\"app\";q=500;w=60");
    let again = owner.get(&format!("{}/usage", path(&client))).await.expect(200).json();
    assert_eq!(again["items"][0]["requests"], 52);
}

#[tokio::test]
async fn the_quota_of_a_day_is_counted_for_all_processes_together() {
    let app = TestApp::builder().set("DUIJIE_RATE_LIMIT", "on").set("DUIJIE_APP_REQUESTS_PER_DAY", "100").start().await;
    let twin = app.twin_with(("DUIJIE_RATE_LIMIT", "on")).await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let (client, key, caller) = working(&app, &owner).await;
    assert_eq!(owner.get(&path(&client)).await.expect(200).json()["requests_per_day"], 100);
    let there = twin.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    let regulated = format!("/v1/admin/apps/{}", id(&client));
    let bound = |quota: u32| admin.patch(&regulated).if_match("*").merge_patch(json!({"requests_per_day": quota}));
    let bounded = bound(6).await.expect(200).json();
    assert_eq!(bounded["requests_per_day"], 6);
    for _ in 0..3 {
        caller.get("/v1/listings?q=x").await.expect(200);
    }
    app.inner().write_usage().await.unwrap();
    there.get("/v1/listings?q=x").await.expect(200);
    // As the job of each process does every few seconds.
    for process in [&twin.server.app, app.inner()] {
        process.write_usage().await.unwrap();
    }
    there.get("/v1/listings?q=x").await.expect(200);
    there.get("/v1/listings?q=x").await.expect(200);
    let refused = there.get("/v1/listings?q=x").await;
    assert_eq!(refused.header("ratelimit-policy"), "\"app-day\";q=6;w=86400");
    assert!((1..=86_400).contains(&refused.header("retry-after").parse::<i64>().unwrap()));
    refused.problem(429, "daily_quota_reached");
    for process in [&twin.server.app, app.inner()] {
        process.write_usage().await.unwrap();
    }
    caller.get("/v1/listings?q=x").await.problem(429, "daily_quota_reached");
    owner.get("/v1/accounts/me").await.expect(200);
    let usage = owner.get(&format!("{}/usage", path(&client))).await.expect(200).json();
    assert_eq!((&usage["items"][0]["requests"], &usage["items"][0]["refused"]), (&json!(8), &json!(2)));
    bound(7).await.expect(200);
    caller.get("/v1/listings?q=x").await.expect(200);
    caller.get("/v1/listings?q=x").await.problem(429, "daily_quota_reached");
}
