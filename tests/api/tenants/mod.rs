//! What one tenant learns of another's: every operation with an object in its path, called for one of tenant A's and for
//! one that nobody has, by tenant B with valid requests of random content. What B does not see is answered as what does not
//! exist; what B sees, B does not change. An operation this test has no object for fails it.

mod references;
mod world;

use duijie::domain::access::{self, Rule, Scope, Who};
use serde_json::{Value, json};
use strum::VariantArray;
use uuid::Uuid;

use crate::support::random::Random;
use crate::support::{Client, Request, Response, TestApp, document};
use world::{Sight, World};

/// The path names nothing that belongs to anybody.
const NOBODYS: &[&str] = &["find_kind"];
/// Writes that are for others than those the thing belongs to: they ask its owner for something, say something against
/// it, or claim what nobody acts for (somebody does here: 409).
const FOR_OTHERS: &[&str] = &["create_contact_request", "create_report", "claim_enterprise"];

struct Operation {
    rule: &'static Rule,
    method: String,
    path: &'static str,
    /// Media type, schema and example of the body.
    body: Option<(&'static str, &'static Value, Value)>,
    /// Of the query, without cursors.
    parameters: Vec<&'static Value>,
}

/// All that have something in their path.
fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            if !path.contains('{') || NOBODYS.contains(&name) {
                continue;
            }
            let rule = access::rule(name).unwrap_or_else(|| panic!("the table of access has no row for {name}"));
            let body = operation["requestBody"]["content"].as_object().and_then(|content| {
                let (media, body) = content.iter().next()?;
                Some((media.as_str(), &body["schema"], example(&body["schema"])))
            });
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.filter(|one| one["in"] == "query" && one["name"] != "cursor");
            // For whom is asked is the asking tenant's own.
            let parameters = parameters.filter(|one| one["name"] != "enterprise_id").collect();
            found.push(Operation { rule, method: method.to_uppercase(), path, body, parameters });
        }
    }
    found
}

