//! Every operation of the OpenAPI document, called by everybody: what each is answered follows from the table of
//! `domain::access`, and an operation this test does not know how to call fails it.

use duijie::domain::access::{self, Rule, Scope, Who};
use duijie::domain::enterprise::MemberRole;
use duijie::domain::platform::PlatformRole;
use duijie::jobs;
use serde_json::{Value, json};
use strum::VariantArray;
use uuid::Uuid;

use crate::support::market::{day, need, offer};
use crate::support::{Client, Member, Response, TestApp, document, id};

struct Operation {
    rule: &'static Rule,
    method: String,
    path: String,
    body: Option<Value>,
}

fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            let rule = access::rule(name).unwrap_or_else(|| panic!("the table of access has no row for {name}"));
            let body = operation.get("requestBody").map(|body| example(&body["content"]));
            found.push(Operation { rule, method: method.to_uppercase(), path: path.clone(), body });
        }
    }
    found
}

fn example(content: &Value) -> Value {
    let media = &content["application/json"];
    let name = media["schema"]["$ref"].as_str().and_then(|target| target.rsplit('/').next()).unwrap_or_default();
    let schema = &document()["components"]["schemas"][name];
    let given = [&media["example"], &schema["example"], &schema["examples"][0]];
    given.into_iter().find(|value| !value.is_null()).cloned().unwrap_or_else(|| json!({}))
}

/// Things of an enterprise whose members all roles have.
struct World {
    enterprise: Uuid,
    other: Uuid,
    listing: Uuid,
    hidden: Uuid,
    row: Uuid,
    notification: Uuid,
    bundle: Uuid,
    credential: Uuid,
    app: Uuid,
    key: Uuid,
    endpoint: Uuid,
    delivery: Uuid,
    verification: Uuid,
    file: Uuid,
    /// An account of somebody who acts for nobody.
    person: Uuid,
    contact_request: Uuid,
}

impl World {
    /// Where an operation finds its object; with `hidden`, one the public does not see, where there is such a thing.
    fn target(&self, operation: &Operation, hidden: bool) -> String {
        let path = operation.path.as_str();
        let listing = if hidden { self.hidden } else { self.listing };
        let object = match path {
            _ if !path.contains('{') => String::new(),
            _ if path.starts_with("/v1/enterprises/") || path.starts_with("/v1/admin/enterprises/") => {
                self.enterprise.to_string()
            }
            _ if path.starts_with("/v1/listings/") || path.starts_with("/v1/admin/listings/") => listing.to_string(),
            _ if path.starts_with("/v1/admin/accounts/") => self.person.to_string(),
            // Nobody's.
            "/v1/sessions/{id}" => Uuid::nil().to_string(),
            _ if path.starts_with("/v1/matches/") => self.row.to_string(),
            _ if path.starts_with("/v1/contact-requests/") => self.contact_request.to_string(),
            _ if path.starts_with("/v1/notifications/") => self.notification.to_string(),
            _ if path.starts_with("/v1/bundles/") => self.bundle.to_string(),
            _ if path.starts_with("/v1/admin/credentials/") => self.credential.to_string(),
            _ if path.starts_with("/v1/apps/") || path.starts_with("/v1/admin/apps/") => self.app.to_string(),
            _ if path.starts_with("/v1/webhook-endpoints/") => self.endpoint.to_string(),
            "/v1/accounts/me/authorizations/{id}" => Uuid::now_v7().to_string(),
            _ if path.starts_with("/v1/admin/verifications/") => self.verification.to_string(),
            _ if path.starts_with("/v1/files/") => self.file.to_string(),
            "/v1/admin/uscc-exceptions/{uscc}" => "914103007084611361".to_owned(),
            "/v1/admin/matching-policies/{version}" => "1".to_owned(),
            _ if path.starts_with("/v1/admin/appeals/") || path.starts_with("/v1/admin/reports/") => {
                self.other.to_string()
            }
            _ if path.starts_with("/v1/admin/briefs/") => day(-1).to_string(),
            "/v1/reference/kinds/{kind}" => "ppe".to_owned(),
            _ => panic!("this test does not know what {} {path} is about", operation.method),
        };
        let query = match operation.rule.operation {
            "list_bundles" => format!("?listing_id={listing}"),
            "preview_authorization" => {
                format!("?client_id={}&redirect_uri=https://erp.example/callback&scope=listings:read", self.app)
            }
            "suggest_categories" => "?q=mask".to_owned(),
            "list_brief_rows" => "?figure=listings".to_owned(),
            _ => String::new(),
        };
        let path = path.replace("{other}", &self.other.to_string()).replace("{key_id}", &self.key.to_string());
        let path = path.replace("{delivery_id}", &self.delivery.to_string());
        let path = path.replace("{verification_id}", &self.verification.to_string());
        let path = path.replace("{mandate_id}", &Uuid::nil().to_string()).replace("{flag}", &self.other.to_string());
        // Nobody's: who may not ask is told so before.
        let path =
            path.replace("{account_id}", &Uuid::nil().to_string()).replace("{invitation_id}", &Uuid::nil().to_string());
        let parameter = path.find('{').zip(path.find('}'));
        let filled = parameter.map_or(path.clone(), |(a, b)| format!("{}{object}{}", &path[..a], &path[b + 1..]));
        format!("{filled}{query}")
    }

