//! Apps of third parties: registering them, their keys and tokens, as their programmers do it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use duijie::app::secrets::sha256;
use serde_json::{Value, json};

use super::market::with;
use super::{Member, Request, TestApp, id};

pub const CALLBACK: &str = "https://erp.example/callback";

/// A body as OAuth wants it.
pub fn form(request: Request, fields: &[(&str, &str)]) -> Request {
    let body = serde_urlencoded::to_string(fields).unwrap();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// What an app keeps, and what it shows, of one sign-in.
pub struct Pkce {
    pub verifier: String,
    pub challenge: String,
}

impl Pkce {
    pub fn new() -> Self {
        let verifier = URL_SAFE_NO_PAD.encode(uuid::Uuid::now_v7().as_bytes().repeat(3));
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        Self { verifier, challenge }
    }
}

impl Member {
    /// An app of the person's enterprise.
    pub async fn register(&self, changes: Value) -> Value {
        let input = json!({"enterprise_id": self.enterprise_id(), "name": "仓库同步", "redirect_uris": [CALLBACK],
            "scopes": ["listings:read", "listings:write", "enterprises:read"]});
        self.post("/v1/apps").json(with(&input, changes)).await.expect(201).json()
    }

    /// A key, with its secret.
    pub async fn key(&self, app: &Value, input: Value) -> Value {
        self.post(&format!("/v1/apps/{}/keys", id(app))).json(input).await.expect(201).json()
    }

    /// Agrees; answers with the code.
    pub async fn agree(&self, app: &Value, pkce: &Pkce, changes: Value) -> String {
        let input = json!({"client_id": id(app), "redirect_uri": CALLBACK, "scope": "listings:read enterprises:read",
            "state": "x y", "code_challenge": pkce.challenge, "code_challenge_method": "S256"});
        let answer = self.post("/v1/oauth/authorizations").json(with(&input, changes)).await.expect(201).json();
        let url = answer["redirect_to"].as_str().unwrap();
        let query = url.split_once('?').unwrap().1;
        query.split('&').find_map(|pair| pair.strip_prefix("code=")).unwrap().to_owned()
    }
}

impl TestApp {
    /// A token of the app itself, with these scopes.
    pub async fn app_token(&self, app: &Value, key: &Value, scopes: &[&str]) -> String {
        let (client_id, scope) = (id(app).to_string(), scopes.join(" "));
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id.as_str()),
            ("client_secret", key["key"].as_str().unwrap()),
            ("scope", scope.as_str()),
        ];
        let answer = form(self.anonymous().post("/v1/oauth/token"), &fields).await.expect(200).json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Brings a code.
    pub fn exchange(&self, app: &Value, key: Option<&Value>, code: &str, verifier: &str) -> Request {
        let client_id = id(app).to_string();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        if let Some(key) = key {
            fields.push(("client_secret", key["key"].as_str().unwrap()));
        }
        form(self.anonymous().post("/v1/oauth/token"), &fields)
    }
}
