//! Bodies as clients should not send them: too large, too slow, of another kind, or not JSON.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{PASSWORD, Raw, TestApp};

const MEBIBYTE: usize = 1 << 20;

#[tokio::test]
async fn a_body_has_at_most_one_mebibyte() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let sized = |bytes: usize| {
        let frame = json!({"legal_name": ""}).to_string();
        json!({"legal_name": "a".repeat(bytes - frame.len())}).to_string()
    };
    let send =
        |body: reqwest::Body| member.post("/v1/enterprises").header("content-type", "application/json").body(body);
    send(sized(MEBIBYTE).into()).await.problem(422, "invalid");
    send(sized(MEBIBYTE + 1).into()).await.problem(413, "body_too_large");
    // Without a length told beforehand.
    let chunk = || Ok::<_, std::io::Error>(vec![b'['; 64 * 1024]);
    let chunks =
        |count: usize| reqwest::Body::wrap_stream(futures_util::stream::iter((0..count).map(move |_| chunk())));
    send(chunks(17)).await.problem(413, "body_too_large");
    send(chunks(16)).await.problem(400, "json_malformed");
}

#[tokio::test]
async fn ten_megabytes_are_refused_without_being_read() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let head = format!(
        "POST /v1/enterprises HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: 10000000\r\n\r\n",
        member.access_token()
    );
    let mut raw = Raw::connect(&app).await;
    raw.send(head.as_bytes()).await;
    raw.send(&vec![b' '; 2 * MEBIBYTE]).await;
    let answer = raw.answer().await;
    assert_eq!(answer.status, 413, "{}", answer.head);
    assert_eq!(answer.problem()["code"], "body_too_large");
}

#[tokio::test]
async fn only_json_in_utf8_is_understood() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let body = json!({"uscc": "91440300708461136T", "legal_name": "示范"}).to_string();
    let post = |media_type: &str| member.post("/v1/enterprises").header("content-type", media_type).body(body.clone());
    for fine in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"] {
        post(fine).await.expect(201);
    }
    for wrong in [
        "text/plain",
        "application/xml",
        "application/json; charset=gbk",
        "application/merge-patch+json",
        "json",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let refused = post(wrong).await;
        assert_eq!((refused.status, refused.find_header("accept")), (415, Some("application/json")), "{wrong}");
        refused.problem(415, "media_type_unsupported");
    }
    member.post("/v1/enterprises").body(body.clone()).await.problem(415, "media_type_unsupported");
    let compressed = member.post("/v1/enterprises").header("content-encoding", "gzip").json(json!({}));
    compressed.await.problem(415, "content_encoding_unsupported");

    let patch = |media_type: &str| {
        member.patch(&member.enterprise_path()).if_match("*").header("content-type", media_type).body("{}")
    };
    patch("application/merge-patch+json").await.expect(200);
    patch("application/json").await.expect(200);
    let refused = patch("application/json-patch+json").await;
    assert_eq!(refused.header("accept"), "application/merge-patch+json, application/json");
    refused.problem(415, "media_type_unsupported");
}

#[tokio::test]
async fn what_is_not_json_is_unreadable() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let deep = "[".repeat(100_000);
    let deep_object = r#"{"a":"#.repeat(100_000);
    let cases: Vec<&[u8]> = vec![
        b"",
        b" ",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b"{\"a\": 1,}",
        b"nul",
        b"NaN",
        b"Infinity",
        b"[1, 2",
        b"\xef\xbb\xbf{}",
        b"{\"legal_name\": 1e400}",
        b"{\"legal_name\": -1e400}",
        b"{\"a\": 1, \"a\": 2}",
        b"{\"contacts\": [{\"name\": \"a\", \"name\": \"b\"}]}",
        b"{\"legal_name\": \"\\u0000\"}",
        b"{\"\\u0000\": 1}",
        b"{\"legal_name\": \"\x00\"}",
        b"{\"legal_name\": \"\\ud800\"}",
        b"{\"legal_name\": \"\\udc00\\ud800\"}",
        b"{\"legal_name\": \"\xff\xfe\"}",
        b"{\"legal_name\": \"\xc0\x80\"}",
        b"{\"legal_name\": \"\xed\xa0\x80\"}",
        deep.as_bytes(),
        deep_object.as_bytes(),
    ];
    for body in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let create = member.post("/v1/enterprises").header("content-type", "application/json").body(body.to_vec());
        let problem = create.await;
        assert_eq!((problem.status, &problem.json()["code"]), (400, &json!("json_malformed")), "{shown}");
        let patch = member.patch(&member.enterprise_path()).if_match("*");
        let patch = patch.header("content-type", "application/merge-patch+json").body(body.to_vec());
        assert_eq!(patch.await.status, 400, "{shown}");
        let sign_up =
            app.anonymous().post("/v1/accounts").header("content-type", "application/json").body(body.to_vec());
        assert_eq!(sign_up.await.status, 400, "{shown}");
    }
}