    async fn call(&self, client: &Client, operation: &Operation, hidden: bool) -> Response {
        // A listing taken off the market would be hidden from those who come after.
        let version = if operation.rule.operation == "suspend_listing" { "\"999\"" } else { "*" };
        let request = client.request(&operation.method, &self.target(operation, hidden)).if_match(version);
        let Some(mut body) = operation.body.clone() else { return request.await };
        if operation.rule.operation == "create_file" {
            return request.header("content-type", "application/octet-stream").body("%PDF-1.7 example").await;
        }
        let for_enterprise = [
            "create_listing",
            "understand_message",
            "preview_matches",
            "create_contact_request",
            "create_app",
            "create_webhook_endpoint",
        ];
        if for_enterprise.contains(&operation.rule.operation) {
            body["enterprise_id"] = json!(self.enterprise);
        }
        if operation.rule.operation == "create_listings" {
            body = json!({"listings": [{"side": "need", "title": "口罩", "enterprise_id": self.enterprise}]});
        }
        request.json(body).await
    }
}

async fn follow(app: &TestApp) {
    for _ in 0..2 {
        jobs::sequence(app.inner()).await.unwrap();
        jobs::write_matches(app.inner()).await.unwrap();
    }
}

async fn first(client: &Client, path: &str) -> Uuid {
    let page = client.get(path).await.expect(200).json();
    id(page["items"].as_array().unwrap().last().unwrap_or_else(|| panic!("{path}: {page}")))
}

/// The world, and its owner.
async fn world(app: &TestApp) -> (World, Member) {
    let (owner, other) = (app.member("owner").await, app.member("other").await);
    let listing = owner.publish(need()).await;
    let hidden = owner.draft(need()).await;
    follow(app).await;
    other.publish(offer()).await;
    follow(app).await;
    let bundles = format!("/v1/listings/{}/bundles", id(&listing));
    let bundle = owner.post(&bundles).json(json!({"objective": "cheapest"})).await.expect(201).json();
    let stated = json!({"scheme": "medical_device_registration", "number": "豫械注准20202140123", "issuer": "河南省药品监督管理局",
        "valid_to": day(90), "covers": ["ppe.mask"]});
    let credentials = format!("{}/credentials", owner.enterprise_path());
    let credential = owner.post(&credentials).json(stated).await.expect(201).json();
    let client = owner.register(json!({})).await;
    let key = owner.key(&client, json!({})).await;
    let endpoint = owner.endpoint(json!({})).await;
    let delivery = owner.test_endpoint(&endpoint).await;
    let files = format!("{}/files", owner.enterprise_path());
    let file = owner.post(&files).header("content-type", "application/octet-stream").body("%PDF-1.7 licence").await;
    let file = id(&file.expect(201).json());
    let verifications = format!("{}/verifications", owner.enterprise_path());
    let application = json!({"method": "licence", "evidence": [file]});
    let verification = owner.post(&verifications).json(application).await.expect(201).json();
    let asking = format!("/v1/listings/{}/contact-requests", id(&listing));
    let asked = json!({"enterprise_id": other.enterprise_id(), "message": "请联系"});
    let request = other.post(&asking).json(asked).await.expect(201).json();
    let world = World {
        enterprise: owner.enterprise_id(),
        other: other.enterprise_id(),
        listing: id(&listing),
        hidden: id(&hidden),
        row: first(&owner, "/v1/matches").await,
        notification: first(&owner, "/v1/notifications").await,
        bundle: id(&bundle),
        credential: id(&credential),
        app: id(&client),
        key: id(&key),
        endpoint: id(&endpoint),
        delivery: id(&delivery),
        verification: id(&verification),
        file,
        person: app.account("person").await.account_id,
        contact_request: id(&request),
    };
    (world, owner)
}

