//! `PATCH /v1/listings/{id}`

use serde_json::{Value, json};

use crate::support::market::{listing_ids, need, offer, path, with};
use crate::support::{TestApp, faults, id, together};

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_removes() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = wang.draft(with(&need(), json!({"attributes": {"standard": "YY 0469", "use_class": "medical"}}))).await;
    let change =
        json!({"max_price": {"amount": "0.9"}, "attributes": {"use_class": null, "sterile": true}, "urgency": "high"});
    let changed = wang.patch(&path(&draft)).if_match("\"1\"").merge_patch(change).await.expect(200);
    let listing = changed.json();
    assert_eq!(listing["max_price"], json!({"amount": "0.9", "currency": "CNY"}), "merged into the object");
    assert_eq!(listing["attributes"], json!({"standard": "YY 0469", "sterile": true}));
    assert_eq!((&listing["urgency"], &listing["version"]), (&json!("high"), &json!(2)));
    assert_eq!((&listing["title"], &listing["category"]), (&draft["title"], &draft["category"]));

    let same =
        wang.patch(&path(&draft)).if_match(changed.etag()).merge_patch(json!({"urgency": "high"})).await.expect(200);
    assert_eq!(same.json()["version"], 2, "nothing changed");
    let removed = json!({"max_price": null, "quantity": null, "unit_code": null, "urgency": null});
    let removed = wang.patch(&path(&draft)).if_match("\"2\"").merge_patch(removed).await.expect(200).json();
    assert!(["max_price", "quantity", "unit_code"].iter().all(|name| removed.get(*name).is_none()), "{removed}");
    assert_eq!(removed["urgency"], "normal", "back to the default");
    let read = wang.get(&path(&draft)).await.expect(200).json();
    assert_eq!(read, removed);
    assert_eq!(app.events_of(id(&draft)).await, ["listing.created", "listing.updated", "listing.updated"]);
}

#[tokio::test]
async fn a_kind_changes_with_its_attributes() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = wang.draft(with(&need(), json!({"attributes": {"standard": "YY 0469"}}))).await;
    let patch = |change: Value| wang.patch(&path(&draft)).if_match("*").merge_patch(change);
    let problem = patch(json!({"kind": "material"})).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/attributes/standard".to_owned(), "unknown_field".to_owned())]);
    let whole =
        json!({"kind": "material", "category": "material.packaging", "attributes": {"standard": null, "grade": "A"}});
    let listing = patch(whole).await.expect(200).json();
    assert_eq!((&listing["kind"], &listing["attributes"]), (&json!("material"), &json!({"grade": "A"})));
}

#[tokio::test]
async fn what_a_patch_may_not_do() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let listing = wang.publish(need()).await;
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (json!({"price": {"amount": "1", "currency": "CNY"}}), &[("/price", "only_on_offers")]),
        (json!({"side": "offer"}), &[("/max_price", "only_on_needs"), ("/side", "fixed_after_draft")]),
        (json!({"title": null}), &[("/title", "required")]),
        (
            json!({"valid_until": null, "attributes": null}),
            &[("/attributes", "wrong_type"), ("/valid_until", "wrong_type")],
        ),
        (json!({"kind": null}), &[("/kind", "wrong_type")]),
        (json!({"max_price": {"colour": 1, "amount": null}}), &[("/max_price/colour", "unknown_field")]),
        (json!({"max_price": {"amount": null}}), &[("/max_price/amount", "required")]),
        (json!({"unit_code": null}), &[("/unit_code", "unit_required")]),
        (json!({"attributes": {"colour": "blue"}}), &[("/attributes/colour", "unknown_field")]),
        (json!({"colour": null}), &[("/colour", "unknown_field")]),
        (
            json!({"publish": true, "status": "draft", "enterprise_id": id(&wang.enterprise)}),
            &[("/enterprise_id", "unknown_field"), ("/publish", "unknown_field"), ("/status", "unknown_field")],
        ),
        (json!({"region_code": null, "location": null}), &[("/region_code", "place_required")]),
    ];
    for (change, expected) in cases {
        let problem =
            wang.patch(&path(&listing)).if_match("*").merge_patch(change.clone()).await.problem(422, "invalid");
        let expected: Vec<_> = expected.iter().map(|(place, code)| (place.to_string(), code.to_string())).collect();
        assert_eq!(faults(&problem), expected, "{change}");
    }
    let title = || json!({"title": "改"});
    wang.patch(&path(&listing)).merge_patch(title()).await.problem(428, "if_match_required");
    wang.patch(&path(&listing)).if_match("\"1\"").merge_patch(title()).await.problem(412, "version_stale");
    assert_eq!(wang.get(&path(&listing)).await.json()["version"], listing["version"]);
}

#[tokio::test]
async fn of_two_changes_to_one_version_one_wins() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = wang.draft(need()).await;
    let change = |n: u32| wang.patch(&path(&draft)).if_match("\"1\"").merge_patch(json!({"quantity": n.to_string()}));
    let answers = together((1..=4).map(change)).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 412)));
    let read = wang.get(&path(&draft)).await.json();
    assert_eq!((&read["quantity"], &read["version"]), (&won[0].json()["quantity"], &json!(2)));
}

#[tokio::test]
async fn a_change_is_in_the_next_answer_of_the_market() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let (needed, offered) = (wang.publish(need()).await, li.publish(offer()).await);
    assert_eq!(listing_ids(&wang.matches(&needed).await["items"]), [id(&offered)]);
    let dearer = json!({"price": {"amount": "0.81"}});
    li.patch(&path(&offered)).if_match("*").merge_patch(dearer).await.expect(200);
    let found = wang.matches(&needed).await;
    assert!(listing_ids(&found["items"]).is_empty(), "{found}");
    assert_eq!(listing_ids(&found["near_misses"]), [id(&offered)]);
    assert_eq!(found["near_misses"][0]["listing"]["price"]["amount"], "0.81");
}
