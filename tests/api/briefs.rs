//! Daily figures: as of the end of a day, by region, and each opens to its rows.

use serde_json::{Value, json};

use crate::support::market::{day, need, offer, with};
use crate::support::{Member, TestApp, id};

async fn brief(who: &Member, days: i64, region: &str) -> Value {
    who.get(&format!("/v1/admin/briefs/{}?region={region}", day(days))).await.expect(200).json()
}

/// All rows of a figure, two at a time.
async fn rows(who: &Member, days: i64, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/admin/briefs/{}/rows?{query}&limit=2{cursor}", day(days));
        let page = who.get(&path).await.expect(200).json();
        all.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn count(brief: &Value, list: &str, wanted: &Value) -> i64 {
    let fits = |item: &&Value| wanted.as_object().unwrap().iter().all(|(name, value)| &item[name] == value);
    brief[list].as_array().unwrap().iter().filter(fits).map(|item| item["count"].as_i64().unwrap()).sum()
}

/// What happened so far happened so many days ago.
async fn earlier(app: &TestApp, days: u32) {
    for table in ["listing_history", "enterprise_history"] {
        app.database.execute(&format!("UPDATE {table} SET at = at - interval '{days} days'")).await;
    }
    app.database.execute(&format!("UPDATE listing_history SET since = since - interval '{days} days'")).await;
}

async fn world(app: &TestApp) -> (Member, Member) {
    let (buyer, seller) = (app.member("buyer").await, app.verified("seller").await);
    for member in [&buyer, &seller] {
        let place = json!({"region_code": "410305"});
        member.patch(&member.enterprise_path()).if_match("*").merge_patch(place).await.expect(200);
    }
    (buyer, seller)
}

#[tokio::test]
async fn figures_are_of_the_end_of_a_day_and_every_one_opens_to_its_rows() {
    let app = TestApp::start().await;
    let (buyer, seller) = world(&app).await;
    let mut needs = Vec::new();
    for quantity in ["20000", "5000", "1000", "300"] {
        needs.push(buyer.publish(with(&need(), json!({"quantity": quantity}))).await);
    }
    buyer.publish(with(&need(), json!({"region_code": "420100"}))).await;
    buyer.draft(need()).await;
    seller.publish(with(&offer(), json!({"quantity": "8000"}))).await;
    earlier(&app, 2).await;
    let close = |listing: &Value, outcome: &str| {
        buyer.post(&format!("/v1/listings/{}/close", id(listing))).if_match("*").json(json!({"outcome": outcome}))
    };
    close(&needs[0], "met_here").await.expect(200);
    close(&needs[1], "met_elsewhere").await.expect(200);
    close(&needs[2], "not_needed").await.expect(200);

    let officer = app.official("officer", "officer", "410000").await;
    let then = brief(&officer, -2, "410300").await;
    assert_eq!((&then["complete"], then.get("exact_since")), (&json!(true), None), "{then}");
    let masks = json!({"side": "need", "kind": "ppe", "category": "ppe.mask.surgical"});
    assert_eq!(count(&then, "listings", &masks), 4, "{then}");
    assert_eq!(count(&then, "needs", &json!({"outcome": "open"})), 4);
    let gap = &then["gaps"][0];
    assert_eq!((&gap["needed"], &gap["offered"], &gap["gap"]), (&json!("26300"), &json!("8000"), &json!("18300")));
    assert_eq!(count(&then, "enterprises", &json!({"status": "pending"})), 1, "{then}");
    assert_eq!(count(&then, "enterprises", &json!({"status": "verified"})), 1, "{then}");

    let now = brief(&officer, 0, "410300").await;
    assert_eq!(now["complete"], false);
    assert_eq!(count(&now, "listings", &masks), 1);
    let outcomes = ["met_here", "met_elsewhere", "not_met", "open"]
        .map(|outcome| count(&now, "needs", &json!({"outcome": outcome})));
    assert_eq!(outcomes, [1, 1, 1, 1]);
    // Whose enterprise is suspended is not on the market.
    let suspend =
        |status: &str| format!("UPDATE enterprises SET status = '{status}' WHERE id = '{}'", seller.enterprise_id());
    app.database.execute(&suspend("suspended")).await;
    let idle = brief(&officer, 0, "410300").await;
    assert_eq!(count(&idle, "listings", &json!({"side": "offer"})), 0, "{idle}");
    assert_eq!(rows(&officer, 0, "figure=listings&region=410300&side=offer").await.len(), 0);
    assert_eq!(brief(&officer, -2, "410300").await, then, "the past stays as it was");
    app.database.execute(&suspend("verified")).await;
    let before = brief(&officer, -4, "410300").await;
    assert_eq!((&before["listings"], &before["enterprises"]), (&json!([]), &json!([])), "nothing was there yet");

    for (days, figures) in [(-2, &then), (0, &now)] {
        for item in figures["listings"].as_array().unwrap() {
            let part = |name: &str| item[name].as_str().unwrap().to_owned();
            let query = format!(
                "figure=listings&region=410300&side={}&kind={}&category={}",
                part("side"),
                part("kind"),
                part("category")
            );
            assert_eq!(rows(&officer, days, &query).await.len() as i64, item["count"].as_i64().unwrap(), "{item}");
        }
        for item in figures["needs"].as_array().unwrap() {
            let query = format!("figure=needs&region=410300&outcome={}", item["outcome"].as_str().unwrap());
            assert_eq!(rows(&officer, days, &query).await.len() as i64, item["count"].as_i64().unwrap(), "{item}");
        }
        for item in figures["enterprises"].as_array().unwrap() {
            let query = format!("figure=enterprises&region=410300&status={}", item["status"].as_str().unwrap());
            assert_eq!(rows(&officer, days, &query).await.len() as i64, item["count"].as_i64().unwrap(), "{item}");
        }
        for item in figures["gaps"].as_array().unwrap() {
            let query = format!(
                "figure=gaps&region=410300&category={}&unit_code={}&basis={}",
                item["category"].as_str().unwrap(),
                item["unit_code"].as_str().unwrap(),
                item["basis"].as_str().unwrap()
            );
            assert_eq!(rows(&officer, days, &query).await.len() as i64, item["listings"].as_i64().unwrap(), "{item}");
        }
    }
}

#[tokio::test]
async fn only_people_of_the_platform_see_it_and_only_of_their_region() {
    let app = TestApp::start().await;
    world(&app).await;
    let officer = app.official("officer", "officer", "410000").await;
    let path = |query: &str| format!("/v1/admin/briefs/{}{query}", day(0));
    officer.get(&path("?region=420000")).await.problem(403, "role_required");
    officer.get(&path("")).await.problem(403, "role_required");
    officer.get(&path("?region=999999")).await.problem(400, "parameters_invalid");
    officer.get(&format!("/v1/admin/briefs/{}?region=410000", day(1))).await.problem(400, "parameters_invalid");
    officer.get("/v1/admin/briefs/yesterday?region=410000").await.problem(400, "parameters_invalid");
    officer.get(&path("/rows?region=410000")).await.problem(400, "parameters_invalid");
    officer.get(&path("/rows?region=420000&figure=listings")).await.problem(403, "role_required");
    app.account("stranger").await.get(&path("?region=410000")).await.problem(403, "role_required");
    app.anonymous().get(&path("?region=410000")).await.problem(401, "token_required");
    app.official("chief", "admin", "").await.get(&path("")).await.expect(200);
}

#[tokio::test]
async fn the_queue_has_an_age_and_contacts_are_counted() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "review").start().await;
    let (buyer, seller) = world(&app).await;
    let waits = buyer.draft(with(&need(), json!({"publish": true}))).await;
    earlier(&app, 3).await;
    let contact = format!(
        "INSERT INTO events_pending (event_id, type, entity, entity_id, version, audience, enterprise_ids, at)
         VALUES (gen_random_uuid(), 'contact_request.accepted', 'contact_request', gen_random_uuid(), 1, 'enterprises',
             ARRAY['{}', '{}']::uuid[], now() - interval '30 hours')",
        buyer.enterprise_id(),
        seller.enterprise_id()
    );
    app.database.execute(&contact).await;
    app.sequence().await;
    let admin = app.admin().await;
    let now = brief(&admin, 0, "410000").await;
    assert_eq!((&now["contacts"], &now["queue"]["waiting"]), (&json!(1), &json!(1)), "{now}");
    let oldest = now["queue"]["oldest_age_seconds"].as_i64().unwrap();
    assert!((3 * 86400..3 * 86400 + 600).contains(&oldest), "{oldest}");
    assert_eq!(rows(&admin, 0, "figure=queue").await[0]["id"], waits["id"]);
    assert_eq!(rows(&admin, 0, "figure=contacts&region=410000").await.len(), 1);
    assert_eq!(brief(&admin, -3, "410000").await["contacts"], 0);
    assert_eq!(brief(&admin, 0, "420000").await["contacts"], 0);
}

