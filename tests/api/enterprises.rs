//! `/v1/enterprises`

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, faults, id, uscc};

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(place, code)| (place.to_string(), code.to_string())).collect()
}

#[tokio::test]
async fn claiming_one() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let code = uscc::next();
    let typed: String = code.to_lowercase().chars().map(|c| if c == '9' { '９' } else { c }).collect();
    let input = json!({"uscc": format!(" {typed} "), "legal_name": "洛阳示范轴承有限公司"});
    let created = member.post("/v1/enterprises").json(input).await.expect(201);
    let enterprise = created.json();
    assert_eq!(created.header("location"), format!("/v1/enterprises/{}", id(&enterprise)));
    assert_eq!(enterprise["uscc"], code);
    assert_eq!(enterprise["country"], "CN");
    assert_eq!(enterprise["organization_type"], "enterprise");
    assert_eq!((&enterprise["status"], &enterprise["verified"]), (&json!("pending"), &json!(false)));
    assert_eq!((&enterprise["role"], &enterprise["version"]), (&json!("owner"), &json!(1)));

    let read = member.get(created.header("location")).await.expect(200);
    assert_eq!(read.json(), enterprise);
    assert_eq!(read.etag(), created.etag());
    app.sequence().await;
    let event = "SELECT count(*) FROM events WHERE type = 'enterprise.created' AND entity_id = ";
    assert_eq!(app.database.count(&format!("{event} '{}'", id(&enterprise))).await, 1);
}

#[tokio::test]
async fn a_body_abroad_needs_no_code() {
    let app = TestApp::start().await;
    let member = app.account("schmidt").await;
    let input = json!({"country": "DE", "legal_name": "Muster Lager GmbH", "name_en": null,
        "identifiers": [{"scheme": "DE-HRB", "id": "HRB 12345"}], "employees": 12.0});
    let enterprise = member.post("/v1/enterprises").json(input).await.expect(201).json();
    assert_eq!(enterprise["identifiers"][0]["id"], "HRB 12345");
    assert_eq!(enterprise["employees"], 12);
    assert!(enterprise.get("uscc").is_none() && enterprise.get("name_en").is_none(), "{enterprise}");
}

#[tokio::test]
async fn every_rule_of_an_enterprise() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let good = json!({"uscc": "91440300708461136T", "legal_name": "示范"});
    let with = |field: &str, value: Value| {
        let mut input = good.clone();
        input[field] = value;
        input
    };
    let point = |longitude: f64, latitude: f64| json!({"type": "Point", "coordinates": [longitude, latitude]});
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (json!({}), &[("/legal_name", "required")]),
        (json!({"legal_name": "示范"}), &[("/uscc", "uscc_required")]),
        (json!({"legal_name": " "}), &[("/legal_name", "blank"), ("/uscc", "uscc_required")]),
        (with("uscc", json!("91350100M000100Y4Z")), &[("/uscc", "uscc_format")]),
        (with("uscc", json!("914403007084611361")), &[("/uscc", "uscc_check_character")]),
        (with("uscc", json!("91440300708461136")), &[("/uscc", "too_short")]),
        (with("uscc", json!(91440300708461136_i64)), &[("/uscc", "wrong_type")]),
        (with("region_code", json!("999999")), &[("/region_code", "region_unknown")]),
        (with("region_code", json!("洛阳")), &[("/region_code", "pattern")]),
        (with("country", json!("China")), &[("/country", "pattern"), ("/country", "too_long")]),
        (with("organization_type", json!("firm")), &[("/organization_type", "not_one_of")]),
        (with("organization_type", json!(1)), &[("/organization_type", "wrong_type")]),
        (with("scale", json!("LARGE")), &[("/scale", "not_one_of")]),
        (with("employees", json!(-1)), &[("/employees", "too_small")]),
        (with("employees", json!(10_000_001)), &[("/employees", "too_large")]),
        (with("employees", json!(1.5)), &[("/employees", "wrong_type")]),
        (with("employees", json!("12")), &[("/employees", "wrong_type")]),
        (with("employees", json!(9_223_372_036_854_775_808_u64)), &[("/employees", "too_large")]),
        (with("above_scale", json!("yes")), &[("/above_scale", "wrong_type")]),
        (with("industry_code", json!("x")), &[("/industry_code", "pattern")]),
        (with("industry_code", json!("00")), &[("/industry_code", "industry_unknown")]),
        (with("industry_code", json!("9812")), &[("/industry_code", "industry_unknown")]),
        (with("datum", json!("gcj02")), &[("/datum", "datum_without_location")]),
        (with("location", json!({"type": "Line", "coordinates": [1, 2]})), &[("/location/type", "not_one_of")]),
        (with("location", json!({"type": "Point", "coordinates": [1]})), &[("/location/coordinates", "too_few")]),
        (
            with("location", json!({"type": "Point", "coordinates": [1, 2, 3]})),
            &[("/location/coordinates", "too_many")],
        ),
        (with("location", point(181.0, 30.0)), &[("/location/coordinates/0", "too_large")]),
        (with("location", point(30.0, 91.0)), &[("/location/coordinates/1", "too_large")]),
        (with("contacts", json!([{"name": "王芳", "mobile": "12345"}])), &[("/contacts/0/mobile", "mobile_invalid")]),
        (with("contacts", json!([{"mobile": "13800138000"}])), &[("/contacts/0/name", "required")]),
        (with("contacts", json!([{"name": "王芳", "qq": "1"}])), &[("/contacts/0/qq", "unknown_field")]),
        (with("contacts", json!(vec![json!({"name": "a"}); 21])), &[("/contacts", "too_many")]),
        (with("identifiers", json!([{"scheme": "DE-HRB"}])), &[("/identifiers/0/id", "required")]),
        (with("time_zone", json!("Asia Shanghai")), &[("/time_zone", "pattern")]),
        (with("a/b~c", json!(1)), &[("/a~1b~0c", "unknown_field")]),
        // What only the system says is not for writing.
        (
            json!({"uscc": "91440300708461136T", "legal_name": "a", "id": Uuid::now_v7(), "status": "verified",
                "verified": true, "role": "owner", "version": 9, "created_at": "2026-11-23T08:00:00Z"}),
            &[
                ("/created_at", "unknown_field"),
                ("/id", "unknown_field"),
                ("/role", "unknown_field"),
                ("/status", "unknown_field"),
                ("/verified", "unknown_field"),
                ("/version", "unknown_field"),
            ],
        ),
    ];
    for (input, expected) in cases {
        let problem = member.post("/v1/enterprises").json(input.clone()).await.problem(422, "invalid");
        assert_eq!(faults(&problem), pairs(expected), "{input}");
    }
    assert_eq!(app.database.count("SELECT count(*) FROM enterprises").await, 0);
}

