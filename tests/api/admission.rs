//! Whatever puts a listing on the market asks the moderation policy: every way in, for every preset, kind and standing.

use duijie::app::import::{Mapping, Options, RowOutcome};
use duijie::domain::message::Language;
use duijie::http;
use serde_json::{Value, json};

use crate::support::market::{day, instant, path, with};
use crate::support::{Member, TestApp, id};

const PRESETS: [&str; 3] = ["open", "verified_first", "review"];

/// Side, kind, and whether `verified_first` lets those of an unverified firm wait.
const GOODS: [(&str, &str, bool); 7] = [
    ("offer", "ppe", true),
    ("offer", "finance", true),
    ("offer", "labor", true),
    ("offer", "material", false),
    ("offer", "service", false),
    ("need", "ppe", false),
    ("need", "labor", false),
];

fn goods(side: &str, kind: &str) -> Value {
    let stated = match kind {
        "ppe" => {
            json!({"category": "ppe.mask.surgical", "title": "医用外科口罩", "quantity": "20000", "unit_code": "H87"})
        }
        "finance" => json!({"category": "finance.loan.working", "title": "流动资金贷款",
            "attributes": {"amount": {"amount": "2000000", "currency": "CNY"}, "term_months": 12}}),
        "labor" => json!({"category": "labor.skilled.welder", "title": "焊工",
            "attributes": {"headcount": 5, "period": {"start": day(1), "end": day(10)}}}),
        "material" => {
            json!({"category": "material.metal.rebar", "title": "螺纹钢", "quantity": "20", "unit_code": "TNE"})
        }
        _ => json!({"title": "设备检修", "category": "service"}),
    };
    with(&stated, json!({"side": side, "kind": kind, "region_code": "410305"}))
}

/// How a listing comes to the market, over the API.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Post,
    Batch,
    Publish,
    Amend,
    Renew,
    ByAssociation,
}

const WAYS: [Way; 6] = [Way::Post, Way::Batch, Way::Publish, Way::Amend, Way::Renew, Way::ByAssociation];

/// What there is before the preset holds: nothing, a draft, or what was published under an open policy.
async fn prepare(way: Way, member: &Member, listing: &Value) -> Option<Value> {
    match way {
        Way::Publish => Some(member.draft(listing.clone()).await),
        Way::Amend => Some(member.publish(listing.clone()).await),
        Way::Renew => Some(member.publish(with(listing, json!({"valid_until": instant(2500)}))).await),
        Way::Post | Way::Batch | Way::ByAssociation => None,
    }
}

async fn enter(way: Way, member: &Member, association: &Member, listing: &Value, there: Option<&Value>) -> Value {
    let now = with(listing, json!({"publish": true, "enterprise_id": member.enterprise_id()}));
    match (way, there) {
        (Way::Batch, _) => {
            let batch =
                json!({"publish": true, "listings": [with(listing, json!({"enterprise_id": member.enterprise_id()}))]});
            member.post("/v1/listings/batch").json(batch).await.expect(201).json()["items"][0].clone()
        }
        (Way::Publish, Some(there)) => member.act(there, "publish").await.expect(200).json(),
        (Way::Amend, Some(there)) => {
            let change = json!({"description": "整箱起订"});
            member.patch(&path(there)).if_match("*").merge_patch(change).await.expect(200).json()
        }
        (Way::Renew, Some(there)) => {
            member.post(&format!("{}/renew", path(there))).if_match("*").json(json!({})).await.expect(200).json()
        }
        (Way::ByAssociation, _) => association.draft(now).await,
        _ => member.draft(now).await,
    }
}

async fn set_preset(admin: &Member, preset: &str) {
    let body = json!({"reason": "as the city wants it", "values": {"preset": preset}});
    admin.post("/v1/admin/moderation-policies").if_match("*").json(body).await.expect(201);
}

fn waits(preset: &str, delicate: bool, verified: bool) -> bool {
    match preset {
        "review" => true,
        "verified_first" => delicate && !verified,
        _ => false,
    }
}

