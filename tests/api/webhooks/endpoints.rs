//! `/v1/webhook-endpoints`: made, changed, deleted, and where they may lead.

use duijie::domain::webhook_event::WebhookEventType;
use serde_json::json;
use strum::VariantArray;

use crate::support::kinds::KINDS;
use crate::support::market::with;
use crate::support::{Answer, Receiver, TestApp, faults, id};

const ENDPOINTS: &str = "/v1/webhook-endpoints";

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_encrypted() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let input = json!({"enterprise_id": owner.enterprise_id(), "url": "https://8.8.8.8/hook", "description": "ERP"});
    let make = || owner.post(ENDPOINTS).idempotency_key("one").json(input.clone());
    let (made, again) = (make().await.expect(201), make().await.expect(201).json());
    let endpoint = made.json();
    assert_eq!(made.header("location"), format!("{ENDPOINTS}/{}", id(&endpoint)));
    let secret = endpoint["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{secret}");
    assert_ne!(endpoint["secret"], again["secret"], "no stored answer repeats a secret");
    assert_eq!((&endpoint["enabled"], &endpoint["event_types"]), (&json!(true), &json!([])));

    let at = format!("{ENDPOINTS}/{}", id(&endpoint));
    let read = owner.get(&at).await.expect(200);
    let mut hidden = endpoint.clone();
    hidden.as_object_mut().unwrap().remove("secret");
    assert_eq!(read.json(), hidden);
    let changed =
        owner.patch(&at).if_match(read.etag()).merge_patch(json!({"description": null})).await.expect(200).json();
    let list = owner.get(ENDPOINTS).await.expect(200).json();
    assert_eq!((list["items"].as_array().unwrap().len(), &changed["version"]), (2, &json!(2)));
    assert!(changed.get("secret").is_none() && !list.to_string().contains("whsec_"), "{changed} {list}");
    for table in ["webhook_endpoints", "idempotency_keys", "audit_details", "events_pending"] {
        let dump = app.database.value(&format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")).await;
        assert!(!dump.contains(&secret[6..]) && !dump.contains("whsec_"), "{table}: {dump}");
    }

    let rotated = owner.post(&format!("{at}/rotate-secret")).await.expect(200).json();
    assert!(rotated["secret"].is_string() && rotated["secret"] != endpoint["secret"], "{rotated}");
    assert!(rotated["former_secret_until"].is_string() && rotated["version"] == 3, "{rotated}");
    owner.delete(&at).if_match("\"1\"").await.problem(412, "version_stale");
    for _ in 0..2 {
        owner.delete(&at).if_match("\"3\"").idempotency_key("gone").await.expect(204);
    }
    owner.delete(&at).if_match("\"3\"").idempotency_key("other").await.problem(404, "not_found");
    owner.get(&at).await.problem(404, "not_found");
}

#[tokio::test]
async fn where_an_endpoint_leads_is_checked_when_it_is_written() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({})).await;
    let at = format!("{ENDPOINTS}/{}", id(&endpoint));
    let refused = [
        ("https://127.1/", "webhook_target_refused"),
        ("https://0x7f000001/", "webhook_target_refused"),
        ("https://2130706433/", "webhook_target_refused"),
        ("https://[::1]/", "webhook_target_refused"),
        ("https://[::ffff:127.0.0.1]/", "webhook_target_refused"),
        ("https://localhost./", "webhook_target_refused"),
        ("https://169.254.169.254/latest/meta-data", "webhook_target_refused"),
        ("https://10.0.0.1/", "webhook_target_refused"),
        ("http://8.8.8.8/", "webhook_url_not_https"),
        ("http://127.0.0.1/", "webhook_url_not_https"),
        ("https://user:pass@8.8.8.8/", "webhook_url_with_user"),
        ("https://8.8.8.8/#x", "webhook_url_invalid"),
        ("nonsense", "webhook_url_invalid"),
    ];
    for (url, code) in refused {
        let input = json!({"enterprise_id": owner.enterprise_id(), "url": url});
        let made = owner.post(ENDPOINTS).json(input.clone()).await.problem(422, "invalid");
        let changed = owner.patch(&at).if_match("*").merge_patch(json!({ "url": url })).await.problem(422, "invalid");
        for problem in [&made, &changed] {
            assert_eq!(faults(problem), [("/url".to_owned(), code.to_owned())], "{url}");
        }
        let english = owner.post(ENDPOINTS).language("en").json(input).await.problem(422, "invalid");
        let (zh, en) = (&made["errors"][0]["detail"], &english["errors"][0]["detail"]);
        assert!(zh != en && zh.as_str().is_some_and(|text| !text.is_ascii()), "{zh} {en}");
        assert!(en.as_str().is_some_and(|text| text.is_ascii() && !text.is_empty()), "{en}");
    }
    // Its receiver may be on its way: every attempt asks again.
    owner.endpoint(json!({"url": "https://not-yet.example/hook"})).await;
}

