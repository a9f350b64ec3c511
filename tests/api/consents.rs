//! The consent log: given and withdrawn, never rewritten, and acting at once.

use serde_json::{Value, json};

use crate::support::market::{offer, path, with};
use crate::support::{Member, TestApp, faults};

const CONSENTS: &str = "/v1/accounts/me/consents";

fn said(purpose: &str, version: Option<i32>, given: bool) -> Value {
    let mut said = json!({"purpose": purpose, "given": given});
    if let Some(version) = version {
        said["text_version"] = json!(version);
    }
    said
}

async fn say(member: &Member, given: bool) -> Value {
    member.post(CONSENTS).json(said("contact_disclosure", Some(1), given)).await.expect(201).json()
}

#[tokio::test]
async fn the_log_keeps_what_was_said() {
    let app = TestApp::start().await;
    let (person, other) = (app.account("wang").await, app.account("li").await);
    let purposes = app.anonymous().get("/v1/reference/consent-purposes").await.expect(200).json();
    assert_eq!(purposes["items"][0]["code"], "contact_disclosure");
    assert!(purposes["items"][0]["texts"]["zh-CN"].as_str().unwrap().contains("同意"));
    app.anonymous().get(CONSENTS).await.problem(401, "token_required");
    let given = say(&person, true).await;
    assert_eq!(say(&person, true).await["id"], given["id"], "saying it twice changes nothing");
    say(&person, false).await;
    say(&person, true).await;
    let log = person.get(CONSENTS).await.expect(200).json();
    let states: Vec<&Value> = log["items"].as_array().unwrap().iter().map(|entry| &entry["given"]).collect();
    assert_eq!(states, [true, false, true]);
    assert_eq!(other.get(CONSENTS).await.expect(200).json()["items"], json!([]));
    for (wrong, pointer, code) in [
        (said("contact_disclosure", None, true), "/text_version", "consent_text_not_current"),
        (said("contact_disclosure", Some(2), true), "/text_version", "consent_text_not_current"),
        (said("spam", Some(1), true), "/purpose", "consent_purpose_unknown"),
    ] {
        let problem = person.post(CONSENTS).json(wrong).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [(pointer.to_owned(), code.to_owned())]);
    }
    for change in ["UPDATE consents SET given = true", "DELETE FROM consents", "TRUNCATE consents"] {
        let refused = app.database.connect().await.batch_execute(change).await.unwrap_err();
        let message = refused.as_db_error().map(|error| error.message().to_owned());
        assert_eq!(message.as_deref(), Some("consents is append-only"), "{change}");
    }
}

#[tokio::test]
async fn who_takes_consent_back_is_masked_at_once() {
    let app = TestApp::start().await;
    let (seller, reader) = (app.member("王芳").await, app.account("reader").await);
    let contacts =
        json!({"contacts": [{"name": "王芳", "mobile": "13800138000"}, {"name": "李强", "mobile": "13900139000"}]});
    seller.patch(&seller.enterprise_path()).if_match("*").merge_patch(contacts).await.expect(200);
    let listing = seller.publish(with(&offer(), json!({"contact_policy": "public"}))).await;
    let shown = async || {
        let list = reader.get(&format!("{}/contacts", path(&listing))).await.expect(200).json();
        [0, 1].map(|i| list["contacts"][i]["mobile"].as_str().unwrap().to_owned())
    };
    assert_eq!(shown().await, ["+8613800138000", "+8613900139000"]);
    say(&seller, false).await;
    assert_eq!(shown().await, ["+86138****8000", "+8613900139000"], "that person alone");
    say(&seller, true).await;
    assert_eq!(shown().await[0], "+8613800138000");
}
