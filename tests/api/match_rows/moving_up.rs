//! Who comes next where one of a listing's best is lost.

use serde_json::{Value, json};

use super::{follow, policy, row, rows, told};
use crate::support::market::{need, offer, with};
use crate::support::{Client, Member, TestApp, id};

/// Offers at these prices, the first the best of every need; a need whose best they fill has too low a cap to be among theirs.
async fn crowd(app: &TestApp, limits: Value, prices: &[&str]) -> (Member, Member, Vec<Value>) {
    let k = limits["standing_k"].as_u64().unwrap();
    policy(app, limits).await;
    let (buyer, rival, seller) = (app.member("buyer").await, app.member("rival").await, app.member("seller").await);
    for _ in 0..k {
        rival.publish(capped("0.85")).await;
    }
    let mut offers = Vec::new();
    for amount in prices {
        offers.push(seller.publish(with(&offer(), price(amount))).await);
        follow(app.inner()).await;
    }
    (buyer, seller, offers)
}

fn price(amount: &str) -> Value {
    json!({"price": {"amount": amount, "currency": "CNY"}})
}

fn capped(amount: &str) -> Value {
    with(&need(), json!({"max_price": {"amount": amount, "currency": "CNY"}}))
}

/// The rows of a need by its offers, in order of those: `suggested`, …, or `-` where there is none.
async fn row_of_each(buyer: &Client, needed: &Value, offers: &[Value]) -> Vec<String> {
    let found = rows(buyer, &format!("&listing_id={}", id(needed))).await;
    let of = |offer: &Value| found.iter().find(|item| item["counterpart_id"] == offer["id"]);
    offers.iter().map(|offer| of(offer).map_or("-".into(), |item| item["status"].as_str().unwrap().into())).collect()
}

#[tokio::test]
async fn who_comes_next_moves_up_when_one_of_the_best_is_lost() {
    let app = TestApp::start().await;
    let (buyer, seller, offers) =
        crowd(&app, json!({"version": 9, "standing_k": 2}), &["0.73", "0.74", "0.75", "0.76", "0.77"]).await;
    let needed = buyer.publish(capped("0.80")).await;
    follow(app.inner()).await;
    let each = async || row_of_each(&buyer, &needed, &offers).await;
    assert_eq!(each().await, ["suggested", "suggested", "-", "-", "-"], "its best K, and nobody's");
    let known = told(&buyer, "").await.len();

    seller.act(&offers[0], "withdraw").await.expect(200);
    follow(app.inner()).await;
    assert_eq!(each().await, ["stale", "suggested", "suggested", "-", "-"]);
    let news = told(&buyer, "").await;
    assert_eq!(news.len(), known + 1, "{news:?}");
    assert_eq!(
        (&news[0]["params"]["listing_id"], &news[0]["params"]["counterpart_id"]),
        (&needed["id"], &offers[2]["id"])
    );
    let next = rows(&buyer, "&status=suggested").await.remove(0);
    assert_eq!(app.events_of(id(&next)).await, ["match.suggested"]);
    assert_eq!(seller.get(&row(&next)).await.expect(200).json()["status"], "suggested");

    // Nothing twice, not even where the log is read anew.
    follow(app.inner()).await;
    app.database.execute("DELETE FROM consumers WHERE name = 'matches'").await;
    follow(app.inner()).await;
    assert_eq!(each().await, ["stale", "suggested", "suggested", "-", "-"]);
    let news = told(&buyer, "").await;
    assert_eq!(news.iter().filter(|item| item["params"]["counterpart_id"] == offers[2]["id"]).count(), 1, "{news:?}");

    // Dearer, it falls behind who is better now.
    let dearer = seller.patch(&format!("/v1/listings/{}", id(&offers[2]))).if_match("*");
    dearer.merge_patch(price("0.79")).await.expect(200);
    follow(app.inner()).await;
    assert_eq!(each().await, ["stale", "suggested", "suggested", "suggested", "-"]);
    let last = told(&buyer, "").await.remove(0);
    assert_eq!(last["params"]["counterpart_id"], offers[3]["id"]);
    let known = told(&buyer, "").await.len();

    // What the need has turned down is not missed.
    let found = rows(&buyer, "").await;
    let second = found.iter().find(|item| item["counterpart_id"] == offers[1]["id"]).unwrap();
    buyer.post(&format!("{}/dismiss", row(second))).if_match("*").json(json!({"reason": "price"})).await.expect(200);
    seller.act(&offers[1], "withdraw").await.expect(200);
    follow(app.inner()).await;
    assert_eq!(each().await, ["stale", "dismissed", "suggested", "suggested", "-"]);
    assert_eq!(told(&buyer, "").await.len(), known);

    // Nor does a need that has ended miss anything.
    buyer.act(&needed, "withdraw").await.expect(200);
    follow(app.inner()).await;
    seller.act(&offers[3], "withdraw").await.expect(200);
    follow(app.inner()).await;
    assert_eq!(each().await, ["stale", "dismissed", "stale", "stale", "-"]);
    assert_eq!(told(&buyer, "").await.len(), known);
}

#[tokio::test]
async fn what_one_listing_leaves_behind_is_bounded() {
    let app = TestApp::start().await;
    let (buyer, seller, offers) = crowd(&app, json!({"version": 9, "standing_k": 1}), &["0.73", "0.74", "0.75"]).await;
    let mut needs = Vec::new();
    for _ in 0..23 {
        needs.push(buyer.publish(capped("0.80")).await);
    }
    follow(app.inner()).await;
    let per_offer = async || {
        let found = rows(&buyer, "").await;
        offers.iter().map(|offer| found.iter().filter(|item| item["counterpart_id"] == offer["id"]).count()).collect()
    };
    let counts: Vec<usize> = per_offer().await;
    assert_eq!(counts, [23, 0, 0]);
    let known = told(&buyer, "").await.len();
    seller.act(&offers[0], "withdraw").await.expect(200);
    follow(app.inner()).await;
    let counts: Vec<usize> = per_offer().await;
    assert_eq!(counts, [23, 19, 0], "of the twenty it was worth most to, the rival's has the next already");
    assert_eq!(told(&buyer, "").await.len(), known + 15, "of the day's twenty, a quarter is kept for what is urgent");
}

#[tokio::test]
async fn the_days_matches_are_counted_for_those_who_move_up_too() {
    let app = TestApp::start().await;
    let limits = json!({"version": 9, "standing_k": 1, "matches_per_listing_day": 2});
    let (buyer, seller, offers) = crowd(&app, limits, &["0.73", "0.74", "0.75"]).await;
    let needed = buyer.publish(capped("0.80")).await;
    follow(app.inner()).await;
    seller.act(&offers[0], "withdraw").await.expect(200);
    follow(app.inner()).await;
    assert_eq!(row_of_each(&buyer, &needed, &offers).await, ["stale", "suggested", "-"]);
    seller.act(&offers[1], "withdraw").await.expect(200);
    follow(app.inner()).await;
    assert_eq!(row_of_each(&buyer, &needed, &offers).await, ["stale", "stale", "-"]);
}