#[tokio::test]
async fn every_way_over_the_api_asks_the_policy() {
    let app = TestApp::start().await;
    let (admin, association) = (app.admin().await, app.verified("association").await);
    let kind = json!({"organization_type": "association"});
    association.patch(&association.enterprise_path()).if_match("*").merge_patch(kind).await.expect(200);
    let members = [(false, app.member("unverified").await), (true, app.verified("verified").await)];
    for (_, member) in &members {
        let given = json!({"association_id": association.enterprise_id(), "scopes": ["post"]});
        member.post(&format!("{}/mandates", member.enterprise_path())).json(given).await.expect(201);
    }
    for preset in PRESETS {
        set_preset(&admin, "open").await;
        let mut cases = Vec::new();
        for way in WAYS {
            for (side, kind, delicate) in GOODS {
                for (verified, member) in &members {
                    let listing = goods(side, kind);
                    let there = prepare(way, member, &listing).await;
                    cases.push((way, listing, delicate, *verified, member, there));
                }
            }
        }
        set_preset(&admin, preset).await;
        // What is renewed is over by then.
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        for (way, listing, delicate, verified, member, there) in cases {
            let entered = enter(way, member, &association, &listing, there.as_ref()).await;
            let what = format!("{way:?} under {preset}, verified: {verified}, {listing}");
            let expected = if waits(preset, delicate, verified) { "pending_review" } else { "published" };
            assert_eq!(entered["status"], expected, "{what}");
            let public = app.anonymous().get(&path(&entered)).await;
            assert_eq!(public.status, if expected == "published" { 200 } else { 404 }, "{what}");
            let held = format!("SELECT count(*) FROM moderation_holds WHERE listing_id = '{}'", id(&entered));
            assert_eq!(app.database.count(&held).await, i64::from(expected != "published"), "{what}");
        }
    }
}

const MAPPING: &str = r#"
[enterprise]
legal_name = { column = "org" }
[listing]
"#;

#[tokio::test]
async fn so_do_imports() {
    for preset in PRESETS {
        let app = TestApp::builder().set("DUIJIE_MODERATION", preset).start().await;
        app.load().await;
        for (side, kind, delicate) in GOODS {
            // Attributes have forms of their own in a file.
            let mut listing = goods(side, kind);
            listing.as_object_mut().unwrap().remove("attributes");
            let mut mapping = MAPPING.to_owned();
            for name in listing.as_object().unwrap().keys() {
                mapping.push_str(&format!("{name} = {{ column = \"{name}\" }}\n"));
            }
            let row = with(&listing, json!({"org": format!("示范 {side} {kind}")}));
            let options = Options { dry_run: false, skip_faulty: false, language: Language::En };
            let mapping = Mapping::parse(&mapping).unwrap();
            let report = app.inner().import(&[row], &mapping, http::shapes(), options, || ()).await.unwrap();
            let waits = waits(preset, delicate, false);
            let expected = if waits { RowOutcome::Waiting } else { RowOutcome::Imported };
            assert_eq!(report.rows[0].outcome, expected, "{preset}, {side} {kind}: {:?}", report.rows[0]);
            let listing = report.rows[0].listing_id.unwrap();
            app.sequence().await;
            let public = app.anonymous().get(&format!("/v1/listings/{listing}")).await;
            assert_eq!(public.status, if waits { 404 } else { 200 }, "{preset}, {side} {kind}");
            let events = app.events_of(listing).await;
            assert_eq!(events, [if waits { "listing.submitted" } else { "listing.published" }]);
        }
        let queue = app.admin().await.get("/v1/admin/moderation").await.expect(200).json();
        let waiting = GOODS.iter().filter(|(.., delicate)| waits(preset, *delicate, false)).count();
        assert_eq!(queue["items"].as_array().unwrap().len(), waiting, "a moderator finds them: {preset}");
    }
}

#[tokio::test]
async fn so_does_the_demo() {
    for preset in PRESETS {
        let app = TestApp::builder().set("DUIJIE_MODERATION", preset).start().await;
        let loaded = app.inner().load_demo().await.unwrap();
        let delicate = "l.terms ->> 'side' = 'offer' AND l.terms ->> 'kind' IN ('ppe', 'finance', 'labor') AND e.status <> 'verified'";
        let waits = match preset {
            "review" => "true",
            "verified_first" => delicate,
            _ => "false",
        };
        let count = async |wanted: &str| {
            let sql =
                format!("SELECT count(*) FROM listings l JOIN enterprises e ON e.id = l.enterprise_id WHERE {wanted}");
            app.database.count(&sql).await
        };
        let otherwise =
            format!("(l.status = 'pending_review') <> ({waits}) OR l.status NOT IN ('published', 'pending_review')");
        assert_eq!(count(&otherwise).await, 0, "{preset}");
        assert!(loaded > 50 && count(delicate).await > 0, "the demo has some of each");
        let holds = app.database.count("SELECT count(*) FROM moderation_holds").await;
        assert_eq!(holds, count("l.status = 'pending_review'").await);
    }
}
