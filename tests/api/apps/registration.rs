//! Registering, changing, suspending and deleting apps; the platform's own; who learns of them.

use serde_json::{Value, json};

use super::{path, working};
use crate::support::market::with;
use crate::support::{Member, TestApp, faults, form, id};

#[tokio::test]
async fn an_owner_registers_changes_and_deletes_an_app() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let created = owner.register(json!({"description": "hourly"})).await;
    assert_eq!(
        (&created["status"], &created["version"], &created["requests_per_minute"]),
        (&json!("active"), &json!(1), &json!(600))
    );
    let read = owner.get(&path(&created)).await.expect(200);
    assert_eq!(read.json(), created);
    let changes = json!({"name": " 库存同步 ", "description": null, "scopes": ["listings:read"]});
    owner.patch(&path(&created)).merge_patch(changes.clone()).await.problem(428, "if_match_required");
    let changed = owner.patch(&path(&created)).if_match(read.etag()).merge_patch(changes).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["version"]), (&json!("库存同步"), &json!(2)));
    assert!(changed.get("description").is_none(), "{changed}");
    for (patch, place) in [(json!({"public": true}), "/public"), (json!({"enterprise_id": null}), "/enterprise_id")] {
        let problem = owner.patch(&path(&created)).if_match("*").merge_patch(patch).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [(place.to_owned(), "immutable".to_owned())]);
    }
    owner
        .patch(&path(&created))
        .if_match("*")
        .merge_patch(json!({"status": "suspended"}))
        .await
        .problem(422, "invalid");
    owner.delete(&path(&created)).if_match("\"1\"").await.problem(412, "version_stale");
    owner.delete(&path(&created)).if_match("\"2\"").await.expect(204);
    owner.get(&path(&created)).await.problem(404, "not_found");
    assert_eq!(owner.get("/v1/apps").await.expect(200).json()["items"], json!([]));
    assert_eq!(app.events_of(id(&created)).await, ["app.created", "app.updated", "app.deleted"]);
}

#[tokio::test]
async fn every_fault_of_a_registration_is_named() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let input = json!({"name": "  ", "enterprise_id": owner.enterprise_id(),
        "redirect_uris": ["http://erp.example/", "https://a.example/#b", "https://a.example/", "https://a.example/", "javascript:alert(1)"],
        "scopes": ["listings:read", "listings:read"]});
    let problem = owner.post("/v1/apps").json(input).await.problem(422, "invalid");
    let invalid = |i: usize| (format!("/redirect_uris/{i}"), "redirect_uri_invalid".to_owned());
    let repeated = |place: &str| (place.to_owned(), "repeated".to_owned());
    let blank = ("/name".to_owned(), "blank".to_owned());
    let wanted = [blank, invalid(0), invalid(1), repeated("/redirect_uris/3"), invalid(4), repeated("/scopes/1")];
    assert_eq!(faults(&problem), wanted);
    for (input, code) in [
        (json!({"scopes": ["everything"]}), "not_one_of"),
        (json!({"scopes": []}), "too_few"),
        (json!({"secret": "x"}), "unknown_field"),
        (json!({"name": "a\u{0}b"}), "pattern"),
        (json!({"enterprise_id": null}), "required"),
    ] {
        let base = json!({"name": "x", "enterprise_id": owner.enterprise_id(), "scopes": ["listings:read"]});
        let answer = owner.post("/v1/apps").json(with(&base, input.clone())).await;
        match answer.status {
            400 => drop(answer.problem(400, "json_malformed")),
            _ => assert_eq!(faults(&answer.problem(422, "invalid"))[0].1, code, "{input}"),
        }
    }
}

#[tokio::test]
async fn nobody_else_learns_of_an_app() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("owner").await, app.member("stranger").await);
    let (client, key, _) = working(&app, &owner).await;
    let keys = format!("{}/keys", path(&client));
    let one = format!("{keys}/{}", id(&key));
    let unknown = stranger.get(&format!("/v1/apps/{}", uuid::Uuid::now_v7())).await.problem(404, "not_found");
    for request in [
        stranger.get(&path(&client)),
        stranger.get(&keys),
        stranger.get(&format!("{}/usage", path(&client))),
        stranger.patch(&path(&client)).if_match("*").merge_patch(json!({"name": "mine"})),
        stranger.delete(&path(&client)).if_match("*"),
        stranger.post(&keys).json(json!({})),
        stranger.post(&format!("{one}/rotate")),
        stranger.delete(&one),
    ] {
        let problem = request.await.problem(404, "not_found");
        assert_eq!(problem["detail"], unknown["detail"]);
    }
    // Another's key below one's own app is not found either.
    let own = stranger.register(json!({})).await;
    stranger.delete(&format!("{}/keys/{}", path(&own), id(&key))).await.problem(404, "not_found");
    stranger
        .post("/v1/apps")
        .json(json!({"enterprise_id": owner.enterprise_id(), "name": "x", "scopes": ["listings:read"]}))
        .await
        .problem(403, "not_owner");
    assert_eq!(stranger.get("/v1/apps").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(owner.get(&keys).await.expect(200).json()["items"].as_array().unwrap().len(), 1);

    // A member who is no owner sees it, and changes nothing.
    let trader = app.account("trader").await;
    let join = format!(
        "INSERT INTO memberships VALUES ('{}', '{}', 'trader', now())",
        trader.account_id,
        owner.enterprise_id()
    );
    app.database.execute(&join).await;
    trader.get(&path(&client)).await.expect(200);
    trader.post(&keys).json(json!({})).await.problem(403, "not_owner");
    trader.delete(&one).await.problem(403, "not_owner");
}