#[tokio::test]
async fn claims_to_one_code_stand_side_by_side_until_one_is_verified() {
    let app = TestApp::start().await;
    let (wang, li) = (app.account("wang").await, app.account("li").await);
    let code = uscc::next();
    let (first, second) = (wang.claim(&code).await, li.claim(&code).await);
    assert_ne!(first["id"], second["id"]);
    wang.get(&format!("/v1/enterprises/{}", id(&second))).await.expect(200);

    let verify =
        |enterprise: &Value| format!("UPDATE enterprises SET status = 'verified' WHERE id = '{}'", id(enterprise));
    app.database.execute(&verify(&first)).await;
    let refused = app.database.connect().await.batch_execute(&verify(&second)).await.unwrap_err();
    assert_eq!(refused.as_db_error().and_then(|error| error.constraint()), Some("enterprises_verified_uscc_key"));
    let read = wang.get(&format!("/v1/enterprises/{}", id(&first))).await.expect(200).json();
    assert_eq!((&read["status"], &read["verified"]), (&json!("verified"), &json!(true)));
}

#[tokio::test]
async fn a_patch_replaces_and_null_removes() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let path = member.enterprise_path();
    let patch = json!({"employees": 320, "name_en": "Example Bearings", "contacts": [{"name": "王芳", "mobile": "13800138000"}]});
    let changed = member.patch(&path).if_match("\"1\"").merge_patch(patch).await.expect(200);
    let enterprise = changed.json();
    assert_eq!((&enterprise["employees"], &enterprise["version"]), (&json!(320), &json!(2)));
    assert_eq!(enterprise["contacts"][0]["mobile"], "+8613800138000");
    assert_eq!(enterprise["legal_name"], member.enterprise["legal_name"]);
    assert!(enterprise["updated_at"].as_str() > member.enterprise["updated_at"].as_str());

    let removed = member.patch(&path).if_match(changed.etag()).merge_patch(json!({"name_en": null, "contacts": null}));
    let removed = removed.await.expect(200).json();
    assert!(removed.get("name_en").is_none() && removed.get("contacts").is_none(), "{removed}");
    assert_eq!((&removed["employees"], &removed["version"]), (&json!(320), &json!(3)));
    assert_eq!(member.get(&path).await.expect(200).json(), removed);

    app.sequence().await;
    let fields =
        "SELECT string_agg(changed ->> 'fields', '; ' ORDER BY seq) FROM events WHERE type = 'enterprise.updated'";
    assert_eq!(
        app.database.value(fields).await,
        r#"["contacts", "employees", "name_en"]; ["contacts", "name_en"]"#,
        "events name what changed"
    );
}

