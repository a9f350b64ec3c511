//! Every decision can be explained from what is stored: of each kind there is, by whom, when, why, by which policy and on what
//! evidence it was made, for those who moderate; the same but by whom, for those it was about.

use duijie::domain::credential::CredentialStatus;
use duijie::domain::moderation::{AppealStatus, ModerationDecision};
use duijie::domain::report::ReportStatus;
use duijie::domain::verification::DecisionAction;
use serde_json::{Value, json};
use strum::VariantArray;
use uuid::Uuid;

use crate::support::market::{day, need, offer, path, with};
use crate::support::{Client, Member, TestApp, id, uscc};

/// What is read back of a decision.
struct Told {
    kind: String,
    /// As those who moderate read it, and the party it was about.
    moderator: Value,
    party: Value,
    /// By whom; none: by a rule.
    by: Option<Uuid>,
}

impl Told {
    /// The party reads what moderators read, and nowhere who it was.
    fn check(&self, when: &str, shared: &[&str], evidence: &str) {
        let Told { kind, moderator, party, by } = self;
        assert_eq!(
            moderator.get("decided_by").or(moderator.get("resolved_by")),
            by.map(|by| json!(by)).as_ref(),
            "{kind}: {moderator}"
        );
        assert!(moderator[when].is_string(), "{kind}: {moderator}");
        for field in shared {
            assert!(!moderator[field].is_null(), "{kind} says no {field}: {moderator}");
            assert_eq!(party[field], moderator[field], "{kind}, {field}: {party}");
        }
        assert!(!moderator[evidence].is_null() && moderator[evidence] != json!([]), "{kind}, {evidence}: {moderator}");
        if let Some(by) = by {
            assert!(!party.to_string().contains(&by.to_string()), "{kind} is told by whom: {party}");
        }
    }
}

fn all<T: VariantArray + Copy>(but: &[&str]) -> Vec<String>
where
    &'static str: From<T>,
{
    let names = T::VARIANTS.iter().map(|one| <&str>::from(*one));
    let mut names: Vec<String> = names.filter(|name| !but.contains(name)).map(str::to_owned).collect();
    names.sort();
    names
}

fn kinds(told: &[Told]) -> Vec<String> {
    let mut kinds: Vec<String> = told.iter().map(|one| one.kind.clone()).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

async fn read(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200).json()
}

fn find(items: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    let found = items.as_array().unwrap().iter().find(|item| wanted(item));
    found.unwrap_or_else(|| panic!("not among {items}")).clone()
}

async fn decide(moderator: &Member, listing: &Value, action: &str, grounds: Value) {
    let at = format!("/v1/admin/listings/{}/{action}", id(listing));
    moderator.post(&at).if_match("*").json(grounds).await.expect(200);
}

/// The newest decision on a listing, as either side reads it.
async fn newest(moderator: &Member, poster: &Member, listing: &Value, kind: &str, by: Option<Uuid>) -> Told {
    let case = read(moderator, &format!("/v1/admin/listings/{}/moderation", id(listing))).await;
    let party = read(poster, &path(listing)).await["moderation"].clone();
    assert_eq!(party["state"], kind, "{party}");
    let mut record = find(&case["decisions"], |record| record["decision"] == kind);
    assert_eq!(record["decided_at"], party["at"]);
    record["at"] = record["decided_at"].clone();
    Told { kind: kind.to_owned(), moderator: record, party, by }
}

