//! Text messages by an HTTP gateway. Gateways in China send only registered texts: a request carries the code of the
//! text and its parameters, and the signature that stands before it.
//!
//! `POST` of `{"id", "to", "signature", "template_code", "parameters", "language"}`; any 2xx is success. 4xx other than
//! 408 and 429 will not get better by trying again.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::json;

use crate::app::outbox::{Letter, Undelivered};

const PATIENCE: Duration = Duration::from_secs(15);
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub struct Gateway {
    client: reqwest::Client,
    url: String,
    authorization: Option<HeaderValue>,
    signature: String,
    /// The gateway's code for each template.
    templates: BTreeMap<String, String>,
}

impl Gateway {
    pub fn new(
        url: String,
        key: Option<&str>,
        signature: String,
        templates: BTreeMap<String, String>,
    ) -> Result<Self, String> {
        // The same implementation as towards the database. An error means that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
        let authorization = key.map(|key| HeaderValue::from_str(&format!("Bearer {key}"))).transpose();
        let mut authorization = authorization.map_err(|_| "DUIJIE_TEXT_KEY cannot stand in a header")?;
        authorization.iter_mut().for_each(|value| value.set_sensitive(true));
        Ok(Self { client: client.map_err(|error| error.to_string())?, url, authorization, signature, templates })
    }

    pub async fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let template = <&str>::from(letter.template);
        let Some(code) = self.templates.get(template) else {
            let reason = format!("DUIJIE_TEXT_TEMPLATES has no code for {template}");
            return Err(Undelivered { reason, permanent: true });
        };
        let body = json!({ "id": letter.id, "to": letter.to.text(), "signature": self.signature,
            "template_code": code, "parameters": letter.parameters, "language": letter.language });
        let mut request = self.client.post(&self.url).header(CONTENT_TYPE, "application/json");
        request = request.header(IDEMPOTENCY_KEY, letter.id.to_string()).body(body.to_string());
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let unreachable = |_| Undelivered { reason: "no answer of the gateway".to_owned(), permanent: false };
        let status = request.send().await.map_err(unreachable)?.status();
        if status.is_success() {
            return Ok(());
        }
        let permanent = status.is_client_error() && ![408, 429].contains(&status.as_u16());
        Err(Undelivered { reason: format!("the gateway answered {}", status.as_u16()), permanent })
    }
}