#[tokio::test]
async fn a_sandbox_takes_its_own_machine() {
    let receiver = Receiver::start(Answer::Status(204)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    owner.endpoint(json!({"url": receiver.url()})).await;
    for url in ["http://10.0.0.1/", "http://8.8.8.8/", "https://10.0.0.1/"] {
        let input = json!({"enterprise_id": owner.enterprise_id(), "url": url});
        let problem = owner.post(ENDPOINTS).json(input).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [("/url".to_owned(), "webhook_target_refused".to_owned())], "{url}");
    }
}

#[tokio::test]
async fn what_is_asked_of_an_endpoint() {
    let app = TestApp::start().await;
    let (owner, other) = (app.member("owner").await, app.member("other").await);
    let input = json!({"enterprise_id": owner.enterprise_id(), "url": "https://8.8.8.8/hook"});
    for (change, place) in [
        (json!({"event_types": ["listing.published", "listing.published"]}), "/event_types/1"),
        (json!({"event_types": ["member.joined"]}), "/event_types/0"),
        (json!({"description": "   "}), "/description"),
    ] {
        let problem = owner.post(ENDPOINTS).json(with(&input, change)).await.problem(422, "invalid");
        assert_eq!(faults(&problem)[0].0, place, "{problem}");
    }
    owner
        .post(ENDPOINTS)
        .json(with(&input, json!({"enterprise_id": other.enterprise_id()})))
        .await
        .problem(403, "not_trader");
    let endpoint = owner.endpoint(json!({"event_types": ["match.suggested", "listing.published"]})).await;
    assert_eq!(endpoint["event_types"], json!(["listing.published", "match.suggested"]));
    let at = format!("{ENDPOINTS}/{}", id(&endpoint));
    owner.patch(&at).merge_patch(json!({"enabled": false})).await.problem(428, "if_match_required");
    let moved = json!({"enterprise_id": other.enterprise_id()});
    let problem = owner.patch(&at).if_match("*").merge_patch(moved).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/enterprise_id".to_owned(), "immutable".to_owned())]);
    let all = owner
        .patch(&at)
        .if_match("*")
        .merge_patch(json!({"event_types": null, "enabled": false}))
        .await
        .expect(200)
        .json();
    assert_eq!((&all["event_types"], &all["enabled"]), (&json!([]), &json!(false)));
    owner.post(&format!("{at}/test")).await.problem(409, "webhook_endpoint_disabled");
    for _ in 1..10 {
        owner.endpoint(json!({})).await;
    }
    owner.post(ENDPOINTS).json(input).await.problem(409, "too_many_webhook_endpoints");
    let first = owner.get(&format!("{ENDPOINTS}?limit=6")).await.expect(200).json();
    let second = format!("{ENDPOINTS}?limit=6&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(owner.get(&second).await.expect(200).json()["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn another_tenants_endpoint_is_not_there() {
    let app = TestApp::start().await;
    let (owner, other) = (app.member("owner").await, app.member("other").await);
    let endpoint = owner.endpoint(json!({})).await;
    let delivery = owner.test_endpoint(&endpoint).await;
    let at = format!("{ENDPOINTS}/{}", id(&endpoint));
    let one = format!("{at}/deliveries/{}", id(&delivery));
    for (method, path) in [
        ("GET", at.clone()),
        ("DELETE", at.clone()),
        ("POST", format!("{at}/rotate-secret")),
        ("POST", format!("{at}/test")),
        ("GET", format!("{at}/deliveries")),
        ("GET", one.clone()),
        ("POST", format!("{one}/replay")),
    ] {
        other.request(method, &path).if_match("*").await.problem(404, "not_found");
    }
    other.patch(&at).if_match("*").merge_patch(json!({"url": "https://1.1.1.1/"})).await.problem(404, "not_found");
    let own = other.endpoint(json!({})).await;
    other.get(&format!("{ENDPOINTS}/{}/deliveries/{}", id(&own), id(&delivery))).await.problem(404, "not_found");
    let seen = other.get(ENDPOINTS).await.expect(200).json();
    assert_eq!((seen["items"].as_array().unwrap().len(), &seen["items"][0]["id"]), (1, &own["id"]));
}

/// What can be chosen is what there is.
#[test]
fn published_kinds_are_kinds_of_events() {
    for kind in WebhookEventType::VARIANTS {
        let name = <&str>::from(*kind);
        assert!(KINDS.iter().any(|(known, _)| *known == name), "{name}");
    }
}