/// One listing through all that may become of it, screened before a moderator looks at it.
#[tokio::test]
async fn what_became_of_a_listing() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "review").start().await;
    let (poster, moderator) = (app.member("poster").await, app.official("moderator", "moderator", "").await);
    let second = app.official("second", "moderator", "").await;
    let policy = json!({"reason": "calm", "values": {"rules": [{"category": "labor", "review": true}]}});
    app.admin().await.post("/v1/admin/moderation-policies").if_match("\"0\"").json(policy).await.expect(201);
    let text = json!({"description": "详询电话 13800138000", "publish": true});
    let listing = poster.draft(with(&offer(), text)).await;
    let mut told = vec![newest(&moderator, &poster, &listing, "held", None).await];
    app.sequence().await;
    duijie::jobs::screen(app.inner()).await.unwrap();
    let grounds = json!({"reasons": ["contact_in_text"], "note": "请删去电话"});
    let who = Some(moderator.account_id);
    for (action, kind) in [("request-changes", "changes_requested"), ("reject", "rejected")] {
        decide(&moderator, &listing, action, grounds.clone()).await;
        told.push(newest(&moderator, &poster, &listing, kind, who).await);
        if kind == "changes_requested" {
            poster.act(&listing, "publish").await.expect(200);
        }
    }
    let appeal = async |text: &str, verb: &str| {
        let made = poster.post(&format!("{}/appeals", path(&listing))).json(json!({"text": text})).await;
        let made = made.expect(201).json();
        let note = json!({"note": "已核对"});
        second.post(&format!("/v1/admin/appeals/{}/{verb}", id(&made))).json(note).await.expect(200);
        let case = read(&moderator, &format!("/v1/admin/listings/{}/moderation", id(&listing))).await;
        find(&case["appeals"], |one| one["id"] == made["id"])
    };
    let granted = appeal("电话是总机", "grant").await;
    let restored = newest(&moderator, &poster, &listing, "restored", Some(second.account_id)).await;
    assert_eq!(restored.moderator["appeal_id"], granted["id"], "on what it rests");
    told.push(restored);
    decide(&moderator, &listing, "suspend", grounds.clone()).await;
    told.push(newest(&moderator, &poster, &listing, "suspended", who).await);
    let denied = appeal("不服", "deny").await;
    let approved = poster.draft(with(&need(), json!({"publish": true}))).await;
    decide(&moderator, &approved, "approve", json!({"note": "已核对"})).await;
    told.push(newest(&moderator, &poster, &approved, "approved", who).await);

    assert_eq!(kinds(&told), all::<ModerationDecision>(&[]), "a decision this test does not make");
    for one in &told {
        let why: &[&str] = match one.kind.as_str() {
            "held" => &["at", "waits_because", "policy_version", "listing_version"],
            "approved" | "restored" => &["at", "note", "policy_version", "listing_version"],
            _ => &["at", "reasons", "note", "policy_version", "listing_version"],
        };
        one.check("decided_at", why, "terms");
        assert_eq!(one.moderator["policy_version"], 1, "{}", one.moderator);
    }
    let seen = told.iter().find(|one| one.kind == "rejected").unwrap();
    assert_eq!(seen.moderator["flags"], json!(["contact_in_text"]), "what the program had noticed");

    let mut appeals = Vec::new();
    for (kind, moderator) in [("granted", granted), ("denied", denied)] {
        let shown = read(&poster, &path(&listing)).await["moderation"]["appeal"].clone();
        // Of a granted one the restored listing tells.
        let party = if kind == "denied" { shown } else { with(&moderator, json!({"decided_by": null})) };
        appeals.push(Told { kind: kind.to_owned(), moderator, party, by: Some(second.account_id) });
    }
    assert_eq!(kinds(&appeals), all::<AppealStatus>(&["open"]), "an end of appeals this test does not make");
    appeals.iter().for_each(|one| one.check("decided_at", &["status", "text", "note", "decided_at"], "text"));
}

/// The program raises and clears flags by itself: by which thresholds, and for which version of the listing.
#[tokio::test]
async fn what_the_program_noticed() {
    let app = TestApp::start().await;
    let (poster, moderator) = (app.member("poster").await, app.official("moderator", "moderator", "").await);
    let screen = async || {
        app.sequence().await;
        duijie::jobs::screen(app.inner()).await.unwrap();
        app.sequence().await;
    };
    let listing = poster.publish(with(&need(), json!({"description": "详询电话 13800138000"}))).await;
    screen().await;
    let flags = format!("{}/flags", path(&listing));
    let (own, full) =
        (read(&poster, &flags).await["items"][0].clone(), read(&moderator, &flags).await["items"][0].clone());
    let raised = Told { kind: "raised".to_owned(), moderator: full, party: own, by: None };
    raised.check(
        "raised_at",
        &["code", "text", "raised_at", "listing_version", "policy_version", "evidence"],
        "evidence",
    );
    poster.patch(&path(&listing)).if_match("*").merge_patch(json!({"description": "整箱"})).await.expect(200);
    screen().await;
    let full = read(&moderator, &flags).await["items"][0].clone();
    assert_eq!((&full["cleared_version"], &full["cleared_policy_version"]), (&json!(3), &json!(0)));
    assert!(full["cleared_at"].is_string(), "{full}");
    let audit = read(&poster, &format!("{}/audit", poster.enterprise_path())).await;
    let cleared = find(&audit["items"], |entry| entry["type"] == "listing_flag.cleared");
    assert_eq!(cleared["before"]["code"], "contact_in_text", "{cleared}");
    assert_eq!(cleared["after"]["cleared"]["listing_version"], 3);
    assert_eq!(cleared["after"]["cleared"]["at"], full["cleared_at"]);
}

