//! Tenant A, with one of everything that an operation's path can name.

use duijie::jobs;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{day, instant, need, offer, path, with};
use crate::support::{Client, Member, Pkce, TestApp, id};

/// Who else sees an object.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sight {
    Everybody,
    Accounts,
    Verified,
    /// Nobody but those it belongs to, and those who answer for the platform.
    Members,
}

#[derive(Clone)]
struct Object {
    name: &'static str,
    id: String,
    sight: Sight,
    version: Option<&'static str>,
}

/// One way to name an object of tenant A in a path, and the same with one that nobody has.
pub struct Named {
    pub object: String,
    pub sight: Sight,
    pub known: String,
    pub unknown: String,
    /// The part in which the two differ.
    pub named: String,
    pub nobodys: String,
    /// The object is named below another, which is there.
    pub nested: bool,
}

pub struct World {
    /// By what stands before the first parameter of a path.
    objects: Vec<(&'static str, Vec<Object>)>,
    /// By the name of a parameter that follows.
    below: Vec<(&'static str, Uuid)>,
    built_at: String,
    pub hidden: Uuid,
    pub file: Uuid,
    pub person: Uuid,
}

fn object(name: &'static str, id: impl ToString, sight: Sight) -> Object {
    Object { name, id: id.to_string(), sight, version: None }
}

async fn first(client: &Client, path: &str) -> Uuid {
    let page = client.get(path).await.expect(200).json();
    id(page["items"].as_array().unwrap().first().unwrap_or_else(|| panic!("{path}: {page}")))
}

async fn follow(app: &TestApp) {
    for _ in 0..2 {
        jobs::sequence(app.inner()).await.unwrap();
        jobs::write_matches(app.inner()).await.unwrap();
    }
}

async fn file(owner: &Member) -> Uuid {
    let request = owner.post(&format!("{}/files", owner.enterprise_path()));
    id(&request.header("content-type", "application/octet-stream").body("%PDF-1.7 licence").await.expect(201).json())
}

/// What a stranger has of the kinds below which something else is named.
pub async fn own(member: &Member) -> Vec<(&'static str, Uuid)> {
    let (listing, app) = (member.draft(need()).await, member.register(json!({})).await);
    let endpoint = member.endpoint(json!({})).await;
    vec![
        ("/v1/enterprises/", member.enterprise_id()),
        ("/v1/listings/", id(&listing)),
        ("/v1/apps/", id(&app)),
        ("/v1/webhook-endpoints/", id(&endpoint)),
    ]
}

/// A listing in each state, and seen by each circle.
async fn listings(app: &TestApp, owner: &Member, moderator: &Member) -> Vec<Object> {
    let decide = async |listing: &Value, action: &str| {
        let at = format!("/v1/admin/listings/{}/{action}", id(listing));
        let grounds = json!({"reasons": ["duplicate"]});
        moderator.post(&at).if_match("*").json(grounds).await.expect(200);
    };
    let publish = json!({"publish": true});
    let (waiting, rejected) =
        (owner.draft(with(&offer(), publish.clone())).await, owner.draft(with(&offer(), publish)).await);
    assert_eq!(waiting["status"], "pending_review");
    decide(&rejected, "reject").await;
    let suspended = owner.publish(need()).await;
    decide(&suspended, "suspend").await;
    let withdrawn = owner.publish(need()).await;
    owner.act(&withdrawn, "withdraw").await.expect(200);
    let closed = owner.publish(need()).await;
    let outcome = json!({"outcome": "met_elsewhere"});
    owner.post(&format!("{}/close", path(&closed))).if_match("*").json(outcome).await.expect(200);
    let expired = owner.publish(with(&need(), json!({"valid_until": instant(1000)}))).await;
    let seen_by = async |circle: &str| owner.publish(with(&need(), json!({"visibility": circle}))).await;
    let (verified, invited) = (seen_by("verified").await, seen_by("invited").await);
    let of_suspended = app.member("suspended").await;
    let orphan = of_suspended.publish(need()).await;
    let at = format!("/v1/admin/enterprises/{}/suspend", of_suspended.enterprise_id());
    let why = json!({"reason_code": "complaints", "reason": "as it was found"});
    moderator.post(&at).if_match("*").json(why).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(1000)).await;
    vec![
        object("a listing that waits", id(&waiting), Sight::Members),
        object("a rejected listing", id(&rejected), Sight::Members),
        object("a suspended listing", id(&suspended), Sight::Members),
        object("a withdrawn listing", id(&withdrawn), Sight::Members),
        object("a closed listing", id(&closed), Sight::Members),
        object("an expired listing", id(&expired), Sight::Members),
        object("a listing for the invited", id(&invited), Sight::Members),
        object("a listing of a suspended enterprise", id(&orphan), Sight::Members),
        object("a listing for verified enterprises", id(&verified), Sight::Verified),
    ]
}

impl World {
    pub async fn build(app: &TestApp) -> World {
        let (owner, moderator) = (app.member("owner").await, app.admin().await);
        let partner = app.verified("partner").await;
        let kind = json!({"organization_type": "association"});
        partner.patch(&partner.enterprise_path()).if_match("*").merge_patch(kind).await.expect(200);
        let at = owner.enterprise_path();
        let post = async |path: String, body: Value| owner.post(&path).json(body).await.expect(201).json();

        let marked = json!({"description": "详询电话 13800138000"});
        let listing = owner.publish(with(&need(), marked)).await;
        let hidden = owner.draft(need()).await;
        follow(app).await;
        partner.publish(offer()).await;
        follow(app).await;
        jobs::screen(app.inner()).await.unwrap();
        let flag = first(&owner, &format!("{}/flags", path(&listing))).await;
        let bundle = post(format!("{}/bundles", path(&listing)), json!({"objective": "cheapest"})).await;
        let asked = json!({"enterprise_id": partner.enterprise_id(), "message": "请联系"});
        let asking = format!("{}/contact-requests", path(&listing));
        let request = partner.post(&asking).json(asked).await.expect(201).json();
        let said = json!({"reason": "price"});
        let report = partner.post(&format!("{}/reports", path(&listing))).json(said).await.expect(201).json();

        let mut others = listings(app, &owner, &moderator).await;
        let rejected = others.iter().find(|one| one.name == "a rejected listing").unwrap().id.clone();
        let appeal = post(format!("/v1/listings/{rejected}/appeals"), json!({"text": "请再看一次"})).await;
        others.push(object("a published listing", id(&listing), Sight::Everybody));
        others.push(object("a draft", id(&hidden), Sight::Members));

        let person = app.account("person").await;
        let joins = "INSERT INTO memberships VALUES";
        let sql = format!("{joins} ('{}', '{}', 'viewer', now())", person.account_id, owner.enterprise_id());
        app.database.execute(&sql).await;
        let file = file(&owner).await;
        let stated = json!({"scheme": "iso9001", "number": "1", "issuer": "x", "valid_to": day(90)});
        let credential = post(format!("{at}/credentials"), stated).await;
        let verification = post(format!("{at}/verifications"), json!({"method": "licence", "evidence": [file]})).await;
        let invited = json!({"email": "invited@example.cn", "role": "viewer"});
        let invitation = post(format!("{at}/invitations"), invited).await;
        let given = json!({"association_id": partner.enterprise_id(), "scopes": ["post"]});
        let mandate = post(format!("{at}/mandates"), given).await;
        let registered = owner.register(json!({})).await;
        let key = owner.key(&registered, json!({})).await;
        let endpoint = owner.endpoint(json!({})).await;
        let delivery = owner.test_endpoint(&endpoint).await;
        let theirs = partner.register(json!({})).await;
        owner.agree(&theirs, &Pkce::new(), json!({})).await;
        let code = "/v1/admin/uscc-exceptions/914103007084611361";
        moderator.request("PUT", code).json(json!({"reason": "seen"})).await.expect(204);

        use Sight::{Accounts, Members};
        let enterprises = vec![
            object("an enterprise", owner.enterprise_id(), Accounts),
            object("a verified enterprise", partner.enterprise_id(), Accounts),
        ];
        let one = |name, thing: &Value| vec![object(name, id(thing), Members)];
        let found = |name, id: Uuid| vec![object(name, id, Members)];
        let value =
            |name, id: &str, other: &'static str| vec![Object { version: Some(other), ..object(name, id, Members) }];
        let (row, notification) = (first(&owner, "/v1/matches").await, first(&owner, "/v1/notifications").await);
        let objects = vec![
            ("/v1/enterprises/", enterprises.clone()),
            ("/v1/admin/enterprises/", enterprises),
            ("/v1/listings/", others.clone()),
            ("/v1/admin/listings/", others),
            ("/v1/admin/accounts/", found("an account", owner.account_id)),
            ("/v1/sessions/", found("a session", first(&owner, "/v1/sessions").await)),
            ("/v1/matches/", found("a match", row)),
            ("/v1/contact-requests/", one("a contact request", &request)),
            ("/v1/notifications/", found("a notification", notification)),
            ("/v1/bundles/", one("a bundle", &bundle)),
            ("/v1/admin/credentials/", one("a credential", &credential)),
            ("/v1/apps/", one("an app", &registered)),
            ("/v1/webhook-endpoints/", one("an endpoint", &endpoint)),
            ("/v1/admin/apps/", one("an app", &registered)),
            (
                "/v1/accounts/me/authorizations/",
                found("an agreement", first(&owner, "/v1/accounts/me/authorizations").await),
            ),
            ("/v1/admin/verifications/", one("an application", &verification)),
            ("/v1/files/", found("a file", file)),
            ("/v1/admin/appeals/", one("an appeal", &appeal)),
            ("/v1/admin/reports/", one("a report", &report)),
            ("/v1/admin/uscc-exceptions/", value("an excepted code", "914103007084611361", "914103007084611362")),
            ("/v1/admin/matching-policies/", value("a version of the policy", "1", "9")),
            ("/v1/admin/briefs/", value("a day's figures", &day(-1).to_string(), "2026-01-01")),
        ];
        let below = vec![
            ("{account_id}", person.account_id),
            ("{invitation_id}", id(&invitation)),
            ("{mandate_id}", id(&mandate)),
            ("{verification_id}", id(&verification)),
            ("{key_id}", id(&key)),
            ("{delivery_id}", id(&delivery)),
            ("{flag}", flag),
            ("{other}", partner.enterprise_id()),
        ];
        let built_at = app.database.value("SELECT now()::text").await;
        World { objects, below, hidden: id(&hidden), file, person: person.account_id, built_at }
    }

