//! What tests of the market share: posting, publishing, reading matches, and a second process on the same database.

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use duijie::config::Config;
use serde_json::{Value, json};
use uuid::Uuid;

use super::server::Server;
use super::{Client, Member, Response, SECRET_KEY, TestApp, id};

/// A second copy of the application, on a port of its own and the same database, with its market loaded.
pub struct Twin {
    pub server: Server,
    client: Client,
}

impl Twin {
    pub fn anonymous(&self) -> Client {
        self.client.clone()
    }

    pub fn as_member(&self, member: &Member) -> Client {
        self.client.with_token(member.access_token())
    }

    /// Runs the job that numbers events and applies them.
    pub async fn sequence(&self) {
        duijie::jobs::sequence(&self.server.app).await.unwrap();
    }
}

/// The jobs of a process, on their clock, until the value is dropped.
pub struct Jobs {
    stop: tokio::sync::watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Jobs {
    pub fn of(app: &std::sync::Arc<duijie::app::App>) -> Self {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        Self { stop, thread: Some(duijie::jobs::spawn(std::sync::Arc::clone(app), stopping)) }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        let ended = self.thread.take().map(std::thread::JoinHandle::join);
        assert!(!matches!(ended, Some(Err(_))) || std::thread::panicking(), "a job panicked");
    }
}

impl TestApp {
    /// Loads the market, as a start does.
    pub async fn load(&self) {
        self.inner().load_market().await.unwrap();
    }

    pub async fn twin(&self) -> Twin {
        self.twin_with(("DUIJIE_WORKERS", "1")).await
    }

    pub async fn twin_with(&self, setting: (&str, &str)) -> Twin {
        let settings = [
            ("DATABASE_URL", self.database.url()),
            ("DUIJIE_SECRET_KEY", SECRET_KEY),
            ("DUIJIE_BIND", "127.0.0.1:0"),
            ("DUIJIE_RATE_LIMIT", "off"),
            ("DUIJIE_DATA_DIR", &self.folder.path.to_string_lossy()),
            setting,
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_values(settings.into_iter().collect()).unwrap();
        let server = Server::start(config).await;
        server.app.load_market().await.unwrap();
        let client = Client::new(server.address);
        Twin { server, client }
    }

    /// A member whose enterprise is verified, as a moderator would have it.
    pub async fn verified(&self, name: &str) -> Member {
        let member = self.member(name).await;
        let sql = format!("UPDATE enterprises SET status = 'verified' WHERE id = '{}'", member.enterprise_id());
        self.database.execute(&sql).await;
        member
    }

    /// Types of the events of an entity, in order of their numbers.
    pub async fn events_of(&self, entity: Uuid) -> Vec<String> {
        self.sequence().await;
        let sql = format!("SELECT type FROM events WHERE entity_id = '{entity}' ORDER BY seq");
        let rows = self.database.connect().await.query(&sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Member {
    pub async fn draft(&self, listing: Value) -> Value {
        self.post("/v1/listings").json(listing).await.expect(201).json()
    }

    pub async fn publish(&self, mut listing: Value) -> Value {
        listing["publish"] = json!(true);
        let published = self.draft(listing).await;
        assert_eq!(published["status"], "published", "{published}");
        published
    }

    /// A transition of whatever version there is.
    pub async fn act(&self, listing: &Value, action: &str) -> Response {
        self.post(&format!("{}/{action}", path(listing))).if_match("*").await
    }

    pub async fn matches(&self, listing: &Value) -> Value {
        matches(self, listing).await
    }
}

/// The answer of `/matches` with everything in it.
pub async fn matches(client: &Client, listing: &Value) -> Value {
    client.get(&format!("{}/matches?limit=100", path(listing))).language("en").await.expect(200).json()
}

/// Matches and near misses without the instant they were asked at.
pub fn timeless(page: &Value) -> Vec<Value> {
    let lists = ["items", "near_misses"].map(|list| page[list].as_array().unwrap().clone());
    let mut all = lists.concat();
    for item in &mut all {
        if let Some(checks) = item["checks"].as_array_mut() {
            checks.retain(|check| check["code"] != "open");
        }
    }
    all
}

pub fn path(listing: &Value) -> String {
    format!("/v1/listings/{}", id(listing))
}

/// The listings of a list of matches or near misses, in order.
pub fn listing_ids(items: &Value) -> Vec<Uuid> {
    items.as_array().unwrap().iter().map(|item| id(&item["listing"])).collect()
}

/// The ids of a page of listings, in order.
pub fn ids(page: &Value) -> Vec<Uuid> {
    page["items"].as_array().unwrap_or_else(|| panic!("{page}")).iter().map(id).collect()
}

/// Today and so many days in Luoyang.
pub fn day(days: i64) -> NaiveDate {
    let today = (Utc::now() + TimeDelta::hours(8)).date_naive();
    let distance = Days::new(days.unsigned_abs());
    if days < 0 { today - distance } else { today + distance }
}

/// An instant so many milliseconds from now.
pub fn instant(milliseconds: i64) -> String {
    (Utc::now() + TimeDelta::milliseconds(milliseconds)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The object with the fields of `changes` put over it.
pub fn with(base: &Value, changes: Value) -> Value {
    let mut merged = base.clone();
    for (name, value) in changes.as_object().unwrap() {
        merged[name] = value.clone();
    }
    merged
}

/// A need of surgical masks.
pub fn need() -> Value {
    json!({"side": "need", "kind": "ppe", "category": "ppe.mask.surgical", "title": "医用外科口罩",
        "quantity": "20000", "unit_code": "H87", "max_price": {"amount": "0.8", "currency": "CNY"}})
}

/// An offer that fits [`need`].
pub fn offer() -> Value {
    json!({"side": "offer", "kind": "ppe", "category": "ppe.mask.surgical", "title": "医用外科口罩现货",
        "quantity": "50000", "unit_code": "H87", "price": {"amount": "0.6", "currency": "CNY"}})
}
