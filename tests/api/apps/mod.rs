//! `/v1/apps`, and what apps do by themselves.

mod acting;
mod keys;
mod quotas;
mod registration;
mod tokens;

use serde_json::{Value, json};

use crate::support::{Client, Member, TestApp, id};

fn path(app: &Value) -> String {
    format!("/v1/apps/{}", id(app))
}

/// An app of the owner's enterprise, a key of it, and the app with a token.
async fn working(app: &TestApp, owner: &Member) -> (Value, Value, Client) {
    let client = owner.register(json!({})).await;
    let key = owner.key(&client, json!({})).await;
    let token = app.app_token(&client, &key, &[]).await;
    (client, key, app.anonymous().with_token(&token))
}
