//! Cursor pages.

use crate::support::{Member, TestApp, uscc};

async fn first_cursor(member: &Member) -> String {
    let page = member.get("/v1/enterprises?limit=1").await.expect(200).json();
    page["next_cursor"].as_str().unwrap().to_owned()
}

async fn with_three(app: &TestApp, name: &str) -> Member {
    let member = app.account(name).await;
    for _ in 0..3 {
        member.claim(&uscc::next()).await;
    }
    member
}

#[tokio::test]
async fn an_altered_cursor_is_refused() {
    let app = TestApp::start().await;
    let member = with_three(&app, "wang").await;
    let cursor = first_cursor(&member).await;
    assert!(cursor.len() <= 512);
    member.get(&format!("/v1/enterprises?cursor={cursor}")).await.expect(200);
    for at in (0..cursor.len()).step_by(7) {
        let mut altered = cursor.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        member.get(&format!("/v1/enterprises?cursor={altered}")).await.problem(400, "cursor_invalid");
    }
    for bad in ["x", "AAAA", &cursor[..cursor.len() - 4], &format!("{cursor}AAAA")] {
        member.get(&format!("/v1/enterprises?cursor={bad}")).await.problem(400, "cursor_invalid");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list_and_installation() {
    use duijie::app::secrets::Secrets;
    use duijie::http::core::cursor;
    let app = TestApp::start().await;
    let member = with_three(&app, "wang").await;
    let id = member.get("/v1/enterprises").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let made = |secrets: &Secrets, operation: &str, parameters: serde_json::Value| {
        let scope = cursor::scope(operation, &parameters);
        format!("/v1/enterprises?cursor={}", cursor::encode(secrets, &scope, &id).unwrap())
    };
    let none = || serde_json::json!({});
    let secrets = &app.inner().secrets;
    member.get(&made(secrets, "list_own_enterprises", none())).await.expect(200);
    let another_filter = made(secrets, "list_own_enterprises", serde_json::json!({"q": "口罩"}));
    member.get(&another_filter).await.problem(400, "cursor_of_another_list");
    member.get(&made(secrets, "list_listings", none())).await.problem(400, "cursor_of_another_list");
    member.get(&made(&Secrets::new([9; 32]), "list_own_enterprises", none())).await.problem(400, "cursor_invalid");
}

#[tokio::test]
async fn pages_stay_whole_while_others_write() {
    let app = TestApp::start().await;
    let member = with_three(&app, "wang").await;
    let before: Vec<_> = member.get("/v1/enterprises").await.json()["items"].as_array().unwrap().clone();
    let page = member.get("/v1/enterprises?limit=2").await.expect(200).json();
    member.claim(&uscc::next()).await;
    let next = format!("/v1/enterprises?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = member.get(&next).await.expect(200).json();
    let seen: Vec<_> = [&page, &rest].iter().flat_map(|page| page["items"].as_array().unwrap().clone()).collect();
    assert_eq!(seen[..3], before[..]);
    assert_eq!(seen.len(), 4, "what was written meanwhile comes after");
}

#[tokio::test]
async fn a_link_keeps_the_other_parameters() {
    let app = TestApp::start().await;
    let member = with_three(&app, "wang").await;
    let cursor = first_cursor(&member).await;
    let page = member.get(&format!("/v1/enterprises?cursor={cursor}&limit=1")).await.expect(200);
    let next = page.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(page.header("link"), format!("</v1/enterprises?limit=1&cursor={next}>; rel=\"next\""));
}