#[tokio::test]
async fn a_patch_that_changes_nothing_makes_no_version() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let patch = json!({"legal_name": member.enterprise["legal_name"], "name_en": null});
    let unchanged = member.patch(&member.enterprise_path()).if_match("*").merge_patch(patch).await.expect(200);
    assert_eq!(unchanged.json(), member.enterprise);
    app.sequence().await;
    assert_eq!(app.database.count("SELECT count(*) FROM events WHERE type = 'enterprise.updated'").await, 0);
}

#[tokio::test]
async fn the_patched_enterprise_must_be_valid() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    for (patch, expected) in [
        (json!({"legal_name": null}), [("/legal_name", "required")]),
        (json!({"uscc": null}), [("/uscc", "uscc_required")]),
        (json!({"uscc": "91350100M000100Y4Z"}), [("/uscc", "uscc_format")]),
        (json!({"employees": -1}), [("/employees", "too_small")]),
        (json!({"version": 7}), [("/version", "unknown_field")]),
        (json!({"nonsense": null}), [("/nonsense", "unknown_field")]),
        (json!({"location": {"coordinates": [1, 2]}}), [("/location/type", "required")]),
        (json!({"datum": "bd09"}), [("/datum", "datum_without_location")]),
        (json!([]), [("", "not_an_object")]),
        (json!(null), [("", "not_an_object")]),
    ] {
        let sent = member.patch(&member.enterprise_path()).if_match("*").merge_patch(patch.clone());
        let problem = sent.await.problem(422, "invalid");
        assert_eq!(faults(&problem), pairs(&expected), "{patch}");
    }
    assert_eq!(member.get(&member.enterprise_path()).await.expect(200).json(), member.enterprise);
}

#[tokio::test]
async fn coordinates_of_chinese_maps_are_converted() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let location = json!({"type": "Point", "coordinates": [116.404, 39.915]});
    let mut seen = Vec::new();
    for datum in ["wgs84", "gcj02", "bd09"] {
        let patch = json!({"location": location, "datum": datum});
        let enterprise =
            member.patch(&member.enterprise_path()).if_match("*").merge_patch(patch).await.expect(200).json();
        assert!(enterprise.get("datum").is_none(), "{enterprise}");
        seen.push((
            enterprise["location"]["coordinates"][0].as_f64().unwrap(),
            enterprise["location"]["coordinates"][1].as_f64().unwrap(),
        ));
    }
    assert_eq!(seen[0], (116.404, 39.915));
    // Values published with coordtransform for this point; its own inverse is good to about a metre.
    let near = |(longitude, latitude): (f64, f64), expected: (f64, f64)| {
        (longitude - expected.0).abs() < 1e-5 && (latitude - expected.1).abs() < 1e-5
    };
    assert!(near(seen[1], (116.397_755_5, 39.913_595_7)), "{seen:?}");
    // bd09 to gcj02 gives 116.3976273, 39.9086567; the rest of the way is as long as above.
    assert!(near(seen[2], (116.397_627_3 - 0.006_243, 39.908_656_7 - 0.001_402)), "{seen:?}");
}

#[tokio::test]
async fn contacts_are_for_members_and_changes_for_owners() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    let path = owner.enterprise_path();
    let contacts = json!({"contacts": [{"name": "王芳", "mobile": "13800138000"}]});
    owner.patch(&path).if_match("*").merge_patch(contacts).await.expect(200);

    let stranger = app.account("li").await;
    let seen = stranger.get(&path).await.expect(200);
    assert!(seen.json().get("contacts").is_none() && seen.json().get("role").is_none(), "{}", seen.text());
    assert!(!seen.text().contains("13800138000"));
    let own = owner.get(&path).await.expect(200);
    assert_ne!(seen.etag(), own.etag(), "the tag covers what this reader sees");
    assert_eq!(seen.etag().split('-').next(), own.etag().split('-').next(), "the version is everybody's");
    let change = || stranger.patch(&path).if_match("*").merge_patch(json!({"employees": 1}));
    change().await.problem(403, "not_owner");

    let join = |role: &str| {
        format!(
            "INSERT INTO memberships VALUES ('{}', '{}', '{role}', now()) ON CONFLICT (account_id, enterprise_id) \
             DO UPDATE SET role = excluded.role",
            stranger.account_id,
            owner.enterprise_id()
        )
    };
    for role in ["viewer", "signatory", "trader"] {
        app.database.execute(&join(role)).await;
        let seen = stranger.get(&path).await.expect(200).json();
        assert_eq!((&seen["role"], &seen["contacts"][0]["name"]), (&json!(role), &json!("王芳")));
        change().await.problem(403, "not_owner");
    }
    app.database.execute(&join("owner")).await;
    change().await.expect(200);
}

