//! Problem documents: every fault at once, where it is, in the reader's language.

use serde_json::{Value, json};

use crate::support::{TestApp, faults};

#[tokio::test]
async fn a_problem_tells_what_where_and_in_which_request() {
    let app = TestApp::start().await;
    let refused = app.anonymous().get("/v1/accounts/me").header("x-request-id", "my-own.id_7").await;
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("cache-control"), "no-store");
    let problem = refused.problem(401, "token_required");
    assert_eq!(problem["type"], "urn:duijie:problem:token_required");
    assert_eq!(problem["status"], 401);
    assert_eq!(problem["instance"], "/v1/accounts/me");
    assert_eq!(problem["request_id"], "my-own.id_7");
}

#[tokio::test]
async fn all_faults_of_a_body_come_at_once_in_both_languages() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let input = json!({"legal_name": "", "employees": -1, "scale": "huge", "contacts": [{"name": "a"}, {"mobile": 1}], "xyz": 1});
    let send = |language: Option<&str>| {
        let request = member.post("/v1/enterprises").json(input.clone());
        match language {
            Some(tag) => request.language(tag),
            None => request,
        }
    };
    let (default, zh, en) = (send(None).await, send(Some("zh-CN")).await, send(Some("en-GB, zh;q=0.5")).await);
    assert_eq!((default.header("content-language"), en.header("content-language")), ("zh-CN", "en"));
    let (default, zh, en) = (default.problem(422, "invalid"), zh.problem(422, "invalid"), en.problem(422, "invalid"));
    let expected = [
        ("/contacts/1/mobile", "wrong_type"),
        ("/contacts/1/name", "required"),
        ("/employees", "too_small"),
        ("/legal_name", "too_short"),
        ("/scale", "not_one_of"),
        ("/xyz", "unknown_field"),
    ]
    .map(|(place, code)| (place.to_owned(), code.to_owned()));
    for problem in [&default, &zh, &en] {
        assert_eq!(faults(problem), expected);
    }
    assert_eq!(default["errors"], zh["errors"]);
    let detail = |problem: &Value, code: &str| {
        let all = problem["errors"].as_array().unwrap().clone();
        all.iter().find(|fault| fault["code"] == code).unwrap()["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!((detail(&zh, "required"), detail(&en, "required")), ("必填。".to_owned(), "Required.".to_owned()));
    assert_eq!(detail(&en, "not_one_of"), "Must be one of: large, medium, small, micro.");
    assert_eq!((&zh["title"], &en["title"]), (&json!("内容有误"), &json!("Unprocessable content")));
}

#[tokio::test]
async fn parameters_are_checked_like_bodies() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("limit=0", &[("limit", "too_small")]),
        ("limit=101", &[("limit", "too_large")]),
        ("limit=-1", &[("limit", "too_small")]),
        ("limit=1.5", &[("limit", "wrong_type")]),
        ("limit=abc", &[("limit", "wrong_type")]),
        ("limit=", &[("limit", "wrong_type")]),
        ("limit=9223372036854775807", &[("limit", "too_large")]),
        ("limit=9223372036854775808", &[("limit", "wrong_type")]),
        ("limit=1e400", &[("limit", "wrong_type")]),
        ("limit=%00", &[("limit", "nul_character")]),
        ("limit=1&limit=2", &[("limit", "repeated")]),
        ("limits=1", &[("limits", "unknown_parameter")]),
        ("Limit=1", &[("Limit", "unknown_parameter")]),
        ("id=1", &[("id", "unknown_parameter")]),
        ("cursor=", &[("cursor", "pattern")]),
        ("cursor=%20", &[("cursor", "pattern")]),
        ("cursor=%ff", &[("", "query_unreadable")]),
        ("%ff=1", &[("", "query_unreadable")]),
        ("limit=0&sort=name&cursor=!", &[("cursor", "pattern"), ("limit", "too_small"), ("sort", "unknown_parameter")]),
    ];
    for (query, expected) in cases {
        let problem = member.get(&format!("/v1/enterprises?{query}")).await.problem(400, "parameters_invalid");
        let expected: Vec<_> = expected.iter().map(|(name, code)| (name.to_string(), code.to_string())).collect();
        assert_eq!(faults(&problem), expected, "{query}");
    }
    let long = format!("/v1/enterprises?cursor={}", "a".repeat(513));
    assert_eq!(faults(&member.get(&long).await.expect(400).json()), [("cursor".to_owned(), "too_long".to_owned())]);
    for fine in ["", "limit=1", "limit=100", "limit=+5", "&limit=1&"] {
        member.get(&format!("/v1/enterprises?{fine}")).await.expect(if fine == "limit=+5" { 400 } else { 200 });
    }
}

#[tokio::test]
async fn operations_without_parameters_refuse_any() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    member.get("/v1/accounts/me?x=1").await.problem(400, "parameters_invalid");
    member.get(&format!("{}?fields=id", member.enterprise_path())).await.problem(400, "parameters_invalid");
    app.anonymous().get("/livez?x").await.problem(400, "parameters_invalid");
    let sign_up = app.anonymous().post("/v1/accounts?invite=1").json(json!({}));
    sign_up.await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn headers_with_strange_bytes_are_refused() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let patch = || member.patch(&member.enterprise_path()).merge_patch(json!({}));
    for bad in [&b"abc"[..], b"\"\"", b"\"x-1\"", b"\xff", b"\"99999999999\"", b""] {
        let refused = patch().if_match(bad).await;
        let problem = refused.problem(400, "header_invalid");
        assert!(
            problem["detail"].as_str().is_some_and(|told| told.contains("If-Match") && told.contains("ETag")),
            "{bad:?}"
        );
    }
    let long = vec![b'k'; 256];
    for bad in [&b""[..], b"two words", b"\xe4\xb8\xad", &long] {
        let request = patch().if_match("*").header("idempotency-key", bad);
        let problem = request.await.problem(400, "header_invalid");
        assert!(problem["detail"].as_str().is_some_and(|told| told.contains("255")), "{bad:?}: {problem}");
    }
    patch().if_match("*").header("idempotency-key", vec![b'k'; 255]).await.expect(200);
    for ignored in [&b"\xff"[..], b"", b";;;,q=", b"zh;q=abc"] {
        member.get("/v1/accounts/me").header("accept-language", ignored).await.expect(200);
    }
}