#[tokio::test]
async fn a_flood_of_faults_is_answered_within_the_documented_bounds() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let many: serde_json::Map<_, _> = (0..60_000).map(|i| (format!("x{i}"), json!(1))).collect();
    let long = "x".repeat(500_000);
    let bodies = [json!(many).to_string(), json!({ &long: 1 }).to_string(), format!(r#"{{"{long}": 1, "{long}": 2}}"#)];
    for (body, status) in bodies.into_iter().zip([422, 422, 400]) {
        let refused = member.post("/v1/enterprises").header("content-type", "application/json").body(body).await;
        assert!(refused.body.len() < 256 * 1024, "{} bytes of problem", refused.body.len());
        refused.expect(status);
    }
    let long = "x".repeat(20_000);
    member.get(&format!("/v1/{long}")).await.problem(404, "path_unknown");
    member.get(&format!("/v1/enterprises?{long}=1")).await.problem(400, "parameters_invalid");
    member.get(&format!("/v1/enterprises?limit={long}")).await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn a_body_that_dawdles_is_told_so_after_ten_seconds() {
    let app = TestApp::start().await;
    let body = json!({"email": "a@example.cn", "password": PASSWORD, "display_name": "a"}).to_string();
    let head = format!(
        "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut raw = Raw::connect(&app).await;
    let started = Instant::now();
    raw.send(head.as_bytes()).await;
    raw.send(&body.as_bytes()[..10]).await;
    let answer = raw.answer().await;
    assert_eq!(answer.status, 408, "{}", answer.head);
    assert_eq!(answer.problem()["code"], "body_too_slow");
    let waited = started.elapsed();
    assert!((Duration::from_secs(9)..Duration::from_secs(13)).contains(&waited), "{waited:?}");
    assert_eq!(app.database.count("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn a_body_cut_short_has_no_effect() {
    let app = TestApp::start().await;
    let body = json!({"email": "a@example.cn", "password": PASSWORD, "display_name": "a"}).to_string();
    let head = format!(
        "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len() + 10
    );
    let mut raw = Raw::connect(&app).await;
    raw.send(head.as_bytes()).await;
    raw.send(body.as_bytes()).await;
    drop(raw);
    app.anonymous().get("/livez").await.expect(200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(app.database.count("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn unreadable_json_is_told_in_the_readers_language() {
    let app = TestApp::start().await;
    let told = async |body: &str, language: &str| {
        let send = app.anonymous().post("/v1/accounts").header("content-type", "application/json");
        let problem =
            send.header("accept-language", language).body(body.to_owned()).await.problem(400, "json_malformed");
        problem["detail"].as_str().unwrap_or_default().to_owned()
    };
    for (body, zh, en) in [
        (
            "{\"email\": \"li@example.cn\",\n}",
            "请求体不是可读的 JSON：第 2 行第 1 列之前多了一个逗号。",
            "The body is not readable JSON: there is a comma too many before line 2, column 1.",
        ),
        (
            "{\"email\": \"li@example.cn\"",
            "请求体的 JSON 没有写完：到第 1 行第 25 列还缺一个 }。",
            "The JSON of the body is cut short: at line 1, column 25, a } is missing.",
        ),
        (
            "{\"email\": 1, \"email\": 2}",
            "同一对象里有两个键 email（第 1 行第 24 列）。",
            "The key email stands twice in one object (line 1, column 24).",
        ),
    ] {
        assert_eq!(told(body, "zh").await, zh);
        assert_eq!(told(body, "en").await, en);
    }
}
