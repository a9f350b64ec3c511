//! Paths, methods, `Allow`, HEAD, OPTIONS, and PATCH for those who cannot send it.

use serde_json::json;

use crate::support::{TestApp, document};

/// Every path of the document with its methods and something in place of each parameter.
fn paths() -> Vec<(String, Vec<String>)> {
    let concrete = |template: &str| {
        let segments = template.split('/').map(|segment| match segment.starts_with('{') {
            true => "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69",
            false => segment,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let methods = |item: &serde_json::Value| {
        let operations = item.as_object().unwrap().iter().filter(|(_, operation)| operation["operationId"].is_string());
        operations.map(|(method, _)| method.to_uppercase()).collect()
    };
    let paths = document()["paths"].as_object().unwrap();
    paths.iter().map(|(template, item)| (concrete(template), methods(item))).collect()
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v2/accounts",
        "/v1/accounts/",
        "//v1/accounts",
        "/v1//accounts",
        "/v1/enterprises//",
        "/%2e%2e",
        "/v1/Accounts",
        "/favicon.ico",
    ] {
        for method in ["GET", "POST", "DELETE", "BREW"] {
            client.request(method, path).await.problem(404, "path_unknown");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let paths = paths();
    assert!(paths.len() > 5);
    for (path, methods) in paths {
        let mut allowed = [methods.clone(), vec!["OPTIONS".to_owned()]].concat();
        if methods.iter().any(|method| method == "GET") {
            allowed.push("HEAD".to_owned());
        }
        allowed.sort();
        let allowed = allowed.join(", ");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if !methods.iter().any(|known| known == method) {
                let refused = client.request(method, &path).await;
                assert_eq!(refused.find_header("allow"), Some(&*allowed), "{method} {path}");
                let problem = refused.problem(405, "method_not_allowed");
                assert!(problem["detail"].as_str().unwrap().contains(&allowed), "{problem}");
            }
        }
        let options = client.request("OPTIONS", &path).await.expect(204);
        assert_eq!((options.header("allow"), options.body.len()), (&*allowed, 0));
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    for path in [member.enterprise_path(), "/v1/accounts/me".into(), "/v1/enterprises".into(), "/openapi.json".into()] {
        let (get, head) = (member.get(&path).await.expect(200), member.request("HEAD", &path).await.expect(200));
        assert!(head.body.is_empty() && !get.body.is_empty());
        for name in ["etag", "content-type", "content-length", "vary", "cache-control"] {
            assert_eq!(head.find_header(name), get.find_header(name), "{name} of {path}");
        }
    }
    member.request("HEAD", "/v1/nowhere").await.expect(404);
    member.request("HEAD", "/v1/accounts").await.expect(405);
    app.anonymous().request("HEAD", "/v1/accounts/me").await.expect(401);
}

#[tokio::test]
async fn post_may_stand_for_patch_and_nothing_else() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let path = member.enterprise_path();
    let send = |method: &str, instead: &str, employees: i32| {
        let request = member.request(method, &path).header("x-http-method-override", instead);
        request.if_match("*").merge_patch(json!({"employees": employees}))
    };
    let changed = send("POST", "PATCH", 7).await.expect(200).json();
    assert_eq!(changed["employees"], 7);
    assert_eq!(send("POST", "patch", 8).await.expect(200).json()["employees"], 8);
    for (method, instead) in [
        ("POST", "DELETE"),
        ("POST", "GET"),
        ("POST", ""),
        ("GET", "PATCH"),
        ("PATCH", "PATCH"),
        ("POST", "PATCH, PATCH"),
    ] {
        let refused = send(method, instead, 9).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!("header_invalid")),
            "{method} for {instead}"
        );
    }
    assert_eq!(member.get(&path).await.expect(200).json()["employees"], 8);
}