fn why(code: &str) -> Value {
    json!({"reason_code": code, "reason": "as it was found"})
}

/// The newest decision on an enterprise's standing, as either side reads it.
async fn standing(admin: &Member, owner: &Member, kind: &str, by: Option<Uuid>) -> Told {
    let of = owner.enterprise_id();
    let full = read(admin, &format!("/v1/admin/enterprises/{of}/decisions")).await["items"][0].clone();
    let party = read(owner, &format!("/v1/enterprises/{of}/decisions")).await["items"][0].clone();
    assert_eq!(full["action"], kind, "{full}");
    Told { kind: kind.to_owned(), moderator: full, party, by }
}

async fn apply(owner: &Member, body: Value) -> Value {
    let files = format!("{}/files", owner.enterprise_path());
    let file = owner.post(&files).header("content-type", "application/octet-stream").body("%PDF-1.7 licence").await;
    let body = with(&body, json!({"evidence": [id(&file.json())]}));
    owner.post(&format!("{}/verifications", owner.enterprise_path())).json(body).await.expect(201).json()
}

async fn settle(admin: &Member, asked: &Value, verb: &str, body: Value) {
    admin.post(&format!("/v1/admin/verifications/{}/{verb}", id(asked))).if_match("*").json(body).await.expect(200);
}

/// An application or appeal as either side reads it.
async fn application(admin: &Member, owner: &Member, asked: &Value, by: Option<Uuid>) -> Told {
    let full = read(admin, &format!("/v1/admin/verifications/{}", id(asked))).await;
    let list = read(owner, &format!("{}/verifications", owner.enterprise_path())).await;
    let party = find(&list["items"], |one| one["id"] == asked["id"]);
    Told { kind: full["status"].as_str().unwrap().to_owned(), moderator: full, party, by }
}

#[tokio::test]
async fn where_an_enterprise_stands() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let by = Some(admin.account_id);
    let code = uscc::next();
    let (mut winner, mut loser) = (app.account("winner").await, app.account("loser").await);
    (winner.enterprise, loser.enterprise) = (winner.claim(&code).await, loser.claim(&code).await);
    let licence = json!({"method": "licence"});
    let (wins, loses) = (apply(&winner, licence.clone()).await, apply(&loser, licence.clone()).await);
    settle(&admin, &wins, "approve", json!({"level": "substantial", "reason": "as in the register"})).await;
    let won = standing(&admin, &winner, "verified", by).await;
    won.check("at", &["at", "from", "to", "method", "level", "reason", "verification_id"], "verification_id");
    // The one who lost is told why; nobody decided it but the rule that one code has one enterprise.
    let lost = standing(&admin, &loser, "rejected", None).await;
    lost.check("at", &["at", "from", "to", "reason_code", "verification_id"], "verification_id");
    assert_eq!(lost.party["reason_code"], "claimed_by_other");
    for (owner, asked, by, fields) in [
        (&winner, &wins, by, &["status", "evidence", "uscc", "legal_name", "decided_at", "reason"][..]),
        (&loser, &loses, None, &["status", "evidence", "uscc", "legal_name", "decided_at", "reason_code"]),
    ] {
        application(&admin, owner, asked, by).await.check("decided_at", fields, "evidence");
    }
    let appeal = json!({"method": "other", "purpose": "appeal", "statement": "The code is ours."});
    let appealed = apply(&loser, appeal).await;
    settle(&admin, &appealed, "reject", why("evidence_mismatch")).await;
    let upheld = standing(&admin, &loser, "upheld", by).await;
    upheld.check("at", &["at", "from", "to", "reason_code", "reason", "verification_id"], "verification_id");
    application(&admin, &loser, &appealed, by).await.check(
        "decided_at",
        &["status", "statement", "evidence", "reason_code", "reason", "decided_at"],
        "evidence",
    );

    let at = format!("/v1/admin/enterprises/{}", winner.enterprise_id());
    let fields = ["at", "from", "to", "reason_code", "reason"];
    admin.post(&format!("{at}/suspend")).if_match("*").json(why("complaints")).await.expect(200);
    let suspended = standing(&admin, &winner, "suspended", by).await;
    suspended.check("at", &fields, "reason");
    admin.post(&format!("{at}/restore")).if_match("*").json(why("error_corrected")).await.expect(200);
    let restored = standing(&admin, &winner, "restored", by).await;
    restored.check("at", &fields, "reason");

    // A waiting application of an enterprise that is merged is turned down with the reason of the merger.
    let waits = apply(&loser, licence).await;
    app.database
        .execute(&format!("UPDATE enterprises SET status = 'rejected' WHERE id = '{}'", loser.enterprise_id()))
        .await;
    let merging = json!({"into": winner.enterprise_id(), "reason": "The same firm."});
    let at = format!("/v1/admin/enterprises/{}/merge", loser.enterprise_id());
    admin.post(&at).if_match("*").json(merging).await.expect(200);
    let full =
        read(&admin, &format!("/v1/admin/enterprises/{}/decisions", loser.enterprise_id())).await["items"][0].clone();
    // Nobody acts for it any more: the enterprise it became part of reads of it.
    let merged =
        Told { kind: "merged".to_owned(), party: with(&full, json!({"decided_by": null})), moderator: full, by };
    merged.check("at", &["at", "from", "to", "reason"], "reason");
    let closed = read(&admin, &format!("/v1/admin/verifications/{}", id(&waits))).await;
    assert_eq!((&closed["status"], &closed["reason"]), (&json!("rejected"), &json!("The same firm.")));
    assert_eq!(closed["decided_by"], json!(admin.account_id));
    app.sequence().await;
    let audit = read(&winner, &format!("{}/audit", winner.enterprise_path())).await;
    let absorbed = find(&audit["items"], |entry| entry["type"] == "enterprise.absorbed");
    assert_eq!(absorbed["after"]["merged"], json!(loser.enterprise_id()), "{absorbed}");
    assert_eq!(absorbed["after"]["reason"], "The same firm.");

    let told = [won, lost, upheld, suspended, restored, merged];
    // Closing is an owner's own.
    assert_eq!(kinds(&told), all::<DecisionAction>(&["closed"]), "a decision this test does not make");
}

