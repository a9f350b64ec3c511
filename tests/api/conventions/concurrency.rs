//! ETag, If-None-Match, If-Match.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn an_etag_spares_the_body() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let path = member.enterprise_path();
    let read = member.get(&path).await.expect(200);
    let etag = read.etag().to_owned();
    assert!(etag.starts_with("\"1-") && etag.ends_with('"'), "{etag}");
    let vary = read.header("vary").to_lowercase();
    assert!(vary.contains("authorization") && vary.contains("accept-language"), "{vary}");
    for same in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()] {
        let spared = member.get(&path).header("if-none-match", &same).await.expect(304);
        assert_eq!((spared.etag(), spared.body.len()), (&*etag, 0), "{same}");
        assert_eq!(spared.find_header("content-type"), None);
        assert!(spared.header("vary").to_lowercase().contains("authorization"));
    }
    member.get(&path).header("if-none-match", "\"1-other\"").await.expect(200);
    let changed = member.patch(&path).if_match(&etag).merge_patch(json!({"employees": 1})).await.expect(200);
    assert!(changed.etag().starts_with("\"2-"));
    let read = member.get(&path).header("if-none-match", &etag).await.expect(200);
    assert_eq!(read.etag(), changed.etag());
}

#[tokio::test]
async fn a_change_names_the_version_it_saw() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let path = member.enterprise_path();
    let etag = member.get(&path).await.etag().to_owned();
    let patch = |employees: i32| member.patch(&path).merge_patch(json!({"employees": employees}));
    patch(1).await.problem(428, "if_match_required");
    patch(1).if_match(&etag).await.expect(200);
    let stale = patch(2).if_match(&etag).language("en").await.problem(412, "version_stale");
    assert!(stale["detail"].as_str().unwrap().contains("the version is now 2"), "{stale}");
    patch(2).if_match("\"2\"").await.expect(200);
    patch(3).if_match("\"2\"").await.problem(412, "version_stale");
    patch(3).if_match("\"1\", \"3\"").await.expect(200);
    patch(4).if_match("W/\"4-anything\"").await.expect(200);
    patch(5).if_match("*").await.expect(200);
    assert_eq!(member.get(&path).await.expect(200).json()["version"], 6);
}

#[tokio::test]
async fn of_twenty_changes_to_one_version_one_wins() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let path = member.enterprise_path();
    let etag = member.get(&path).await.etag().to_owned();
    let patches = (0..20).map(|i| {
        let request = member.patch(&path).if_match(&etag).merge_patch(json!({"employees": 100 + i}));
        async move { (i, request.await) }
    });
    let answers = join_all(patches).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 19));
    for (_, answer) in lost {
        answer.problem(412, "version_stale");
    }
    let now = member.get(&path).await.expect(200).json();
    assert_eq!((&now["employees"], &now["version"]), (&json!(100 + won[0].0), &json!(2)));
    app.sequence().await;
    assert_eq!(app.database.count("SELECT count(*) FROM events WHERE type = 'enterprise.updated'").await, 1);
}