/// Members of the enterprise, one of each role.
async fn members(app: &TestApp, owner: Member) -> Vec<(MemberRole, Member)> {
    let mut members = vec![(MemberRole::Owner, owner)];
    for role in &MemberRole::VARIANTS[1..] {
        let name = <&str>::from(*role);
        let member = app.account(name).await;
        let enterprise = members[0].1.enterprise_id();
        let sql = format!("INSERT INTO memberships VALUES ('{}', '{enterprise}', '{name}', now())", member.account_id);
        app.database.execute(&sql).await;
        members.push((*role, member));
    }
    members
}

/// Operations that end what the rest of the test needs, or make the caller somebody else.
const LAST: &[&str] = &[
    "close_listing",
    "withdraw_listing",
    "delete_bundle",
    "revoke_app_key",
    "delete_webhook_endpoint",
    "delete_app",
    "suspend_enterprise",
    "restore_enterprise",
    "merge_enterprise",
    "close_enterprise",
    "leave_enterprise",
    "delete_own_session",
];

fn in_order() -> Vec<Operation> {
    let mut all = operations();
    all.sort_by_key(|operation| LAST.iter().position(|name| *name == operation.rule.operation).map_or(0, |at| at + 1));
    all
}

fn refused(response: &Response) -> bool {
    response.status == 401 || response.status == 403
}

/// What may be asked without an account may be asked; everything else is 401 before anything is looked at.
#[tokio::test]
async fn without_credentials() {
    let app = TestApp::start().await;
    let (world, _) = world(&app).await;
    for operation in in_order() {
        let response = world.call(&app.anonymous(), &operation, false).await;
        match operation.rule.who {
            // Examples need not be anybody's.
            Who::Anyone if response.status == 401 => {
                let code = response.json()["code"].clone();
                let known = ["credentials_invalid", "refresh_token_invalid", "code_invalid", "ticket_invalid"];
                assert!(known.iter().any(|known| code == *known), "{}", response.shown());
            }
            Who::Anyone => assert!(!refused(&response), "{}", response.shown()),
            _ => drop(response.problem(401, "token_required")),
        }
    }
}

/// Another tenant writes to nothing of theirs, and reads nothing but what is public; of what is hidden it learns nothing.
#[tokio::test]
async fn another_tenant() {
    let app = TestApp::start().await;
    let (world, _) = world(&app).await;
    let stranger = app.member("stranger").await;
    for operation in in_order() {
        let shown = world.call(&stranger, &operation, false).await;
        match operation.rule.who {
            Who::Anyone | Who::Account => assert!(shown.status != 403, "{}", shown.shown()),
            Who::Members(_) => assert!(matches!(shown.status, 403 | 404), "{}", shown.shown()),
            Who::Platform(_) => drop(shown.problem(403, operation.rule.refusal())),
        }
        if operation.rule.operation == "delete_own_session" || !operation.path.starts_with("/v1/listings/{id}") {
            continue;
        }
        let nowhere = World { hidden: Uuid::now_v7(), ..world };
        let (hidden, unknown) =
            (world.call(&stranger, &operation, true).await, nowhere.call(&stranger, &operation, true).await);
        assert_eq!(hidden.status, 404, "{}", hidden.shown());
        let told = |response: &Response| {
            let mut body = response.json();
            body["request_id"] = Value::Null;
            body["instance"] = Value::Null;
            body
        };
        assert_eq!(told(&hidden), told(&unknown));
    }
}

