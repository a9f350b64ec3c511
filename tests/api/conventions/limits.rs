//! Rate limits, told in the draft's fields.

use serde_json::json;

use crate::support::{PASSWORD, Response, TestApp, together};

async fn limited() -> TestApp {
    TestApp::builder().set("DUIJIE_RATE_LIMIT", "on").set("DUIJIE_TRUSTED_PROXIES", "127.0.0.1").start().await
}

/// The bucket, what is left of it, and the seconds until it is full.
fn standing(response: &Response) -> (String, u32, u32) {
    let text = response.header("ratelimit");
    let (name, rest) = text.trim_start_matches('"').split_once("\";r=").unwrap();
    let (remaining, seconds) = rest.split_once(";t=").unwrap();
    (name.to_owned(), remaining.parse().unwrap(), seconds.parse().unwrap())
}

/// The most that was taken from a bucket meanwhile; it fills again as time goes by.
fn spent(answers: Vec<Response>, quota: u32) -> u32 {
    answers.iter().map(|answer| quota - standing(answer).1).max().unwrap()
}

#[tokio::test]
async fn every_answer_tells_what_is_left() {
    let app = limited().await;
    let first = app.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"address\";q=600;w=60");
    let (name, remaining, seconds) = standing(&first);
    assert_eq!((&*name, remaining, seconds), ("address", 599, 1));
    assert!(spent(together((0..30).map(|_| app.anonymous().get("/v1/nowhere"))).await, 600) > 15, "refusals count");
    let member = app.member("wang").await;
    let read = member.get("/v1/accounts/me").await.expect(200);
    assert_eq!(read.header("ratelimit-policy"), "\"credential\";q=1200;w=60");
    assert!(spent(together((0..60).map(|_| member.get("/v1/accounts/me"))).await, 1200) > 30);
    // Health checks are asked often, and by machines without credentials.
    assert_eq!(app.anonymous().get("/livez").await.expect(200).find_header("ratelimit"), None);
}

#[tokio::test]
async fn signing_in_has_a_stricter_bucket() {
    let app = limited().await;
    let attempt = || app.anonymous().post("/v1/sessions").json(json!({"email": "x", "password": PASSWORD}));
    let answers = together((0..70).map(|_| attempt())).await;
    let (mut let_in, mut refused) = (0, 0);
    for answer in answers {
        assert_eq!(answer.header("ratelimit-policy"), "\"sign-in\";q=60;w=60");
        match answer.status {
            422 => let_in += 1,
            _ => {
                refused += 1;
                let wait: u64 = answer.header("retry-after").parse().unwrap();
                assert!((1..=2).contains(&wait), "{wait}");
                assert_eq!(standing(&answer).1, 0);
                answer.problem(429, "rate_limited");
            }
        }
    }
    // One comes back each second.
    assert!((60..=63).contains(&let_in) && refused >= 7, "{let_in} let in, {refused} refused");
    let other = attempt().header("x-forwarded-for", "203.0.113.7").await;
    assert_eq!(standing(&other).1, 59, "another address has a bucket of its own");
    app.anonymous().get("/openapi.json").await.expect(200);
}

#[tokio::test]
async fn signed_in_people_behind_one_address_do_not_share() {
    let app = limited().await;
    let (wang, li) = (app.account("wang").await, app.account("li").await);
    together((0..30).map(|_| wang.get("/v1/accounts/me"))).await;
    assert_eq!(standing(&li.get("/v1/accounts/me").await).1, 1199);
    // A token nobody signed is no credential: it counts for the address.
    let forged = app.anonymous().with_token("x.y.z").get("/v1/accounts/me").await.expect(401);
    assert_eq!(standing(&forged).0, "address");
}

#[tokio::test]
async fn only_trusted_proxies_may_name_the_client() {
    let app = TestApp::builder().set("DUIJIE_RATE_LIMIT", "on").start().await;
    let ask =
        |i: usize| app.anonymous().get("/v1/reference/kinds/ppe").header("x-forwarded-for", format!("203.0.113.{i}"));
    let invented = (0..30).map(ask);
    assert!(spent(together(invented).await, 600) > 15, "an invented address is no way around");

    let app = limited().await;
    let ask = |addresses: &str| app.anonymous().get("/v1/reference/kinds/ppe").header("x-forwarded-for", addresses);
    together((0..30).map(|_| ask("203.0.113.7"))).await;
    assert_eq!(standing(&ask("203.0.113.8").await).1, 599);
    // The hop nearest to us is believed, not what the client put in front of it.
    let invented = together((0..40).map(|i| ask(&format!("198.51.100.{i}, 203.0.113.9")))).await;
    assert!(spent(invented, 600) > 15, "one bucket for all");
}

#[tokio::test]
async fn limits_can_be_off() {
    let app = TestApp::start().await;
    assert_eq!(app.anonymous().get("/openapi.json").await.expect(200).find_header("ratelimit"), None);
}
