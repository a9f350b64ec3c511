//! Accounts of those who use the application.

use std::sync::LazyLock;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{SubsecRound, Utc};
use duijie::db;
use duijie::db::accounts::Hashed;
use duijie::domain::account::{Account, AccountStatus};
use duijie::domain::event::{Audience, Author, Detail, NewEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Member, PASSWORD, TestApp};

/// Of [`PASSWORD`], checked in no time: most of the suite would be hashing otherwise.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
});

impl TestApp {
    /// Somebody signed in who acts for nobody; the account was written into the database as the application would have.
    pub async fn account(&self, name: &str) -> Member {
        let now = Utc::now().trunc_subsecs(6);
        let account = Account {
            id: Uuid::now_v7(),
            email: Some(format!("{name}@example.cn")),
            mobile: None,
            display_name: name.to_owned(),
            status: AccountStatus::Active,
            email_verified_at: None,
            mobile_verified_at: None,
            has_password: true,
            status_reason: None,
            status_changed_at: None,
            password_long: false,
            version: 1,
            created_at: now,
        };
        let created = NewEvent {
            event_type: "account.created",
            entity: "account",
            entity_id: account.id,
            version: 1,
            audience: Audience::Staff,
            changed: json!({}),
            detail: Detail::created(&json!({"email": account.email, "display_name": name, "status": "active"})),
        };
        let author = Author {
            account_id: Some(account.id),
            address: Some("127.0.0.1".to_owned()),
            request_id: Some(Uuid::now_v7().to_string()),
            ..Author::default()
        };
        let hashed = Hashed { hash: HASH.clone(), long: false };
        let written = self.inner().database.transaction(async |connection| {
            db::accounts::insert(connection, &account, Some(&hashed)).await?;
            db::events::append(connection, created, author, now).await
        });
        written.await.unwrap();
        self.signed_in(name, account.id).await
    }

    /// The same by the API alone, and with a password that takes as long to check as anybody's.
    pub async fn registered(&self, name: &str) -> Member {
        let input = json!({"email": format!("{name}@example.cn"), "password": PASSWORD, "display_name": name});
        let account = self.client.post("/v1/accounts").json(input).await.expect(201).json();
        self.signed_in(name, super::id(&account)).await
    }

    async fn signed_in(&self, name: &str, account_id: Uuid) -> Member {
        let email = format!("{name}@example.cn");
        let session = self.sign_in(&email).await;
        let client = self.client.with_token(session["access_token"].as_str().unwrap());
        Member { client, account_id, email, session, enterprise: Value::Null }
    }
}
