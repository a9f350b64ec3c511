use serde_json::{Value as Json, json};

use super::Explainer;
use crate::domain::message::Language;
use crate::domain::shipped;
use crate::matching;

fn in_both(read: impl Fn(Explainer<'_>) -> String) -> (String, String) {
    let [zh, en] =
        [Language::Zh, Language::En].map(|language| read(Explainer { reference: shipped::shared(), language }));
    (zh, en)
}

#[test]
fn checks_read_as_a_person_would_write_them() {
    let money = |amount: &str| json!({"money": {"amount": amount, "currency": "CNY", "per": "H87"}});
    let quantity = |amount: &str, unit: &str| json!({"quantity": {"amount": amount, "unit": unit}});
    let text = |text: &str| json!({"text": text});
    let cases: [(&str, &str, Json, Json, &str, &str); 16] = [
        (
            "price",
            "fail",
            money("0.95"),
            money("0.8"),
            "价格上限：报价 0.95 元/个，最高 0.8 元/个，不符",
            "Price cap: CNY 0.95 per piece asked, CNY 0.8 per piece at most: fails",
        ),
        (
            "price",
            "unknown",
            Json::Null,
            money("0.8"),
            "价格上限：未说明，要求 0.8 元/个，待确认",
            "Price cap: not stated, CNY 0.8 per piece asked for: to be confirmed",
        ),
        (
            "category",
            "pass",
            text("ppe.mask.surgical"),
            text("ppe.mask"),
            "品类：供应 医用外科口罩，需求 口罩，符合",
            "Category: Surgical mask offered, Face mask needed: passes",
        ),
        (
            "substitute",
            "fail",
            text("ppe.mask.surgical"),
            text("ppe.mask.medical"),
            "替代品：以 医用外科口罩 替代 一次性使用医用口罩，须需方接受替代品，不符",
            "Substitute: Surgical mask in place of Single-use medical mask, if the buyer accepts substitutes: fails",
        ),
        (
            "quantity",
            "fail",
            quantity("300", "H87"),
            quantity("1000", "H87"),
            "数量：可供 300 个，需要 1000 个，不符",
            "Quantity: 300 pieces available, 1000 pieces needed: fails",
        ),
        (
            "minimum_order",
            "fail",
            quantity("12", "C62"),
            quantity("2", "C62"),
            "起订量：12 起订，需要 2，不符",
            "Minimum order: 12 at least, 2 needed: fails",
        ),
        (
            "minimum_order",
            "fail",
            quantity("1", "XBX"),
            quantity("20", "H87"),
            "起订量：1 盒 起订，需要 20 个，不符",
            "Minimum order: 1 box at least, 20 pieces needed: fails",
        ),
        (
            "time",
            "fail",
            json!({"date": "2026-12-05"}),
            json!({"date": "2026-12-01"}),
            "交期：最早 2026-12-05 到货，最迟 2026-12-01 需用，不符",
            "In time: there on 2026-12-05 at the earliest, needed by 2026-12-01: fails",
        ),
        (
            "distance",
            "fail",
            json!({"kilometres": 112.94}),
            json!({"kilometres": 100.0}),
            "距离范围：相距 112.9 公里，限 100 公里，不符",
            "Within distance: 112.9 km apart, 100 km at most: fails",
        ),
        (
            "distance",
            "unknown",
            Json::Null,
            json!({"kilometres": 100.0}),
            "距离范围：未说明，要求 100 公里，待确认",
            "Within distance: not stated, 100 km asked for: to be confirmed",
        ),
        (
            "use_class",
            "fail",
            text("civil"),
            text("medical"),
            "用途类别：民用，要求 医用，不符",
            "Use class: Civil, Medical asked for: fails",
        ),
        (
            "sterile",
            "fail",
            text("not_sterile"),
            text("sterile"),
            "无菌：非无菌，要求 无菌，不符",
            "Sterile: not sterile, sterile asked for: fails",
        ),
        (
            "offer_verified",
            "fail",
            text("unverified"),
            text("verified"),
            "供方主体核验：未核验，不符",
            "Supplier verified: not verified: fails",
        ),
        (
            "offer_credentials",
            "fail",
            json!({"list": []}),
            json!({"list": ["iso", "gb"]}),
            "供方资质：持有 无，要求 iso、gb，不符",
            "Supplier's credentials: none held, iso, gb asked for: fails",
        ),
        (
            "offer_credentials",
            "fail",
            json!({"list": []}),
            json!({"list": ["hygiene_licence"]}),
            "供方资质：持有 无，要求 消毒产品卫生许可证，不符",
            "Supplier's credentials: none held, hygiene licence for disinfection products asked for: fails",
        ),
        (
            "standard",
            "unknown",
            Json::Null,
            text("GB 19083"),
            "执行标准：未说明，要求 GB 19083，待确认",
            "Standard: not stated, GB 19083 asked for: to be confirmed",
        ),
    ];
    for (code, outcome, have, want, zh, en) in cases {
        let check: matching::Check =
            serde_json::from_value(json!({"code": code, "outcome": outcome, "have": have, "want": want})).unwrap();
        let read = in_both(|explainer| explainer.check(check.clone()).text.unwrap());
        assert_eq!(read, (zh.to_owned(), en.to_owned()));
    }
}

#[test]
fn what_the_law_asks_for_is_named_not_coded() {
    let text = |about: &str| {
        let check = json!({"code": "legal_requirement", "outcome": "unknown", "about": about});
        let check: matching::Check = serde_json::from_value(check).unwrap();
        in_both(|explainer| explainer.check(check.clone()).text.unwrap())
    };
    let expected =
        ("法定资质（工业产品生产许可证），待确认", "Required by law (industrial production licence): to be confirmed");
    assert_eq!(text("production_licence"), (expected.0.to_owned(), expected.1.to_owned()));
    assert!(text("a_scheme_of_tomorrow").1.contains("(a_scheme_of_tomorrow)"));
}

#[test]
fn factors_say_what_was_measured_or_assumed() {
    let money = |amount: &str| json!({"money": {"amount": amount, "currency": "CNY", "per": "H87"}});
    let cases: [(&str, Json, Json, Json, &str, &str); 9] = [
        (
            "quantity",
            json!({"quantity": {"amount": "20000", "unit": "H87"}}),
            json!([]),
            json!({}),
            "数量：可成交 20000 个，50%，125 分",
            "Quantity: 20000 pieces can be agreed on, 50 %, 125 points",
        ),
        (
            "quantity",
            Json::Null,
            json!(["quantity_unknown"]),
            json!({}),
            "数量：数量未说明，按 50% 计，125 分",
            "Quantity: quantity not stated, counted as 50 %, 125 points",
        ),
        (
            "price",
            money("0.955204"),
            json!(["tax_unknown"]),
            json!({"reference": "0.7"}),
            "价格（到货）：0.9552 元/个，参考价 0.7 元/个（含税与否无法换算），50%，125 分",
            "Landed price: CNY 0.9552 per piece, reference CNY 0.7 per piece (tax cannot be compared), 50 %, 125 points",
        ),
        (
            "time",
            json!({"days": 3.42}),
            json!([]),
            json!({}),
            "时间余量：宽裕 3.4 天，50%，125 分",
            "Time slack: 3.4 days to spare, 50 %, 125 points",
        ),
        (
            "time",
            json!({"days": -1.0}),
            json!([]),
            json!({}),
            "时间余量：晚 1 天，50%，125 分",
            "Time slack: 1 day late, 50 %, 125 points",
        ),
        (
            "text",
            json!({"share": 0.5}),
            json!([]),
            json!({"concept": "ppe.mask.surgical"}),
            "描述相近：都说到医用外科口罩，50%，125 分",
            "Words: both speak of Surgical mask, 50 %, 125 points",
        ),
        ("text", json!({"share": 0.5}), json!([]), json!({}), "描述相近：50%，125 分", "Words: 50 %, 125 points"),
        (
            "trust",
            json!({"share": 0.5}),
            json!([]),
            json!({"kept": "9", "broken": "1"}),
            "履约信用：履约 9 次，违约 1 次，50%，125 分",
            "Trust: 9 promises kept, 1 broken, 50 %, 125 points",
        ),
        (
            "freshness",
            json!({"days": 2.0}),
            json!([]),
            json!({}),
            "新近确认：2 天前确认，50%，125 分",
            "Freshness: confirmed 2 days ago, 50 %, 125 points",
        ),
    ];
    for (code, value, flags, params, zh, en) in cases {
        let factor: matching::Factor =
            serde_json::from_value(json!({"code": code, "value": value, "u": 0.5, "weight": 0.25,
            "points": 125, "flags": flags, "params": params}))
            .unwrap();
        assert_eq!(in_both(|explainer| explainer.factor(factor.clone()).text), (zh.to_owned(), en.to_owned()));
    }
}

#[test]
fn counterfactuals_and_pools_are_sentences() {
    use matching::{CounterfactualCode, Value, Whose};
    let one = |field: &str, whose, from: Option<Value>, to: Option<Value>, rank| matching::Counterfactual {
        code: CounterfactualCode::WouldMatch,
        whose,
        field: field.to_owned(),
        about: Some("过滤效率".to_owned()),
        from: None,
        to: None,
        shown_from: from,
        shown_to: to,
        rank,
        score: 812,
    };
    let money =
        |amount: &str| Value::Money { amount: amount.parse().unwrap(), currency: "CNY".into(), per: "H87".into() };
    let sum = |amount: &str| Value::Money { amount: amount.parse().unwrap(), currency: "CNY".into(), per: "".into() };
    let regions = |codes: &[&str]| Value::List(codes.iter().map(|code| (*code).to_owned()).collect());
    let bound = |min: &str| Value::Range { min: min.parse().ok(), max: None, unit: Some("%".into()) };
    let cases = [
        (
            one("/max_price/amount", Whose::Own, Some(money("3")), Some(money("3.2")), Some(2)),
            "若本方最高价由 3 元/个 改为 3.2 元/个，即可匹配，排第 2，得 812 分",
            "If your maximum price were CNY 3.2 per piece instead of CNY 3 per piece, it would match, at rank 2 with 812 points",
        ),
        (
            one("/accepts_partial", Whose::Own, Some(Value::Yes(false)), Some(Value::Yes(true)), None),
            "若本方接受部分供应，即可匹配，得 812 分",
            "If your side accepted a part of the quantity, it would match, with 812 points",
        ),
        (
            one("/specs/0/min", Whose::Own, Some(bound("95")), Some(bound("94.5")), Some(1)),
            "若本方规格（过滤效率）下限由 ≥ 95 % 改为 ≥ 94.5 %，即可匹配，排第 1，得 812 分",
            "If your lower bound of 过滤效率 were ≥ 94.5 % instead of ≥ 95 %, it would match, at rank 1 with 812 points",
        ),
        (
            one(
                "/attributes/use_class",
                Whose::Theirs,
                Some(Value::text("civil")),
                Some(Value::text("medical")),
                Some(1),
            ),
            "若对方用途类别由 民用 改为 医用，即可匹配，排第 1，得 812 分",
            "If their use class were Medical instead of Civil, it would match, at rank 1 with 812 points",
        ),
        (
            one("/attributes/grade", Whose::Own, Some(Value::text("A")), None, Some(1)),
            "若本方不要求牌号（A），即可匹配，排第 1，得 812 分",
            "If your side did not ask for grade (A), it would match, at rank 1 with 812 points",
        ),
        (
            one(
                "/service_regions",
                Whose::Own,
                Some(regions(&["410300"])),
                Some(regions(&["410300", "420106"])),
                Some(1),
            ),
            "若本方服务地区由 洛阳市 改为 洛阳市、武昌区，即可匹配，排第 1，得 812 分",
            "If your service regions were Luoyang, Wuchang District instead of Luoyang, it would match, at rank 1 with 812 points",
        ),
        (
            one("/service_regions", Whose::Own, Some(regions(&["410300"])), None, Some(1)),
            "若本方不限服务地区（洛阳市），即可匹配，排第 1，得 812 分",
            "If your side set no limit by service regions (Luoyang), it would match, at rank 1 with 812 points",
        ),
        (
            one("/attributes/max_detour_km", Whose::Own, None, Some(Value::Kilometres(73.0)), Some(1)),
            "若本方最大绕行距离为 73 公里，即可匹配，排第 1，得 812 分",
            "If your longest detour were 73 km, it would match, at rank 1 with 812 points",
        ),
        (
            one("/attributes/amount/amount", Whose::Theirs, Some(sum("100000")), Some(sum("2000000")), Some(1)),
            "若对方金额由 100000 元 改为 2000000 元，即可匹配，排第 1，得 812 分",
            "If their sum were CNY 2000000 instead of CNY 100000, it would match, at rank 1 with 812 points",
        ),
        (
            one("/attributes/mode", Whose::Own, Some(Value::text("rail")), Some(Value::text("road")), Some(1)),
            "若本方方式由 铁路 改为 公路，即可匹配，排第 1，得 812 分",
            "If your mode were Road instead of Rail, it would match, at rank 1 with 812 points",
        ),
        (
            one("/attributes/arrangement", Whose::Own, Some(Value::text("hire")), Some(Value::text("lend")), Some(1)),
            "若本方用工方式由 招用 改为 借出，即可匹配，排第 1，得 812 分",
            "If your arrangement were Lend instead of Hire, it would match, at rank 1 with 812 points",
        ),
    ];
    for (one, zh, en) in cases {
        let read = in_both(|explainer| explainer.counterfactual(one.clone()).text);
        assert_eq!(read, (zh.to_owned(), en.to_owned()));
    }
    let pool = matching::Pool {
        needs: vec![uuid::Uuid::nil(); 11],
        radius_km: 20.0,
        total: "5200".parse().unwrap(),
        unit_code: Some("H87".into()),
    };
    let read = in_both(|explainer| explainer.pool(pool.clone()).text);
    let zh = "20 公里内 11 条需求合计 5200 个，共同达到起订量";
    assert_eq!(read, (zh.to_owned(), "11 needs within 20 km reach this minimum together: 5200 pieces".to_owned()));
}
