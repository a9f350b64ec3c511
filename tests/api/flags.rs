//! Flags: raised off the event log, shown first to the poster, never a punishment.

use duijie::app::reference::Loading;
use serde_json::{Value, json};

use crate::support::market::{need, offer, path, with};
use crate::support::{Client, Member, TestApp, id};

async fn screen(app: &TestApp) {
    app.sequence().await;
    duijie::jobs::screen(app.inner()).await.unwrap();
    app.sequence().await;
}

async fn flags(client: &Client, listing: &Value) -> Vec<Value> {
    let page = client.get(&format!("{}/flags", path(listing))).language("en").await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

fn codes(flags: &[Value]) -> Vec<&str> {
    flags.iter().map(|flag| flag["code"].as_str().unwrap()).collect()
}

fn rebar(price: &str) -> Value {
    json!({"side": "offer", "kind": "material", "category": "material.metal.rebar", "title": "螺纹钢 HRB400E", "quantity": "20",
        "unit_code": "TNE", "price": {"amount": price, "currency": "CNY"}})
}

async fn answer(who: &Member, listing: &Value, flag: &Value, text: &str) -> crate::support::Response {
    who.post(&format!("{}/flags/{}/answer", path(listing), id(flag))).json(json!({"text": text})).await
}

#[tokio::test]
async fn a_price_is_compared_with_a_dated_baseline_and_the_poster_speaks_first() {
    let app = TestApp::start().await;
    let (seller, stranger) = (app.verified("seller").await, app.member("stranger").await);
    let fair = seller.publish(rebar("4100")).await;
    let dear = seller.publish(with(&rebar("18"), json!({"title": "螺纹钢 急售", "unit_code": "KGM"}))).await;
    screen(&app).await;
    assert_eq!(codes(&flags(&seller, &fair).await), Vec::<&str>::new());
    let own = flags(&seller, &dear).await;
    assert_eq!(codes(&own), ["price_above_reference"]);
    let (params, text) = (&own[0]["params"], own[0]["text"].as_str().unwrap());
    assert_eq!(
        (&params["reference"], &params["dated"], &params["multiple"]),
        (&json!("3776.7"), &json!("2020-01-10"), &json!("4.77"))
    );
    assert!(text.starts_with("The price is above the reference: 18 CNY per KGM, 4.77 times"), "{text}");
    let zh = seller.get(&format!("{}/flags", path(&dear))).await.expect(200).json();
    let zh = zh["items"][0]["text"].as_str().unwrap().to_owned();
    assert!(zh.starts_with("价格高于参考价：") && !zh.contains("哄抬"), "{zh}");
    // No punishment: it is on the market as before.
    assert_eq!(app.anonymous().get(&path(&dear)).await.expect(200).json()["status"], "published");

    assert!(flags(&stranger, &dear).await.is_empty() && flags(&app.anonymous(), &dear).await.is_empty());
    let moderator = app.official("moderator", "moderator", "").await;
    assert_eq!(codes(&flags(&moderator, &dear).await), ["price_above_reference"]);
    answer(&stranger, &dear, &own[0], "x").await.problem(403, "not_trader");
    app.anonymous()
        .post(&format!("{}/flags/{}/answer", path(&dear), id(&own[0])))
        .json(json!({"text": "x"}))
        .await
        .problem(401, "token_required");
    answer(&seller, &dear, &dear, "x").await.problem(404, "not_found");
    let answered = answer(&seller, &dear, &own[0], "含加急费与运费").await.expect(200).json();
    assert_eq!((&answered["answered"], &answered["answer"]), (&json!(true), &json!("含加急费与运费")));
    let public = flags(&app.anonymous(), &dear).await;
    assert_eq!((codes(&public), &public[0]["answer"]), (vec!["price_above_reference"], &json!("含加急费与运费")));
    assert!(public[0].get("evidence").is_none());

    // Looked at again when the listing changes: the same stays with its answer, what no longer holds goes.
    seller.patch(&path(&dear)).if_match("*").merge_patch(json!({"quantity": "30"})).await.expect(200);
    screen(&app).await;
    assert_eq!(flags(&seller, &dear).await[0]["answered"], true);
    let cheaper = json!({"price": {"amount": "4", "currency": "CNY"}});
    seller.patch(&path(&dear)).if_match("*").merge_patch(cheaper).await.expect(200);
    screen(&app).await;
    assert!(flags(&seller, &dear).await.is_empty());
    let kept = flags(&moderator, &dear).await;
    assert!(kept[0]["cleared_at"].is_string(), "history stays: {kept:?}");
}

#[tokio::test]
async fn others_see_a_marked_price_after_a_day_without_an_answer() {
    let app = TestApp::start().await;
    let seller = app.verified("seller").await;
    let cheap = seller.publish(rebar("400")).await;
    screen(&app).await;
    assert_eq!(codes(&flags(&seller, &cheap).await), ["price_below_reference"]);
    assert!(flags(&app.anonymous(), &cheap).await.is_empty());
    app.database.execute("UPDATE listing_flags SET raised_at = raised_at - interval '24 hours'").await;
    assert_eq!(codes(&flags(&app.anonymous(), &cheap).await), ["price_below_reference"]);
    let notified = seller.get("/v1/notifications").language("en").await.expect(200).json();
    assert_eq!(notified["items"][0]["kind"], "listing_flagged");
    assert_eq!(
        notified["items"][0]["text"],
        "Something was noticed about “螺纹钢 HRB400E”: Price below the reference. You can answer it."
    );
}

#[tokio::test]
async fn what_concerns_others_is_for_moderators_alone() {
    let app = TestApp::start().await;
    let (one, two) = (app.verified("one").await, app.verified("two").await);
    for member in [&one, &two] {
        let contacts = json!({"contacts": [{"name": "王经理", "mobile": "13812345678"}]});
        member.patch(&member.enterprise_path()).if_match("*").merge_patch(contacts).await.expect(200);
    }
    let text = "本厂现货供应医用外科口罩，执行标准 YY 0469-2011，十层包装每箱两千只，支持洛阳市区当日送达，可开增值税专用发票，欢迎来厂验货。";
    let described = with(&offer(), json!({"description": text}));
    let first = one.publish(described.clone()).await;
    let twice = one.publish(described.clone()).await;
    let copied = two.publish(with(&described, json!({"quantity": "9000"}))).await;
    screen(&app).await;
    assert_eq!(codes(&flags(&one, &first).await), ["shared_phone"]);
    assert_eq!(codes(&flags(&one, &twice).await), ["shared_phone", "duplicate_listing"]);
    let own = flags(&two, &copied).await;
    assert_eq!(codes(&own), ["shared_phone", "similar_to_other_enterprise"]);
    let shown = Value::Array(own).to_string();
    assert!(!shown.contains(&one.enterprise_id().to_string()) && !shown.contains("13812345678"), "{shown}");
    let moderator = app.official("moderator", "moderator", "").await;
    let seen = flags(&moderator, &copied).await;
    let like = seen.iter().find(|flag| flag["code"] == "similar_to_other_enterprise").unwrap();
    assert!(like["evidence"]["listings"].as_array().unwrap().contains(&first["id"]), "{like}");
    assert!(!Value::Array(seen).to_string().contains("13812345678"), "not even they are shown the number");
    assert!(flags(&app.anonymous(), &copied).await.is_empty());
    // Another number: the enterprise's listings are looked at again.
    let contacts = json!({"contacts": [{"name": "李经理", "mobile": "13900000001"}]});
    two.patch(&two.enterprise_path()).if_match("*").merge_patch(contacts).await.expect(200);
    screen(&app).await;
    assert_eq!(codes(&flags(&two, &copied).await), ["similar_to_other_enterprise"]);
}

#[tokio::test]
async fn texts_are_read_for_contacts_payment_and_forbidden_goods_in_the_queue_too() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "review").start().await;
    let (seller, moderator) = (app.member("seller").await, app.official("moderator", "moderator", "").await);
    let text = "联系微信：mask_2020，电话 一三八 1234 5678。先付定金至个人账户，另有穿 山 甲 甲片。";
    let listing = seller.draft(with(&offer(), json!({"description": text, "publish": true}))).await;
    seller.draft(with(&offer(), json!({"title": "医用外科口罩 YY 0469-2011 每箱2000只", "publish": true}))).await;
    screen(&app).await;
    let found = flags(&moderator, &listing).await;
    let mut all = codes(&found);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, ["contact_in_text", "forbidden_words", "prepayment_to_person"]);
    let page = moderator.get("/v1/admin/moderation?flag=forbidden_words").await.expect(200).json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["listing"]["id"], listing["id"]);
    let reject = format!("/v1/admin/listings/{}/reject", id(&listing));
    moderator.post(&reject).if_match("*").json(json!({"reasons": ["forbidden_goods"]})).await.expect(200);
    let case = moderator.get(&format!("/v1/admin/listings/{}/moderation", id(&listing))).await.expect(200).json();
    let seen = case["decisions"][0]["flags"].as_array().unwrap();
    assert!(seen.contains(&json!("forbidden_words")), "what was seen stays with the decision: {case}");
}