#[tokio::test]
async fn what_was_proved_and_what_was_reported() {
    let app = TestApp::start().await;
    let (owner, reader, admin) = (app.member("owner").await, app.account("reader").await, app.admin().await);
    let by = Some(admin.account_id);
    let credentials = format!("{}/credentials", owner.enterprise_path());
    let mut told = Vec::new();
    for (verb, kind) in [("accept", "accepted"), ("reject", "rejected")] {
        let files = format!("{}/files", owner.enterprise_path());
        let file = owner.post(&files).header("content-type", "application/octet-stream").body("%PDF-1.7 x").await;
        let stated = json!({"scheme": "iso9001", "number": kind, "issuer": "x", "valid_to": day(90),
            "evidence": [id(&file.json())]});
        let stated = owner.post(&credentials).json(stated).await.expect(201).json();
        let decision = admin.post(&format!("/v1/admin/credentials/{}/{verb}", id(&stated)));
        let reason = json!({"reason": "The number is not in the register."});
        let decision = if verb == "reject" { decision.json(reason) } else { decision };
        decision.await.expect(200);
        let of = |list: Value| find(&list["items"], |one| one["id"] == stated["id"]);
        let (full, party) = (of(read(&admin, &credentials).await), of(read(&owner, &credentials).await));
        let one = Told { kind: kind.to_owned(), moderator: full, party, by };
        let fields: &[&str] = if verb == "reject" {
            &["status", "decided_at", "reason", "evidence"]
        } else {
            &["status", "decided_at", "evidence"]
        };
        one.check("decided_at", fields, "evidence");
        told.push(one);
    }
    assert_eq!(kinds(&told), all::<CredentialStatus>(&["pending", "expired"]), "a decision this test does not make");

    let mut reports = Vec::new();
    for kind in ["upheld", "dismissed"] {
        let listing = owner.publish(with(&need(), json!({"title": format!("口罩 {kind}")}))).await;
        let said = json!({"reason": "price", "text": "过高"});
        let report = reader.post(&format!("{}/reports", path(&listing))).json(said).await.expect(201).json();
        let outcome = json!({"outcome": kind, "note": "已核对"});
        admin.post(&format!("/v1/admin/reports/{}/resolve", id(&report))).json(outcome).await.expect(200);
        let list = read(&admin, &format!("/v1/admin/reports?status={kind}")).await;
        let case = find(&list["items"], |one| one["report"]["id"] == report["id"]);
        let moderator = with(&case["report"], json!({"resolved_by": case["resolved_by"]}));
        // Neither poster nor reader is told of it: what follows from it is another decision.
        reports.push(Told { kind: kind.to_owned(), party: case["report"].clone(), moderator, by });
    }
    assert_eq!(kinds(&reports), all::<ReportStatus>(&["open"]), "an end of reports this test does not make");
    reports
        .iter()
        .for_each(|one| one.check("resolved_at", &["status", "reason", "text", "note", "listing_version"], "text"));
}
