//! What this API sends by itself, for the document: the request an endpoint gets.

use serde_json::{Value, json};

/// The part `webhooks` of the document.
pub fn section() -> Value {
    let header = |name: &str, description: &str, example: &str| {
        json!({ "name": name, "in": "header", "required": true, "description": description,
            "schema": { "type": "string", "maxLength": 500 }, "example": example })
    };
    json!({ "event": { "post": {
        "tags": ["webhooks"],
        "operationId": "receive_event",
        "summary": "Receive an event",
        "description": "Sent to an endpoint of `POST /v1/webhook-endpoints`, signed by Standard Webhooks 1.0: verify before believing, and \
            answer 2xx within 15 seconds. Anything else is tried again up to nine times over three days; 410 disables the endpoint. \
            The same event may come twice, and events may come in another order than they happened.",
        "security": [],
        "parameters": [
            header("webhook-id", "The event's id: the same at every attempt and replay.", "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b"),
            header("webhook-timestamp", "When it was sent, in seconds since 1970: refuse what is older than five minutes.", "1614265330"),
            header("webhook-signature",
                "`v1,` and the base64 of an HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; two of them, by a blank apart, \
                while a secret takes the place of another.", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        "requestBody": { "required": true, "content": { "application/cloudevents+json": {
            "schema": { "$ref": "#/components/schemas/WebhookEvent" } } } },
        "responses": {
            "2XX": { "description": "Taken." },
            "410": { "description": "No longer wanted: the endpoint is disabled." },
            "default": { "description": "Tried again." }
        }
    } } })
}