#[tokio::test]
async fn a_workbook_has_the_same_figures_and_no_formula() {
    let app = TestApp::start().await;
    let (buyer, _) = world(&app).await;
    buyer.publish(need()).await;
    let evil = "UPDATE reference_items SET document = jsonb_set(document, '{names,en}', '\"=cmd|calc!A1\"')
        WHERE scheme = 'categories' AND code = 'ppe.mask.surgical';
        UPDATE reference_versions SET version = version + 1 WHERE scheme = 'categories'";
    app.database.execute(evil).await;
    let twin = app.twin().await;
    let admin = app.admin().await;
    let path = format!("/v1/admin/briefs/{}?format=xlsx", day(0));
    let book = twin.as_member(&admin).get(&path).language("en").await.expect(200);
    assert_eq!(book.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert!(book.header("content-disposition").starts_with("attachment; filename=\"brief-"));
    assert_eq!(&book.body[..2], b"PK");
    let asked = admin
        .get(&format!("/v1/admin/briefs/{}", day(0)))
        .header("accept", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .await
        .expect(200);
    assert_eq!(&asked.body[..2], b"PK");
    let folder = std::env::temp_dir().join(format!("duijie-brief-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("brief.xlsx");
    std::fs::write(&file, &book.body).unwrap();
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint(''.join(z.read(n).decode() for n in z.namelist() if n.endswith('.xml')))";
    let read = std::process::Command::new("python3").args(["-c", script]).arg(&file).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(text.contains("=cmd|calc!A1"), "the name is there as a text: {}", String::from_utf8_lossy(&read.stderr));
    assert!(!text.contains("<f>") && !text.contains("<hyperlink"), "nothing is a formula or a link");
    assert!(text.contains("Listings") && text.contains("ppe.mask.surgical"));
}