/// Each role in the enterprise may do what the table says, and nothing else.
#[tokio::test]
async fn members_by_role() {
    let app = TestApp::start().await;
    let (world, owner) = world(&app).await;
    let mut members = members(&app, owner).await;
    members.reverse();
    for operation in in_order() {
        for (role, member) in &members {
            let response = world.call(member, &operation, false).await;
            match operation.rule.who {
                Who::Anyone | Who::Account => assert!(response.status != 403, "{}", response.shown()),
                Who::Members(roles) if roles.contains(role) => {
                    assert!(!refused(&response), "{role:?}: {}", response.shown());
                }
                _ => assert_eq!(response.status, 403, "{role:?}: {}", response.shown()),
            }
        }
    }
}

/// A role of the platform opens what the table says, in its region; it is no membership.
#[tokio::test]
async fn people_of_the_platform() {
    let app = TestApp::start().await;
    let (world, _) = world(&app).await;
    for role in PlatformRole::VARIANTS {
        let name = <&str>::from(*role);
        let everywhere = app.official(name, name, "").await;
        let elsewhere = app.official(&format!("{name}-elsewhere"), name, "650000").await;
        for operation in in_order() {
            let response = world.call(&everywhere, &operation, false).await;
            match operation.rule.who {
                Who::Platform(roles) if roles.contains(role) => {
                    assert!(!refused(&response), "{name}: {}", response.shown());
                    // Lists hold what lies in the region: they may be empty.
                    let there = world.call(&elsewhere, &operation, false).await;
                    // Several decisions are refused one by one.
                    let several = operation.rule.operation == "decide_listings";
                    let about = operation.path.contains('{') || operation.method != "GET" && !several;
                    // Accounts elsewhere are not seen; who has an address may be asked from everywhere.
                    let unseen = operation.path.starts_with("/v1/admin/accounts/{id}") && there.status == 404;
                    let about = about && operation.rule.operation != "search_accounts";
                    assert!(there.status == 403 || unseen || !about, "{name}: {}", there.shown());
                }
                Who::Platform(_) => drop(response.problem(403, operation.rule.refusal())),
                Who::Members(_) => assert!(matches!(response.status, 403 | 404), "{name}: {}", response.shown()),
                Who::Anyone | Who::Account => assert!(response.status != 403, "{name}: {}", response.shown()),
            }
        }
    }
}

/// An app needs the scope of the operation, and there are operations that no app may call, whoever it acts for.
#[tokio::test]
async fn apps_by_scope() {
    let app = TestApp::start().await;
    let (world, owner) = world(&app).await;
    let client = owner.register(json!({"scopes": Scope::VARIANTS.iter().map(<&str>::from).collect::<Vec<_>>()})).await;
    let key = owner.key(&client, json!({})).await;
    let with = async |scopes: &[&str]| app.anonymous().with_token(&app.app_token(&client, &key, scopes).await);
    let all: Vec<&str> = Scope::VARIANTS.iter().map(<&str>::from).collect();
    let able = with(&all).await;
    for operation in in_order() {
        let Some(scope) = operation.rule.scope else {
            let response = world.call(&able, &operation, false).await;
            match operation.rule.who {
                Who::Anyone => assert!(response.status != 403, "{}", response.shown()),
                _ => drop(response.problem(403, "no_app")),
            }
            continue;
        };
        let scope = <&str>::from(scope);
        let others: Vec<&str> = all.iter().copied().filter(|other| *other != scope).collect();
        let refused = world.call(&with(&others).await, &operation, false).await;
        assert_eq!(
            refused.header("www-authenticate"),
            format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")
        );
        refused.problem(403, "insufficient_scope");
        let response = world.call(&able, &operation, false).await;
        let trader = match operation.rule.who {
            Who::Members(roles) => roles.contains(&MemberRole::Trader),
            Who::Platform(_) => false,
            Who::Anyone | Who::Account => true,
        };
        assert_eq!(response.status == 403, !trader, "{}", response.shown());
    }
}
