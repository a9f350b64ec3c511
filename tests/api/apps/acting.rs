//! What an app does: as an account of its own, a member that never owns, named in the audit.

use serde_json::json;

use super::{path, working};
use crate::support::market::{need, with};
use crate::support::{TestApp, id};

#[tokio::test]
async fn an_app_trades_for_its_enterprise_as_an_account_of_its_own() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, _, caller) = working(&app, &owner).await;
    let wanted = with(&need(), json!({"enterprise_id": owner.enterprise_id()}));
    let post = || caller.post("/v1/listings").json(wanted.clone()).idempotency_key("erp-1");
    let posted = post().await.expect(201).json();
    assert_eq!(post().await.expect(201).header("idempotency-replayed"), "true");
    app.sequence().await;
    let actor =
        app.database.value(&format!("SELECT actor FROM events WHERE entity_id = '{}' LIMIT 1", id(&posted))).await;
    let account = app.database.value(&format!("SELECT account_id FROM apps WHERE id = '{}'", id(&client))).await;
    assert_eq!(actor, account);
    // No more than a trader, and only there.
    caller.get("/v1/accounts/me").await.problem(403, "no_app");
    caller
        .post("/v1/apps")
        .json(json!({"enterprise_id": owner.enterprise_id(), "name": "x", "scopes": ["listings:read"]}))
        .await
        .problem(403, "no_app");
    let other = app.member("other").await;
    let foreign = with(&need(), json!({"enterprise_id": other.enterprise_id()}));
    caller.post("/v1/listings").json(foreign).await.problem(403, "not_trader");
    // A scope taken from the app is gone from tokens it has.
    owner.patch(&path(&client)).if_match("*").merge_patch(json!({"scopes": ["enterprises:read"]})).await.expect(200);
    let refused = caller.get(&format!("/v1/listings/{}", id(&posted))).await;
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"insufficient_scope\", scope=\"listings:read\"");
    refused.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn an_app_is_a_member_who_never_owns() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, key, caller) = working(&app, &owner).await;
    let members = format!("{}/members", owner.enterprise_path());
    let listed = owner.get(&members).await.expect(200).json();
    let account =
        listed["items"].as_array().unwrap().iter().find(|member| member["display_name"] == "仓库同步").unwrap().clone();
    assert_eq!(account["role"], "trader");
    let one = format!("{members}/{}", account["account_id"].as_str().unwrap());
    for role in ["owner", "signatory"] {
        owner.request("PUT", &one).json(json!({"role": role})).await.problem(409, "member_is_app");
    }
    let transfer = json!({"account_id": account["account_id"], "own_role": "trader"});
    owner.post(&format!("{}/transfer", owner.enterprise_path())).json(transfer).await.problem(409, "member_is_app");
    // What an owner takes from it as a member is gone with its next request.
    let wanted = with(&need(), json!({"enterprise_id": owner.enterprise_id()}));
    caller.post("/v1/listings").json(wanted.clone()).await.expect(201);
    owner.request("PUT", &one).json(json!({"role": "viewer"})).await.expect(200);
    caller.post("/v1/listings").json(wanted.clone()).await.problem(403, "not_trader");
    owner.delete(&one).await.expect(204);
    let again = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    again.post("/v1/listings").json(wanted).await.problem(403, "not_trader");
}

#[tokio::test]
async fn the_audit_tells_which_app_it_was() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, key, caller) = working(&app, &owner).await;
    let wanted = with(&need(), json!({"enterprise_id": owner.enterprise_id()}));
    let posted = caller.post("/v1/listings").json(wanted).await.expect(201).json();
    app.sequence().await;
    let named = format!(
        "SELECT count(*) FROM audit_details JOIN events USING (event_id) WHERE entity_id = '{}' AND app_id = '{}'",
        id(&posted),
        id(&client)
    );
    assert!(app.database.count(&named).await > 0);
    let dump = app.database.value("SELECT string_agg(t::text, ' ') FROM audit_details t").await;
    assert!(dump.contains(key["public_id"].as_str().unwrap()), "what was made of keys is there");
    assert!(!dump.contains(key["key"].as_str().unwrap()), "the secret is not");
}