    /// All ways in which a path can name something of tenant A; `own` is what the caller has.
    pub fn paths(&self, template: &'static str, own: &[(&'static str, Uuid)]) -> Vec<Named> {
        let (head, rest) = template.split_once('{').unwrap();
        let (_, rest) = rest.split_once('}').unwrap();
        let objects = self.objects.iter().find(|(of, _)| *of == head).map(|(_, objects)| objects);
        let objects = objects.unwrap_or_else(|| panic!("this test has nothing for {template}"));
        let below = rest.find('{').map(|at| &rest[at..=rest.find('}').unwrap()]);
        let inner = below.map(|name| {
            let known = self.below.iter().find(|(of, _)| *of == name);
            known.unwrap_or_else(|| panic!("this test has nothing for {name} of {template}")).1.to_string()
        });
        let filled = |outer: &str, inner: &str| format!("{head}{outer}{}", rest.replace(below.unwrap_or("{}"), inner));
        let (known, nobody) = (inner.clone().unwrap_or_default(), Uuid::now_v7().to_string());
        let mut paths = Vec::new();
        for object in objects {
            let unknown = object.version.map_or_else(|| nobody.clone(), str::to_owned);
            paths.push(Named {
                object: object.name.to_owned(),
                sight: object.sight,
                known: filled(&object.id, &known),
                unknown: filled(&unknown, &known),
                named: object.id.clone(),
                nobodys: unknown,
                nested: false,
            });
            if below.is_some() && object.sight != Sight::Members {
                paths.push(nested(object.name, object.sight, &object.id, &known, &nobody, filled));
            }
        }
        // Another's thing, below one's own; whom an enterprise blocks or deals with is another by its nature.
        let mine = own.iter().find(|(of, _)| *of == head).filter(|_| below.is_some_and(|name| name != "{other}"));
        if let Some((_, mine)) = mine {
            paths.push(nested("one's own", Sight::Members, &mine.to_string(), &known, &nobody, filled));
        }
        paths
    }

    /// Nothing that was tried had an effect on what tenant A has.
    pub async fn is_unchanged(&self, app: &TestApp) {
        app.sequence().await;
        let acts = format!(
            "SELECT coalesce(string_agg(DISTINCT type, ' '), '') FROM events WHERE at > '{}'
                AND type NOT IN ('contact_request.created', 'listing_report.created', 'session.created',
                    'account.created', 'enterprise.created', 'listing.created', 'app.created', 'app.key_created',
                    'webhook_endpoint.created')",
            self.built_at
        );
        assert_eq!(app.database.value(&acts).await, "");
    }
}

fn nested(
    of: &str,
    sight: Sight,
    outer: &str,
    inner: &str,
    nobody: &str,
    filled: impl Fn(&str, &str) -> String,
) -> Named {
    Named {
        object: format!("below {of}"),
        sight,
        known: filled(outer, inner),
        unknown: filled(outer, nobody),
        named: inner.to_owned(),
        nobodys: nobody.to_owned(),
        nested: true,
    }
}
