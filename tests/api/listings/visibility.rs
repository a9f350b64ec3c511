//! Who sees a listing, and who is told that it is not theirs.

use serde_json::{Value, json};

use crate::support::market::{ids, need, path, with};
use crate::support::{Response, TestApp};

/// What tells a hidden listing from none at all.
fn tell_tale(response: Response) -> Value {
    let mut problem = response.problem(404, "not_found");
    for name in ["request_id", "instance"] {
        problem.as_object_mut().unwrap().remove(name);
    }
    problem
}

const WRITES: [(&str, &str); 6] = [
    ("PATCH", ""),
    ("POST", "/publish"),
    ("POST", "/withdraw"),
    ("POST", "/renew"),
    ("POST", "/close"),
    ("GET", "/matches"),
];

fn request(client: &crate::support::Client, method: &str, path: &str) -> crate::support::Request {
    let request = client.request(method, path).if_match("*");
    match method {
        "PATCH" => request.merge_patch(json!({"title": "改"})),
        _ if path.ends_with("/close") => request.json(json!({"outcome": "met_here"})),
        _ => request,
    }
}

#[tokio::test]
async fn a_draft_is_nobody_elses_to_know() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.verified("li").await);
    let draft = wang.draft(need()).await;
    let nowhere = with(&draft, json!({"id": uuid::Uuid::now_v7()}));
    for client in [app.anonymous(), (*li).clone()] {
        assert_eq!(tell_tale(client.get(&path(&draft)).await), tell_tale(client.get(&path(&nowhere)).await));
    }
    for (method, what) in WRITES {
        let hidden = request(&li, method, &format!("{}{what}", path(&draft))).await;
        let missing = request(&li, method, &format!("{}{what}", path(&nowhere))).await;
        assert_eq!(tell_tale(hidden), tell_tale(missing), "{method} {what}");
    }
    assert_eq!(wang.get(&path(&draft)).await.expect(200).json()["version"], 1);
}

#[tokio::test]
async fn a_visible_listing_is_not_for_others_to_change() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let listing = wang.publish(need()).await;
    let etag = app.anonymous().get(&path(&listing)).await.expect(200).etag().to_owned();
    app.anonymous().get(&path(&listing)).header("if-none-match", &etag).await.expect(304);
    for (method, what) in WRITES {
        let target = format!("{}{what}", path(&listing));
        let code = if method == "GET" { "not_member" } else { "not_trader" };
        request(&li, method, &target).await.problem(403, code);
        request(&app.anonymous(), method, &target).await.problem(401, "token_required");
    }
    assert_eq!(wang.get(&path(&listing)).await.expect(200).json()["version"], listing["version"]);
}

#[tokio::test]
async fn a_listing_for_verified_ones() {
    let app = TestApp::start().await;
    let (wang, li, zhao) = (app.verified("wang").await, app.verified("li").await, app.member("zhao").await);
    let listing = wang.publish(with(&need(), json!({"visibility": "verified"}))).await;
    for client in [app.anonymous(), (*zhao).clone()] {
        client.get(&path(&listing)).await.problem(404, "not_found");
        let page = client.get("/v1/listings?facets=true").await.expect(200).json();
        assert!(ids(&page).is_empty());
        assert_eq!(page["facets"]["total"], 0, "not even counted");
    }
    for member in [&wang, &li] {
        member.get(&path(&listing)).await.expect(200);
        assert_eq!(ids(&member.get("/v1/listings").await.expect(200).json()).len(), 1);
    }
    zhao.act(&listing, "withdraw").await.problem(404, "not_found");
    li.act(&listing, "withdraw").await.problem(403, "not_trader");
    app.sequence().await;
    let seen = "SELECT count(*) FROM events WHERE entity = 'listing' AND audience = 'public'";
    assert_eq!(app.database.count(seen).await, 0, "nor announced to everybody");
}

#[tokio::test]
async fn an_invited_listing_is_shown_to_nobody_else_yet() {
    let app = TestApp::start().await;
    let (wang, li) = (app.verified("wang").await, app.verified("li").await);
    let listing = wang.publish(with(&need(), json!({"visibility": "invited"}))).await;
    li.get(&path(&listing)).await.problem(404, "not_found");
    assert!(ids(&li.get("/v1/listings").await.expect(200).json()).is_empty());
    wang.get(&path(&listing)).await.expect(200);
}

#[tokio::test]
async fn what_has_ended_is_for_its_members_only() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let listing = wang.publish(need()).await;
    li.get(&path(&listing)).await.expect(200);
    wang.act(&listing, "withdraw").await.expect(200);
    li.get(&path(&listing)).await.problem(404, "not_found");
    assert_eq!(wang.get(&path(&listing)).await.expect(200).json()["status"], "withdrawn");
    wang.get(&format!("{}/matches", path(&listing))).await.problem(409, "state_conflict");
}
