//! Header fields of every answer: security, caching, CORS, compression, request ids.

use crate::support::{Raw, TestApp, document};

#[tokio::test]
async fn every_answer_carries_the_security_fields() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    for (method, path) in [
        ("GET", "/v1/accounts/me"),
        ("GET", &member.enterprise_path()),
        ("GET", "/v1/nowhere"),
        ("PUT", "/v1/accounts"),
        ("OPTIONS", "/v1/accounts"),
        ("POST", "/v1/accounts"),
        ("GET", "/openapi.json"),
        ("GET", "/livez"),
    ] {
        let answer = member.request(method, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.find_header("server"), None, "{path}");
        let caching = answer.header("cache-control");
        assert_eq!(caching.contains("no-store"), path != "/openapi.json", "{path}: {caching}");
    }
}

#[tokio::test]
async fn a_request_has_an_id() {
    let app = TestApp::start().await;
    let ask = |id: &str| app.anonymous().get("/livez").header("x-request-id", id);
    assert_eq!(ask("abc-1.2_3").await.header("x-request-id"), "abc-1.2_3");
    for strange in ["", "a b", "a\"b", "<script>", "日", &"a".repeat(65)] {
        let answer = ask(strange).await.expect(200);
        let given = answer.header("x-request-id");
        assert!(given != strange && given.parse::<uuid::Uuid>().is_ok(), "{strange}: {given}");
    }
    let (one, two) = (app.anonymous().get("/livez").await, app.anonymous().get("/livez").await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

/// Of answers, but those a browser shows by itself.
fn documented_headers() -> Vec<String> {
    let shown = ["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified"];
    let mut names = Vec::new();
    let paths = document()["paths"].as_object().unwrap().values();
    for operation in paths.flat_map(|path| path.as_object().unwrap().values()) {
        for response in operation["responses"].as_object().unwrap().values() {
            let headers = response["headers"].as_object().into_iter().flatten();
            names.extend(headers.map(|(name, _)| name.to_lowercase()).filter(|name| !shown.contains(&name.as_str())));
        }
    }
    assert!(names.iter().any(|name| name == "etag"), "{names:?}");
    names
}

#[tokio::test]
async fn browsers_of_listed_origins_may_call() {
    let app = TestApp::builder().set("DUIJIE_CORS_ORIGINS", "https://app.example, http://localhost:3000").start().await;
    let client = app.anonymous();
    for origin in ["https://app.example", "http://localhost:3000"] {
        let answer = client.get("/openapi.json").header("origin", origin).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert!(answer.header("vary").to_lowercase().contains("origin"));
        let exposed = answer.header("access-control-expose-headers").to_lowercase();
        let exposed: Vec<&str> = exposed.split(',').map(str::trim).collect();
        let answers = ["etag", "location", "link", "retry-after", "www-authenticate", "allow", "content-disposition"];
        let conventions =
            ["x-request-id", "x-duijie-environment", "idempotency-replayed", "ratelimit", "ratelimit-policy"];
        for name in answers.into_iter().chain(conventions).chain(["deprecation", "sunset"]) {
            assert!(exposed.contains(&name), "{name} in {exposed:?}");
        }
        for name in documented_headers() {
            assert!(exposed.contains(&name.as_str()), "{name}, which the document promises, in {exposed:?}");
        }
        let preflight = client.request("OPTIONS", "/v1/enterprises/0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69");
        let preflight = preflight
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "authorization, if-match, idempotency-key, content-type");
        let preflight = preflight.await;
        assert!([200, 204].contains(&preflight.status), "{}", preflight.status);
        assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
        let allowed = preflight.header("access-control-allow-headers").to_lowercase();
        assert!(allowed.contains("if-match") && allowed.contains("authorization"), "{allowed}");
        // A browser shows a refusal to its page only with these.
        let problem = client.get("/v1/accounts/me").header("origin", origin).await.expect(401);
        assert_eq!(problem.header("access-control-allow-origin"), origin);
    }
    for origin in ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"] {
        let answer = client.get("/openapi.json").header("origin", origin).await;
        assert_eq!(answer.find_header("access-control-allow-origin"), None, "{origin}");
        let preflight = client.request("OPTIONS", "/v1/accounts").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST").await;
        assert_eq!(preflight.find_header("access-control-allow-origin"), None, "{origin}");
    }
}

#[tokio::test]
async fn without_a_list_no_origin_may_call() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/openapi.json").header("origin", "https://app.example").await;
    assert_eq!(answer.find_header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn what_has_no_strong_tag_is_compressed() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let plain = member.get("/openapi.json").await.expect(200);
    assert_eq!(plain.find_header("content-encoding"), None);
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let packed = member.get("/openapi.json").header("accept-encoding", encoding).await.expect(200);
        assert_eq!(packed.header("content-encoding"), encoding);
        assert!(packed.body.len() * 3 < plain.body.len(), "{encoding}: {} of {}", packed.body.len(), plain.body.len());
        assert!(packed.header("vary").to_lowercase().contains("accept-encoding"));
        assert!(packed.etag().starts_with("W/"), "{}", packed.etag());
        // A strong tag names the very bytes, so those are sent.
        let tagged = member.get(&member.enterprise_path()).header("accept-encoding", encoding).await.expect(200);
        assert_eq!(tagged.find_header("content-encoding"), None);
        assert_eq!(tagged.json(), member.enterprise);
    }
    let refused = member.get("/openapi.json").header("accept-encoding", "identity;q=0, *;q=0").await;
    refused.problem(406, "encoding_not_acceptable");
}

#[tokio::test]
async fn the_public_document_may_be_kept_a_while() {
    let app = TestApp::start().await;
    let served = app.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(&served.json(), crate::support::document());
    assert_eq!(served.header("cache-control"), "public, max-age=300");
    app.anonymous().get("/openapi.json").header("if-none-match", served.etag()).await.expect(304);
}

#[tokio::test]
async fn the_browsable_page_works_offline() {
    let app = TestApp::start().await;
    let moved = app.anonymous().get("/docs").await.expect(308);
    assert_eq!(moved.header("location"), "/docs/");
    let page = app.anonymous().get("/docs/").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text().contains("https://") && !page.text().contains("//cdn"), "{}", page.text());
    let mut linked = 0;
    for part in page.text().split(['"', '\'']).filter(|part| part.starts_with("./") || part.ends_with(".js")) {
        app.anonymous().get(&format!("/docs/{}", part.trim_start_matches("./"))).await.expect(200);
        linked += 1;
    }
    assert!(linked >= 3, "{linked}");
    let initializer = app.anonymous().get("/docs/swagger-initializer.js").await.expect(200).text();
    assert!(initializer.contains("/openapi.json"), "{initializer}");
}

#[tokio::test]
async fn what_is_not_http_is_refused_without_harm() {
    let app = TestApp::start().await;
    for garbage in [
        &b"GARBAGE\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHo st: x\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01",
    ] {
        let mut raw = Raw::connect(&app).await;
        raw.send(garbage).await;
        raw.finish().await;
        let status = raw.status_or_close().await;
        assert!(matches!(status, None | Some(400..=499)), "{garbage:?}: {status:?}");
    }
    let mut raw = Raw::connect(&app).await;
    raw.send(format!("GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(200_000)).as_bytes()).await;
    let status = raw.status_or_close().await;
    assert!(matches!(status, None | Some(400..=499)), "{status:?}");
    app.anonymous().get("/livez").await.expect(200);
}
