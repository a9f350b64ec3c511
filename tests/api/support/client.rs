//! A client that asks as a program would and checks every answer against the OpenAPI document.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::conformance;

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        // An error means that another client has done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .no_gzip()
            .no_brotli()
            // Nothing here speaks TLS, and reading the system's certificates takes longer than most requests.
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            // The server closes what was idle for five seconds, perhaps just as the next request is sent.
            .pool_idle_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { http, base: format!("http://{address}"), token: None }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    pub fn patch(&self, path: &str) -> Request {
        self.request("PATCH", path)
    }

    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    /// `path` may carry a query; it is sent as it stands.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut builder = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        Request { builder, method, path: path.to_owned(), overridden: false }
    }
}

/// A request under construction; `.await` sends it.
pub struct Request {
    builder: reqwest::RequestBuilder,
    method: Method,
    path: String,
    overridden: bool,
}

impl Request {
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.overridden |= name.eq_ignore_ascii_case("x-http-method-override");
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.builder = self.builder.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub fn merge_patch(self, body: Value) -> Self {
        self.header("content-type", "application/merge-patch+json").body(body.to_string())
    }

    /// The bytes as they are; set the media type with [`Self::header`].
    pub fn body(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.body(body);
        self
    }

    /// The version seen, as an `ETag` or as `"7"` or `*`.
    pub fn if_match(self, etag: impl AsRef<[u8]>) -> Self {
        self.header("if-match", etag)
    }

    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn language(self, tag: &str) -> Self {
        self.header("accept-language", tag)
    }
}

impl IntoFuture for Request {
    type Output = Response;
    type IntoFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = format!("{} {}", self.method, self.path);
            let sent = self.builder.send().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
            let (status, headers) = (sent.status().as_u16(), folded(sent.headers()));
            let body = sent.bytes().await.unwrap_or_else(|error| panic!("{what}: {error:?}")).to_vec();
            let response = Response { what, status, headers, body };
            let method = if self.overridden { "PATCH" } else { self.method.as_str() };
            conformance::check(method, &self.path, &response);
            response
        })
    }
}

fn folded(headers: &HeaderMap) -> BTreeMap<String, String> {
    let values =
        |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ");
    headers.keys().map(|name| (name.to_string(), values(name))).collect()
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    what: String,
    pub status: u16,
    /// By name in lower case; several lines of one field are one value.
    headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Response {
    /// Fails the test unless this is the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.shown());
        self
    }

    /// Fails the test unless this is a problem document with this status and code; returns the document.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let document = self.expect(status).json();
        assert_eq!(document["code"], code, "{document}");
        document
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.shown()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What to say of it when a test fails.
    pub fn shown(&self) -> String {
        let text: String = self.text().chars().take(2000).collect();
        format!("{} -> {}: {text}", self.what, self.status)
    }

    /// The field's value; fails the test where it is missing.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.find_header(name).unwrap_or_else(|| panic!("no {name} in {:?}: {}", self.headers, self.shown()))
    }

    /// By name in lower case.
    pub fn headers(&self) -> &BTreeMap<String, String> {
        &self.headers
    }

    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_lowercase()).map(String::as_str)
    }

    #[track_caller]
    pub fn etag(&self) -> &str {
        self.header("etag")
    }
}

/// The codes of a problem's `errors` with their places, sorted.
#[track_caller]
pub fn faults(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place =
        |fault: &Value| if fault["pointer"].is_string() { text(&fault["pointer"]) } else { text(&fault["parameter"]) };
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors in {problem}"));
    let mut faults: Vec<_> = errors.iter().map(|fault| (place(fault), text(&fault["code"]))).collect();
    faults.sort();
    faults
}

/// A problem without what names the request.
pub fn comparable(mut problem: Value) -> Value {
    problem["request_id"] = Value::Null;
    problem
}

/// Sends all at once and waits for all answers, in order.
pub async fn together<R: IntoFuture<Output = Response>>(requests: impl IntoIterator<Item = R>) -> Vec<Response> {
    futures_util::future::join_all(requests.into_iter().map(IntoFuture::into_future)).await
}