#[tokio::test]
async fn who_is_asked_before_what() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("wang").await, app.account("li").await);
    let path = owner.enterprise_path();
    let invalid = json!({"employees": -1});
    app.anonymous().get(&path).await.problem(401, "token_required");
    app.anonymous().patch(&path).merge_patch(invalid.clone()).await.problem(401, "token_required");
    // Neither the missing If-Match nor the faults of the body are a stranger's business.
    stranger.patch(&path).merge_patch(invalid.clone()).await.problem(403, "not_owner");
    owner.patch(&path).merge_patch(invalid.clone()).await.problem(428, "if_match_required");
    owner.patch(&path).if_match("\"9\"").merge_patch(invalid.clone()).await.problem(412, "version_stale");
    owner.patch(&path).if_match("\"1\"").merge_patch(invalid).await.problem(422, "invalid");
    app.anonymous().post("/v1/enterprises").json(json!({})).await.problem(401, "token_required");
}

#[tokio::test]
async fn an_unknown_one_is_not_found() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let path = format!("/v1/enterprises/{}", Uuid::now_v7());
    member.get(&path).await.problem(404, "not_found");
    member.patch(&path).if_match("*").merge_patch(json!({})).await.problem(404, "not_found");
    for malformed in ["x", "1", "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6", "%00", "0192f0c1%2D7a3b"] {
        let problem = member.get(&format!("/v1/enterprises/{malformed}")).await.problem(400, "parameters_invalid");
        assert_eq!(problem["errors"][0]["parameter"], "id", "{malformed}");
    }
    // No text at all: there can be no such path.
    member.get("/v1/enterprises/%ff").await.problem(404, "path_unknown");
    let escaped = member.claim(&uscc::next()).await["id"].as_str().unwrap().replace('-', "%2D");
    member.get(&format!("/v1/enterprises/{escaped}")).await.expect(200);
}

#[tokio::test]
async fn what_was_verified_is_not_changed_by_members() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    app.database.execute("UPDATE enterprises SET status = 'verified'").await;
    let path = member.enterprise_path();
    let both = json!({"uscc": uscc::next(), "legal_name": "另一家"});
    let problem = member.patch(&path).if_match("*").merge_patch(both).await.problem(422, "invalid");
    assert_eq!(faults(&problem), pairs(&[("/legal_name", "verified_immutable"), ("/uscc", "verified_immutable")]));
    let rest = json!({"employees": 5, "uscc": member.enterprise["uscc"]});
    member.patch(&path).if_match("*").merge_patch(rest).await.expect(200);
}

#[tokio::test]
async fn listing_ones_own() {
    let app = TestApp::start().await;
    let (wang, li) = (app.account("wang").await, app.member("li").await);
    assert_eq!(wang.get("/v1/enterprises").await.expect(200).json(), json!({"items": []}));
    let mut claimed = Vec::new();
    for _ in 0..5 {
        claimed.push(wang.claim(&uscc::next()).await);
    }
    let (mut listed, mut next) = (Vec::new(), Some("/v1/enterprises?limit=2".to_owned()));
    let mut pages = 0;
    while let Some(path) = next {
        let page = wang.get(&path).await.expect(200);
        listed.extend(page.json()["items"].as_array().unwrap().clone());
        next = page.json()["next_cursor"].as_str().map(|cursor| format!("/v1/enterprises?limit=2&cursor={cursor}"));
        let link = next.as_ref().map(|path| format!("<{path}>; rel=\"next\""));
        assert_eq!(page.find_header("link"), link.as_deref());
        pages += 1;
    }
    assert_eq!(pages, 3);
    assert_eq!(listed, claimed);
    let others = li.get("/v1/enterprises").await.expect(200).json();
    assert_eq!(others["items"], json!([li.enterprise]));
    app.anonymous().get("/v1/enterprises").await.problem(401, "token_required");
}