#[tokio::test]
async fn other_lists_and_thresholds_look_at_everything_again() {
    let app = TestApp::start().await;
    let seller = app.verified("seller").await;
    let masks = seller.publish(offer()).await;
    let steel = seller.publish(rebar("9000")).await;
    seller.publish(need()).await;
    screen(&app).await;
    assert!(flags(&seller, &masks).await.is_empty() && flags(&seller, &steel).await.is_empty());
    let baseline = json!([{"code": "ppe.mask.surgical/H87/CNY", "names": {"zh-CN": "医用外科口罩", "en": "Surgical mask"},
        "category": "ppe.mask.surgical", "unit_code": "H87", "currency": "CNY", "amount": "0.15", "dated": "2019-12-31", "source": "示例价目"}]);
    let content = baseline.to_string();
    let loading = Loading { scheme: "price_baselines", content: &content, dry_run: false };
    app.inner().load_reference(loading).await.unwrap();
    screen(&app).await;
    assert_eq!(codes(&flags(&seller, &masks).await), ["price_above_reference"]);
    let policy = json!({"reason": "wider", "values": {"flags": {"price_high": 10}}});
    app.admin().await.post("/v1/admin/moderation-policies").if_match("*").json(policy).await.expect(201);
    screen(&app).await;
    assert!(flags(&seller, &masks).await.is_empty());
    let faulty = json!([{"code": "x", "names": {"zh-CN": "x", "en": "x"}, "category": "nonsense", "unit_code": "ZZZ", "currency": "XXZ",
        "amount": "0", "dated": "2999-01-01", "source": " "}]);
    let content = faulty.to_string();
    let loading = Loading { scheme: "price_baselines", content: &content, dry_run: false };
    match app.inner().load_reference(loading).await {
        Err(duijie::app::Error::Invalid(faults)) => assert_eq!(faults.iter().count(), 6, "{faults:?}"),
        other => panic!("{other:?}"),
    }
}
