//! Personal data stays where it belongs: in no log line, however much is logged, in no event, and in no URL.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::market::{offer, path};
use crate::support::{Client, SECRET_KEY, TestDatabase, document, id, uscc};

/// Each is somewhere in what follows, and nowhere in the log.
const MARKS: [&str; 8] = [
    "marked-mail-7f3a",
    "marked-password-7f3a",
    "标记姓名七三",
    "13877770007",
    "markedwechat7f3a",
    "标记留言七三",
    "标记理由七三",
    "标记地址七三",
];

/// `duijie serve` as it runs in production, saying all it can say; its log is collected.
struct Served {
    process: tokio::process::Child,
    log: tokio::task::JoinHandle<String>,
    client: Client,
}

async fn serve(database: &TestDatabase) -> Served {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.arg("serve").env_clear().kill_on_drop(true).stdout(Stdio::null()).stderr(Stdio::piped());
    command.env("DATABASE_URL", database.url()).env("DUIJIE_SECRET_KEY", SECRET_KEY);
    command.env("DUIJIE_BIND", "127.0.0.1:0").env("RUST_LOG", "trace").env("DUIJIE_LOG_FORMAT", "json");
    command.env("DUIJIE_DATA_DIR", std::env::temp_dir().join(format!("duijie-privacy-{}", std::process::id())));
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let mut log = String::new();
    let address = loop {
        let line = lines.next_line().await.unwrap().unwrap_or_else(|| panic!("it did not start: {log}"));
        log.push_str(&line);
        log.push('\n');
        let Some((_, rest)) = line.split_once("ready: http://") else { continue };
        break rest.split('/').next().unwrap().parse().unwrap();
    };
    let log = tokio::spawn(async move {
        while let Some(line) = lines.next_line().await.unwrap() {
            log.push_str(&line);
            log.push('\n');
        }
        log
    });
    Served { process, log, client: Client::new(address) }
}

impl Served {
    async fn stop(mut self) -> String {
        let pid = nix::unistd::Pid::from_raw(self.process.id().unwrap() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        assert!(self.process.wait().await.unwrap().success());
        self.log.await.unwrap()
    }
}

/// Signs up, fails to sign in, signs in, and owns an enterprise whose contact is marked.
async fn member(client: &Client, name: &str) -> (Client, Value) {
    let email = format!("marked-mail-7f3a-{name}@example.cn");
    let account = json!({"email": email, "password": "marked-password-7f3a", "display_name": "标记姓名七三"});
    client.post("/v1/accounts").json(account).await.expect(201);
    let wrong = json!({"email": email, "password": "marked-password-7f3a-wrong"});
    client.post("/v1/sessions").json(wrong).await.problem(401, "credentials_invalid");
    let right = json!({"email": email, "password": "marked-password-7f3a"});
    let session = client.post("/v1/sessions").json(right).await.expect(201).json();
    let member = client.with_token(session["access_token"].as_str().unwrap());
    let profile = json!({"uscc": uscc::next(), "legal_name": format!("示范企业{name}"), "address": "标记地址七三",
        "contacts": [{"name": "标记姓名七三", "mobile": "13877770007", "wechat": "markedwechat7f3a"}]});
    let enterprise = member.post("/v1/enterprises").idempotency_key(name).json(profile).await.expect(201).json();
    (member, enterprise)
}

/// What people do with their data, and what goes wrong while they do.
async fn flows(client: &Client) {
    let ((buyer, asking), (seller, _)) = (member(client, "buyer").await, member(client, "seller").await);
    let listing = seller.post("/v1/listings").json(with_publish(offer())).await.expect(201).json();
    let request = json!({"enterprise_id": id(&asking), "message": "标记留言七三"});
    let requests = format!("{}/contact-requests", path(&listing));
    let request = buyer.post(&requests).json(request).await.expect(201).json();
    let at = format!("/v1/contact-requests/{}", id(&request));
    let reason = json!({"reason": "标记理由七三"});
    seller.post(&format!("{at}/decline")).if_match("*").json(reason).await.expect(200);
    seller.get(&format!("{}/contacts", path(&listing))).await.expect(200);
    let broken = "{\"display_name\": \"标记姓名七三\", \"email\": \"marked-mail-7f3a";
    let unreadable = client.post("/v1/accounts").header("content-type", "application/json").body(broken).await;
    assert_eq!(unreadable.status, 400);
    let invalid = json!({"email": "marked-mail-7f3a", "mobile": "13877770007", "password": "marked-password-7f3a", "标记姓名七三": 1});
    assert_eq!(client.post("/v1/accounts").json(invalid).await.status, 422);
    let taken = json!({"email": "marked-mail-7f3a-buyer@example.cn", "password": "marked-password-7f3a", "display_name": "标记姓名七三"});
    client.post("/v1/accounts").json(taken).await.problem(409, "email_taken");
    client.get("/v1/listings?q=13877770007").await.expect(200);
    client.with_token("marked-password-7f3a").get("/v1/accounts/me").await.problem(401, "token_invalid");
    buyer
        .post("/v1/accounts/me/consents")
        .json(json!({"purpose": "contact_disclosure", "given": false}))
        .await
        .expect(201);
}

fn with_publish(mut listing: Value) -> Value {
    listing["publish"] = json!(true);
    listing
}

#[tokio::test]
async fn no_log_line_and_no_event_tells_of_a_person() {
    let database = TestDatabase::create().await;
    let served = serve(&database).await;
    flows(&served.client).await;
    let log = served.stop().await;
    assert!(log.lines().count() > 50 && log.contains("create_contact_request"), "the log says something: {log}");
    for mark in MARKS {
        let line = log.lines().find(|line| line.contains(mark));
        assert_eq!(line, None, "{mark}");
    }
    let events = "SELECT coalesce(string_agg(e::text, ' '), '') FROM events e";
    let notifications = "SELECT string_agg(n::text, ' ') FROM notifications n";
    for table in [events, notifications] {
        let dump = database.value(table).await;
        assert!(dump.len() > 100, "{dump}");
        for mark in MARKS {
            assert!(!dump.contains(mark), "{mark} in {dump}");
        }
    }
    let stored = "SELECT string_agg(convert_from(body, 'UTF8') || key || headers::text, ' ') FROM idempotency_keys";
    assert!(!database.value(stored).await.contains("password-7f3a"));
    assert_eq!(database.count("SELECT count(*) FROM audit_details WHERE after LIKE '%markedwechat7f3a%'").await, 2);
    let secrets = "SELECT count(*) FROM audit_details WHERE before || after LIKE '%password-7f3a%'";
    assert_eq!(database.count(secrets).await, 0);
}

#[test]
fn no_url_takes_personal_data() {
    let private = ["email", "mobile", "phone", "password", "token", "wechat", "name", "contact", "address"];
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap_or_default();
                let in_url = parameter["in"] == "path" || parameter["in"] == "query";
                assert!(!in_url || !private.contains(&name), "{method} {path} takes {name}");
            }
        }
    }
}