fn example(schema: &'static Value) -> Value {
    let schema = schema["$ref"].as_str().and_then(|target| document().pointer(target.trim_start_matches('#')));
    schema.map_or(json!({}), |schema| schema["example"].clone())
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Guise {
    Nobody,
    Owner,
    Verified,
    App,
}

/// Tenant B, in all the ways it may come.
struct Stranger {
    guise: Guise,
    client: Client,
    /// Things of its own, by what stands before the first parameter of a path.
    own: Vec<(&'static str, Uuid)>,
    enterprise: Option<Uuid>,
}

impl Operation {
    fn is_write(&self) -> bool {
        self.method != "GET"
    }

    /// A valid request of random content; the first seed sends the document's example.
    fn request(&self, stranger: &Stranger, path: &str, seed: u64) -> Request {
        let random = &mut Random::new(seed);
        let mut query = Vec::new();
        for parameter in &self.parameters {
            if parameter["required"] == true || random.below(3) == 0 {
                let value = random.valid(&parameter["schema"]);
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                query.push((parameter["name"].as_str().unwrap(), text));
            }
        }
        query.retain(|(_, value)| value != "null");
        let query = serde_urlencoded::to_string(query).unwrap();
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = stranger.client.request(&self.method, &format!("{path}{mark}{query}"));
        request = request.language(random.one_of(&["zh-CN", "en"]));
        if self.is_write() {
            if let Some(seen) = random.one_of(&[Some("*"), Some("\"1\""), Some("\"2\""), Some("\"99\""), None]) {
                request = request.if_match(seen);
            }
            if random.often() {
                request = request.idempotency_key(&Uuid::now_v7().to_string());
            }
        } else if random.often() {
            request = request.header("if-none-match", random.one_of(&["\"1-abc\"", "\"2-abc\"", "W/\"x\""]));
        }
        let Some((media, schema, example)) = &self.body else { return request };
        if *media == "application/octet-stream" {
            return request.header("content-type", media).body(format!("%PDF-1.7 {}", random.below(1000)));
        }
        let mut body = if seed == 0 { example.clone() } else { random.valid(schema) };
        if let (Some(own), true) = (stranger.enterprise, body["enterprise_id"].is_string()) {
            body["enterprise_id"] = json!(own);
        }
        request.header("content-type", media).body(body.to_string())
    }

    /// The statuses the stranger may be answered with.
    fn allowed(&self, stranger: &Stranger, visible: bool) -> &'static [u16] {
        match (stranger.guise, self.rule.who) {
            (Guise::Nobody, Who::Anyone) => {}
            (Guise::Nobody, _) => return &[401],
            (_, Who::Platform(_)) => return &[403],
            (Guise::App, who) if self.rule.scope.is_none() && who != Who::Anyone => return &[403],
            _ => {}
        }
        match self.rule.who {
            _ if !visible => &[404],
            _ if FOR_OTHERS.contains(&self.rule.operation) => &[200, 201, 409, 422, 428],
            Who::Anyone | Who::Account if !self.is_write() => &[200],
            _ => &[403],
        }
    }
}

/// An answer without what belongs to the request alone; the id asked for is as good as any other.
fn told(response: &Response, asked: &str) -> (u16, Vec<(String, String)>, Value) {
    // Of a number it cannot be told where it is meant.
    let asked = if asked.len() < 10 { "\u{0}" } else { asked };
    let passing = ["date", "x-request-id"];
    let headers = response.headers().iter().filter(|(name, _)| !passing.contains(&name.as_str()));
    // Of a list of names the order says nothing; each worker has its own.
    let sorted = |value: &str| {
        let mut names: Vec<&str> = value.split(", ").collect();
        names.sort_unstable();
        names.join(", ")
    };
    let headers = headers.map(|(name, value)| (name.clone(), sorted(&value.replace(asked, "…")))).collect();
    let body = if response.body.is_empty() { "null".to_owned() } else { response.text().replace(asked, "…") };
    let mut body: Value = serde_json::from_str(&body).unwrap_or(Value::String(body));
    if let Some(problem) = body.as_object_mut() {
        problem.remove("request_id");
        problem.remove("instance");
    }
    (response.status, headers, body)
}

async fn strangers(app: &TestApp) -> Vec<Stranger> {
    let everything: Vec<&str> = Scope::VARIANTS.iter().map(<&str>::from).collect();
    let (owner, verified) = (app.member("stranger").await, app.verified("verified").await);
    let registered = owner.register(json!({"scopes": everything})).await;
    let key = owner.key(&registered, json!({})).await;
    let token = app.app_token(&registered, &key, &everything).await;
    let mut strangers = vec![Stranger { guise: Guise::Nobody, client: app.anonymous(), own: vec![], enterprise: None }];
    for (guise, member, client) in [
        (Guise::Owner, &owner, owner.clone()),
        (Guise::Verified, &verified, verified.clone()),
        (Guise::App, &owner, app.anonymous().with_token(&token)),
    ] {
        let own = world::own(member).await;
        strangers.push(Stranger { guise, client, own, enterprise: Some(member.enterprise_id()) });
    }
    strangers
}

impl Stranger {
    /// The first sends the document's example; the others are each one's own.
    fn seeds(&self) -> std::ops::Range<u64> {
        match self.guise {
            Guise::Owner => 0..3,
            Guise::Nobody => 0..1,
            Guise::Verified => 3..4,
            Guise::App => 4..5,
        }
    }

    fn sees(&self, sight: Sight) -> bool {
        match sight {
            Sight::Everybody => true,
            Sight::Accounts => self.guise != Guise::Nobody,
            Sight::Verified => self.guise == Guise::Verified,
            Sight::Members => false,
        }
    }
}

#[tokio::test]
async fn what_is_not_seen_is_as_what_does_not_exist_and_what_is_seen_is_not_changed() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "verified_first").start().await;
    let (world, strangers) = (World::build(&app).await, strangers(&app).await);
    let (mut faults, mut compared) = (Vec::new(), 0);
    for operation in operations() {
        let name = operation.rule.operation;
        for stranger in &strangers {
            for path in world.paths(operation.path, &stranger.own) {
                let visible = stranger.sees(path.sight);
                for seed in stranger.seeds() {
                    let known = operation.request(stranger, &path.known, seed).await;
                    let what = format!("{name}, {} by {:?}, seed {seed}", path.object, stranger.guise);
                    if !operation.allowed(stranger, visible).contains(&known.status) {
                        faults.push(format!("{what}: {}", known.shown()));
                    }
                    // Where it is seen, only what is refused before it is looked at is the same.
                    let alike = !visible || matches!(operation.rule.who, Who::Platform(_)) || known.status == 401;
                    if !alike && !path.nested {
                        continue;
                    }
                    let unknown = operation.request(stranger, &path.unknown, seed).await;
                    compared += 1;
                    let (shown, hidden) = (told(&known, &path.named), told(&unknown, &path.nobodys));
                    if shown != hidden {
                        faults.push(format!("{what}: {shown:?}\n  {hidden:?}"));
                    }
                    if !operation.is_write() && seed == 0 {
                        let head = async |path: &str| stranger.client.request("HEAD", path).await;
                        let (shown, hidden) = (head(&path.known).await, head(&path.unknown).await);
                        let (shown, hidden) = (told(&shown, &path.named), told(&hidden, &path.nobodys));
                        if shown != hidden {
                            faults.push(format!("HEAD {what}: {shown:?}\n  {hidden:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} of {compared}:\n{}", faults.len(), faults.join("\n"));
    assert!(compared > 1000, "{compared}");
    world.is_unchanged(&app).await;
}
