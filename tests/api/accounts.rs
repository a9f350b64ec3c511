//! `/v1/accounts`

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn signing_up_and_reading_oneself() {
    let app = TestApp::start().await;
    let input = json!({"email": " Wang@Example.CN ", "password": PASSWORD, "display_name": " 王芳 "});
    let created = app.anonymous().post("/v1/accounts").json(input).await.expect(201);
    assert_eq!(created.header("location"), "/v1/accounts/me");
    let account = created.json();
    assert_eq!((&account["email"], &account["display_name"]), (&json!("wang@example.cn"), &json!("王芳")));
    assert!(!created.text().contains("password"), "{account}");
    assert!(!created.text().contains(PASSWORD));

    let session = app.sign_in("wang@example.cn").await;
    let signed_in = app.anonymous().with_token(session["access_token"].as_str().unwrap());
    let read = signed_in.get("/v1/accounts/me").await.expect(200);
    assert_eq!(read.json(), account);
    assert_eq!(read.etag(), created.etag());
}