#[tokio::test]
async fn what_an_app_holds_ends_with_it() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let (client, key, caller) = working(&app, &owner).await;
    let regulated = format!("/v1/admin/apps/{}", id(&client));
    let regulate = |change: Value| admin.patch(&regulated).if_match("*").merge_patch(change);
    owner
        .patch(&regulated)
        .if_match("*")
        .merge_patch(json!({"requests_per_minute": 9}))
        .await
        .problem(403, "role_required");
    let problem = regulate(json!({"status": "suspended"})).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/reason".to_owned(), "required".to_owned())]);
    regulate(json!({"status": "suspended", "reason": "floods the market"})).await.expect(200);
    caller.get(&owner.enterprise_path()).await.problem(401, "session_ended");
    let fields = [("grant_type", "client_credentials"), ("client_secret", key["key"].as_str().unwrap())];
    let name = id(&client).to_string();
    let ask =
        || form(app.anonymous().post("/v1/oauth/token"), &[&fields[..], &[("client_id", name.as_str())]].concat());
    ask().await.problem(401, "app_suspended");
    assert_eq!(owner.get(&path(&client)).await.expect(200).json()["reason"], "floods the market");
    let restored = regulate(json!({"status": "active"})).await.expect(200).json();
    assert!(restored.get("reason").is_none());
    caller.get(&owner.enterprise_path()).await.expect(200);
    owner.delete(&path(&client)).if_match("*").await.expect(204);
    caller.get(&owner.enterprise_path()).await.problem(401, "session_ended");
    ask().await.problem(401, "client_invalid");
    regulate(json!({"requests_per_minute": 5})).await.problem(404, "not_found");
    let members = format!("SELECT count(*) FROM memberships WHERE enterprise_id = '{}'", owner.enterprise_id());
    assert_eq!(app.database.count(&members).await, 1, "its account acts for the enterprise no more");
}

#[tokio::test]
async fn the_platform_has_apps_of_its_own() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let input = json!({"name": "城市大屏", "scopes": ["listings:read"]});
    owner.post("/v1/admin/apps").json(input.clone()).await.problem(403, "role_required");
    admin
        .post("/v1/admin/apps")
        .json(with(&input, json!({"enterprise_id": owner.enterprise_id()})))
        .await
        .problem(422, "invalid");
    let client = admin.post("/v1/admin/apps").json(input).await.expect(201).json();
    let key = admin.key(&client, json!({})).await;
    let caller = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    caller.get("/v1/listings?q=x").await.expect(200);
    owner.get(&path(&client)).await.problem(404, "not_found");
    owner.register(json!({})).await;
    let all = admin.get("/v1/admin/apps?limit=1").await.expect(200).json();
    let cursor = all["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("/v1/admin/apps?limit=1&cursor={cursor}")).await.expect(200).json();
    assert_eq!((all["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (1, 1));
    owner.get("/v1/admin/apps").await.problem(403, "role_required");
    let elsewhere = app.official("elsewhere", "admin", "410000").await;
    elsewhere.get("/v1/admin/apps").await.problem(403, "role_required");
    admin.patch(&path(&client)).if_match("*").merge_patch(json!({"name": "大屏"})).await.expect(200);
    admin.delete(&path(&client)).if_match("*").await.expect(204);
}

#[tokio::test]
async fn an_app_is_not_called_like_the_platform_or_another_enterprise() {
    let app = TestApp::start().await;
    let (owner, firm, unverified) = (app.member("owner").await, app.verified("firm").await, app.member("other").await);
    let rename = async |member: &Member, name: &str| {
        let change = json!({"legal_name": name, "name_en": "Acme Bearings"});
        let sql = format!(
            "UPDATE enterprises SET legal_name = '{name}', profile = profile || '{change}' WHERE id = '{}'",
            member.enterprise_id()
        );
        app.database.execute(&sql).await;
    };
    rename(&firm, "洛阳示范轴承（集团）有限公司").await;
    let ask = |member: &Member, name: &str| {
        let input = json!({"enterprise_id": member.enterprise_id(), "name": name, "scopes": ["listings:read"]});
        member.post("/v1/apps").json(input)
    };
    let refused = async |name: &str, code: &str| {
        let problem = ask(&owner, name).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [("/name".to_owned(), code.to_owned())], "{name}");
    };
    for name in ["Duijie", "Ｄυijie 助手", "对接平台客服", "對接平台"] {
        refused(name, "app_name_of_platform").await;
    }
    for name in ["洛阳示范轴承(集团)有限公司", "洛陽示範軸承集團有限公司助手", "АCМE bearings — stock"]
    {
        refused(name, "app_name_of_enterprise").await;
    }
    // Its own name, one that nobody verified has, and plain words.
    ask(&firm, "洛阳示范轴承（集团）有限公司 库存").await.expect(201);
    rename(&unverified, "某某贸易有限公司").await;
    app.database.execute("UPDATE enterprises SET profile = profile - 'name_en'").await;
    ask(&owner, "某某贸易有限公司").await.expect(201);
    let plain = ask(&owner, "库存对接").await.expect(201).json();
    // Neither by another name later.
    let change = |name: &str| owner.patch(&path(&plain)).if_match("*").merge_patch(json!({"name": name}));
    change("duijie").await.problem(422, "invalid");
    change("库存对接 2").await.expect(200);
}
