//! The application under test, and the people who use it.

mod accounts;
mod apps;
mod client;
mod conformance;
mod database;
mod folder;
pub mod kinds;
pub mod market;
pub mod random;
mod raw;
mod server;
mod timing;
pub mod uscc;
mod webhooks;

use std::ops::Deref;
use std::sync::Arc;

use duijie::app::App;
use duijie::config::Config;
use duijie::{jobs, outgoing};
use serde_json::{Value, json};
use uuid::Uuid;

pub use apps::{Pkce, basic, form};
pub use client::{Client, Request, Response, comparable, faults, together};
pub use conformance::document;
pub use database::TestDatabase;
use folder::Folder;
pub use raw::Raw;
use server::Server;
pub use timing::assert_alike;
pub use webhooks::{Answer, Heard, Receiver};

/// No test cares which; it is on no list of common ones.
pub const PASSWORD: &str = "轴承厂的仓库在西工区十号";
/// 64 hexadecimal digits.
pub const SECRET_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The application on a port and a database of its own. Both end with it.
pub struct TestApp {
    server: Server,
    pub database: TestDatabase,
    pub folder: Folder,
    client: Client,
}

/// What a test wants different from the rest.
#[derive(Default)]
pub struct Builder {
    settings: Vec<(String, String)>,
    sandbox: bool,
}

impl Builder {
    /// Sets an environment setting, such as `DUIJIE_RATE_LIMIT`.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As `duijie --sandbox serve` would.
    pub fn sandbox(mut self) -> Self {
        self.sandbox = true;
        self
    }

    pub async fn start(self) -> TestApp {
        let database = TestDatabase::create().await;
        let folder = Folder::create();
        let mut settings = vec![
            ("DUIJIE_DATA_DIR".to_owned(), folder.path.to_string_lossy().into_owned()),
            ("DATABASE_URL".to_owned(), database.url().to_owned()),
            ("DUIJIE_SECRET_KEY".to_owned(), SECRET_KEY.to_owned()),
            ("DUIJIE_BIND".to_owned(), "127.0.0.1:0".to_owned()),
            ("DUIJIE_WORKERS".to_owned(), "2".to_owned()),
            ("DUIJIE_RATE_LIMIT".to_owned(), "off".to_owned()),
        ];
        settings.extend(self.settings);
        if self.sandbox {
            settings.push(("DUIJIE_SANDBOX_DATABASE_URL".to_owned(), database.url().to_owned()));
            settings.push(("DUIJIE_SANDBOX_BIND".to_owned(), "127.0.0.1:0".to_owned()));
            settings.push(("DATABASE_URL".to_owned(), "postgres://nobody@localhost/market".to_owned()));
        }
        let config = Config::from_values(settings.into_iter().collect()).unwrap();
        let config = if self.sandbox { config.into_sandbox().unwrap() } else { config };
        let server = Server::start(config).await;
        let client = Client::new(server.address);
        TestApp { server, database, folder, client }
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> Builder {
        Builder::default()
    }

    pub fn inner(&self) -> &Arc<App> {
        &self.server.app
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Client {
        self.client.clone()
    }

    /// Somebody signed in who owns an enterprise.
    pub async fn member(&self, name: &str) -> Member {
        let mut member = self.account(name).await;
        member.enterprise = member.claim(&uscc::next()).await;
        member
    }

    /// Somebody signed in with a role of the platform, in a region or (`""`) everywhere.
    pub async fn official(&self, name: &str, role: &str, region: &str) -> Member {
        let member = self.account(name).await;
        let sql = format!("INSERT INTO platform_roles VALUES ('{}', '{role}', '{region}', now())", member.account_id);
        self.database.execute(&sql).await;
        member
    }

    pub async fn admin(&self) -> Member {
        self.official("admin", "admin", "").await
    }

    /// The answer of `POST /v1/sessions`.
    pub async fn sign_in(&self, email: &str) -> Value {
        let input = json!({"email": email, "password": PASSWORD});
        self.client.post("/v1/sessions").json(input).await.expect(201).json()
    }

    /// Sends what waits to be sent, as the job does.
    pub async fn deliver(&self) {
        outgoing::deliver(&self.server.app, &self.server.outgoing).await.unwrap();
    }

    /// The messages sent to an address or number so far, oldest first.
    pub async fn letters(&self, to: &str) -> Vec<Value> {
        self.deliver().await;
        let file = std::fs::read_to_string(self.folder.path.join("outgoing.jsonl")).unwrap_or_default();
        let letters = file.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        letters.filter(|letter| letter["to"] == to).collect()
    }

    /// The code sent last to an address or number.
    pub async fn code(&self, to: &str) -> String {
        let letters = self.letters(to).await;
        let letter = letters.iter().rev().find(|letter| letter["template"] == "one_time_code");
        letter.unwrap_or_else(|| panic!("no code for {to}: {letters:?}"))["parameters"]["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Asks for a code and reads it; earlier requests do not hold it up.
    pub async fn ask_code(&self, to: &str, purpose: &str) -> String {
        self.forget_tries().await;
        let name = if to.contains('@') { "email" } else { "mobile" };
        let input = json!({name: to, "purpose": purpose});
        self.client.post("/v1/sessions/codes").json(input).await.expect(202);
        self.code(to).await
    }

    /// As if nothing had been tried lately.
    pub async fn forget_tries(&self) {
        self.database.execute("DELETE FROM throttles").await;
    }

    /// Makes deliveries of what happened and sends what is due, as the jobs do.
    pub async fn deliver_webhooks(&self) {
        self.sequence().await;
        jobs::fan_out(&self.server.app).await.unwrap();
        self.send_webhooks().await;
    }

    /// Sends what is due to endpoints, as one process does.
    pub async fn send_webhooks(&self) {
        outgoing::webhooks::deliver(&self.server.app, &self.server.outgoing.webhooks, || false).await.unwrap();
    }

    /// Moves what happened into the event log, as the job does.
    pub async fn sequence(&self) {
        jobs::sequence(&self.server.app).await.unwrap();
    }
}

/// A person with a session; a [`Client`] that carries it.
pub struct Member {
    client: Client,
    pub account_id: Uuid,
    pub email: String,
    /// The answer of `POST /v1/sessions`.
    pub session: Value,
    /// The enterprise as it was when made; null where the person has none.
    pub enterprise: Value,
}

impl Member {
    pub fn access_token(&self) -> &str {
        self.session["access_token"].as_str().unwrap()
    }

    pub fn refresh_token(&self) -> &str {
        self.session["refresh_token"].as_str().unwrap()
    }

    pub fn enterprise_id(&self) -> Uuid {
        id(&self.enterprise)
    }

    /// The path of the person's enterprise.
    pub fn enterprise_path(&self) -> String {
        format!("/v1/enterprises/{}", self.enterprise_id())
    }

    /// Claims a further enterprise with this code.
    pub async fn claim(&self, uscc: &str) -> Value {
        let input = json!({"uscc": uscc, "legal_name": format!("示范企业 {uscc}")});
        self.client.post("/v1/enterprises").json(input).await.expect(201).json()
    }
}

impl Deref for Member {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The `id` of a resource.
pub fn id(resource: &Value) -> Uuid {
    resource["id"].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no id in {resource}"))
}
