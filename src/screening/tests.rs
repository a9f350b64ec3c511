//! What is noticed in texts people write, and what is not.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::domain::listing::ListingStatus;
use crate::domain::shipped;

fn reference() -> Reference {
    shipped::reference().unwrap_or_else(|error| panic!("{error}"))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_default()
}

fn listing(more: Value) -> Listing {
    let mut document = json!({"side": "offer", "kind": "ppe", "attributes": {}, "title": "医用外科口罩", "valid_until": "2027-01-01T00:00:00Z"});
    for (name, value) in more.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    Listing {
        id: Uuid::now_v7(),
        enterprise_id: Uuid::nil(),
        status: ListingStatus::Published,
        version: 2,
        terms: serde_json::from_value(document).unwrap_or_else(|error| panic!("{error}")),
        outcome: None,
        counterpart_id: None,
        created_at: at("2026-11-20T00:00:00Z"),
        updated_at: at("2026-11-20T00:00:00Z"),
        published_at: None,
        confirmed_at: at("2026-11-20T00:00:00Z"),
        urgency_confirmed: None,
        mandate_id: None,
    }
}

fn enterprise(more: Value) -> Enterprise {
    let mut profile = json!({"legal_name": "示范企业"});
    for (name, value) in more.as_object().into_iter().flatten() {
        profile[name] = value.clone();
    }
    Enterprise {
        id: Uuid::nil(),
        status: crate::domain::enterprise::EnterpriseStatus::Pending,
        profile: serde_json::from_value(profile).unwrap_or_else(|error| panic!("{error}")),
        standing: Default::default(),
        merged_into: None,
        version: 1,
        created_at: at("2026-11-10T00:00:00Z"),
        updated_at: at("2026-11-10T00:00:00Z"),
    }
}

fn found_with(listing: &Listing, enterprise: &Enterprise, like: &[Listing]) -> Vec<Finding> {
    let around = Surroundings {
        enterprise,
        reference: &reference(),
        thresholds: &FlagThresholds::default(),
        now: at("2026-11-26T00:00:00Z"),
        today: "2026-11-26".parse().unwrap_or_default(),
        sharing_phone: &[],
        like,
    };
    screen(listing, &around)
}

fn found(more: Value) -> Vec<Finding> {
    found_with(&listing(more), &enterprise(json!({})), &[])
}

fn contacts(text: &str) -> Vec<String> {
    let found = found(json!({"description": text}));
    found.into_iter().filter(|one| one.code == ListingFlagCode::ContactInText).map(|one| one.subject).collect()
}

fn codes(findings: &[Finding]) -> Vec<ListingFlagCode> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn contact_data_is_seen_however_it_is_written() {
    for (text, sort) in [
        ("请联系13812345678", "mobile"),
        ("电话:138 1234 5678", "mobile"),
        ("138-1234-5678", "mobile"),
        ("１３８１２３４５６７８", "mobile"),
        ("一三八一二三四五六七八", "mobile"),
        ("幺三八 一二三四 五六七八", "mobile"),
        ("1 3 8 1 2 3 4 5 6 7 8", "mobile"),
        ("13\u{200b}812345678", "mobile"),
        ("手机 1381 2345 678", "mobile"),
        ("call +8613812345678 now", "mobile"),
        ("0379-64912345", "landline"),
        ("热线 400-820-8820", "landline"),
        ("加微信：mask_shop88", "wechat"),
        ("微信同号 wx: kouzhao2020", "wechat"),
        ("vx：abc12345", "wechat"),
        ("WeChat: luoyang_masks", "wechat"),
        ("QQ:123456789", "qq"),
        ("扣扣 88889999", "qq"),
        ("mail sales@example.com", "email"),
        ("sales (at) example.com.cn", "email"),
        ("https://shop.example.com/a", "url"),
        ("见 www.kouzhao.net", "url"),
        ("访问 kouzhao88.com 下单", "url"),
    ] {
        assert!(contacts(text).iter().any(|one| one == sort), "{text}: {:?}", contacts(text));
    }
}

#[test]
fn numbers_of_other_things_are_no_contacts() {
    for text in [
        "GB 19083-2010，GB/T 32610-2016，YY 0469-2011，YY/T 0969-2013",
        "EN 14683:2019+AC:2019 Type IIR, ASTM F2100-19, ISO 22609:2004",
        "3M 1860 8210 9332 9332A，KN95，FFP2",
        "3M 1860 8210 912",
        "国械注准20203140057，豫械注准20142640123",
        "统一社会信用代码 91410300748461136T",
        "现货 13800000000 只，日产 15000000000个",
        "每箱 2000 只，共 500 箱，合计 1000000 只",
        "交货期 2020-02-15 至 2020-03-15 13:30",
        "箱规 52*38*40cm 毛重 12.5kg",
        "批号 20200213001 有效期至 20220212",
        "条码 6901234567892",
        "合同号 HT20200213-13812345678A",
        "型号 G13812345678",
        "CAS 7722-84-1，UN 1170，HS 6307900010",
        "熔喷布 25g/m2 BFE95 PFE99，驻极处理",
        "支持微信支付、支付宝、对公转账",
        "微信小程序开发，企业微信接入",
        "VX-2000 加工中心，WX 系列",
        "QQ3 奇瑞配件",
        "ASP.NET 与 Node.js 开发，3.5cm 宽",
        "单价 0.65元，含税13%，运费另计",
        "螺纹钢 HRB400E Φ16-25mm 3776.70元/吨",
        "6205-2RS 6206ZZ 30208 轴承 22210 CC/W33",
        "price 13800138000.50 CNY",
        "二〇二〇年一月三十一日",
        "一二三类医疗器械经营备案",
        "surgical masks, 50 pcs per box, 2000 pcs per carton",
    ] {
        assert_eq!(contacts(text), Vec::<String>::new(), "{text}");
    }
}

fn forbidden(text: &str) -> Vec<String> {
    let found = found(json!({"description": text}));
    found.into_iter().filter(|one| one.code == ListingFlagCode::ForbiddenWords).map(|one| one.subject).collect()
}

#[test]
fn forbidden_goods_are_seen_through_widths_spaces_and_traditional_characters() {
    for (text, list) in [
        ("穿山甲甲片", "wildlife"),
        ("穿 山 甲", "wildlife"),
        ("穿*山·甲", "wildlife"),
        ("犀牛角粉", "wildlife"),
        ("野生動物", "wildlife"),
        ("供应子弹", "firearms"),
        ("fresh PANGOLIN scales", "wildlife"),
        ("二手口罩五万只", "medical_waste"),
        ("代開發票", "forged_documents"),
    ] {
        assert_eq!(forbidden(text), [list], "{text}");
    }
}

#[test]
fn harmless_words_that_hold_forbidden_ones_are_left_alone() {
    for text in [
        "额温枪支持定制，胶枪支架，焊枪支座",
        "象牙白色无纺布，象牙芒两吨",
        "防雷管道，避雷管",
        "售卖卵石，大豆卵磷脂",
        "手枪钻，子弹头车",
        "价格依旧 口罩现货，可回收口罩盒",
        "婴儿用品可替代孕妇装",
        "严禁销售野生动物",
        "不回收旧口罩，谨防假币",
        "废旧口罩专用垃圾桶",
        "ammunitions of patience, heroine of the day",
        "防弹玻璃，喷枪，打胶枪，射钉枪",
    ] {
        assert_eq!(forbidden(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn prepayment_to_a_person_takes_both() {
    let flagged = |more: Value| codes(&found(more)).contains(&ListingFlagCode::PrepaymentToPerson);
    assert!(flagged(json!({"description": "先付定金，转至个人账户"})));
    assert!(flagged(json!({"description": "付款至私人银行卡", "payment_terms": ["prepayment"]})));
    assert!(flagged(json!({"description": "30% deposit to my personal account"})));
    assert!(!flagged(json!({"description": "预付30%，对公账户"})));
    assert!(!flagged(json!({"description": "预付款，不走个人账户"})));
    assert!(!flagged(json!({"description": "支持个人账户货到付款"})));
}

fn steel(price: &str, unit: &str) -> Vec<ListingFlagCode> {
    codes(&found(
        json!({"kind": "material", "category": "material.metal.rebar", "title": "螺纹钢", "quantity": "1", "unit_code": unit,
        "price": {"amount": price, "currency": "CNY"}}),
    ))
}

#[test]
fn a_price_is_marked_only_far_from_its_baseline() {
    use ListingFlagCode::{PriceAboveReference, PriceBelowReference};
    assert_eq!(steel("3900", "TNE"), []);
    assert_eq!(steel("11000", "TNE"), []);
    assert_eq!(steel("11400", "TNE"), [PriceAboveReference]);
    assert_eq!(steel("12", "KGM"), [PriceAboveReference]);
    assert_eq!(steel("3.9", "KGM"), []);
    assert_eq!(steel("1200", "TNE"), [PriceBelowReference]);
    assert_eq!(steel("0", "TNE"), [], "a donation");
    assert_eq!(steel("99999", "MTR"), [], "what cannot be converted is not compared");
    // Of two goods in one category the price must be off both.
    let plate = |price: &str| {
        codes(&found(
            json!({"kind": "material", "category": "material.metal.zinc_lead", "title": "锭", "quantity": "1", "unit_code": "TNE",
            "price": {"amount": price, "currency": "CNY"}}),
        ))
    };
    assert_eq!(plate("50000"), []);
    assert_eq!(plate("60000"), [PriceAboveReference]);
}

#[test]
fn quantities_beyond_what_can_be_are_marked() {
    use ListingFlagCode::ImpossibleQuantity;
    let masks = |quantity: &str, basis: &str, unit: &str, pack: Value| {
        codes(&found(
            json!({"category": "ppe.mask.surgical", "quantity": quantity, "quantity_basis": basis, "unit_code": unit,
            "units_per_pack": pack}),
        ))
    };
    assert_eq!(masks("1000000", "per_day", "H87", Value::Null), []);
    assert_eq!(masks("200000000", "per_day", "H87", Value::Null), [ImpossibleQuantity]);
    assert_eq!(masks("100000", "per_day", "XCT", json!("2000")), [ImpossibleQuantity]);
    assert_eq!(masks("200000000", "total", "H87", Value::Null), []);
    let lends = |headcount: u32| {
        let offer = listing(
            json!({"kind": "labor", "title": "缝纫工", "attributes": {"headcount": headcount, "arrangement": "lend"}}),
        );
        codes(&found_with(&offer, &enterprise(json!({"employees": 80})), &[]))
    };
    assert_eq!((lends(80), lends(81)), (vec![], vec![ImpossibleQuantity]));
    let truck = |kg: &str| {
        codes(&found(json!({"kind": "transport", "title": "货车", "attributes": {"mode": "road", "weight_kg": kg}})))
    };
    assert_eq!((truck("32000"), truck("60000")), (vec![], vec![ImpossibleQuantity]));
}

#[test]
fn certificates_are_read() {
    use ListingFlagCode::{CertificateExpired, CertificateMismatch};
    let goods =
        |category: &str, attributes: Value| codes(&found(json!({"category": category, "attributes": attributes})));
    assert_eq!(
        goods(
            "ppe.mask.surgical",
            json!({"certificate_number": "豫械注准20202140123", "certificate_valid_to": "2027-01-01"})
        ),
        []
    );
    assert_eq!(goods("ppe.mask.surgical", json!({"certificate_number": "豫械注准20142640123"})), []);
    assert_eq!(goods("ppe.mask.surgical", json!({"certificate_valid_to": "2026-11-25"})), [CertificateExpired]);
    assert_eq!(goods("ppe.mask.surgical", json!({"expiry_date": "2026-11-26"})), [], "the last day is a day");
    assert_eq!(goods("ppe.mask.surgical", json!({"certificate_number": "粤械注准20162070123"})), [CertificateMismatch]);
    assert_eq!(goods("ppe.thermometer.infrared", json!({"certificate_number": "粤械注准20162070123"})), []);
    assert_eq!(goods("ppe.mask.surgical", json!({"certificate_number": "豫械注准20302140123"})), [CertificateMismatch]);
    assert_eq!(goods("ppe.mask.particulate", json!({"certificate_number": "LA 12345"})), []);
}

#[test]
fn a_new_enterprise_with_a_fortune_is_marked_until_it_is_verified() {
    let offer =
        listing(json!({"quantity": "3000000", "unit_code": "H87", "price": {"amount": "0.5", "currency": "CNY"}}));
    let mut firm = enterprise(json!({}));
    assert_eq!(codes(&found_with(&offer, &firm, &[])), [ListingFlagCode::NewEnterpriseLargeStock]);
    firm.created_at = at("2026-10-01T00:00:00Z");
    assert_eq!(codes(&found_with(&offer, &firm, &[])), []);
    firm.created_at = at("2026-11-25T00:00:00Z");
    firm.status = crate::domain::enterprise::EnterpriseStatus::Verified;
    assert_eq!(codes(&found_with(&offer, &firm, &[])), []);
}

const LONG: &str = "本厂现货供应医用外科口罩，执行标准 YY 0469-2011，每箱两千只，支持洛阳市区当日送达，可开增值税专用发票，欢迎来厂验货。";

#[test]
fn repeats_are_told_from_listings_that_only_look_alike() {
    use ListingFlagCode::{DuplicateListing, SimilarListing, SimilarToOtherEnterprise};
    let text = |description: &str, quantity: &str| {
        listing(json!({"description": description, "quantity": quantity, "unit_code": "H87"}))
    };
    let compare = |first: Listing, second: Listing| codes(&found_with(&second, &enterprise(json!({})), &[first]));
    let others = |mut first: Listing, second: Listing| {
        first.enterprise_id = Uuid::from_u128(7);
        compare(first, second)
    };
    assert_eq!(compare(text(LONG, "100"), text(LONG, "100")), [DuplicateListing]);
    assert_eq!(compare(text(LONG, "100"), text(LONG, "200")), [], "another lot of the same goods");
    let retouched = LONG.replace("欢迎来厂验货", "欢迎来厂看货");
    assert_eq!(compare(text(LONG, "100"), text(&retouched, "100")), [SimilarListing]);
    assert_eq!(others(text(LONG, "100"), text(&retouched, "90")), [SimilarToOtherEnterprise]);
    assert_eq!(others(text("现货", "100"), text("现货", "100")), [], "goods have names");
    let other = "熔喷布急购，克重二十五克，过滤效率九十五以上，需要每天两吨，连续供货一个月，货款月结，质检报告随货。";
    assert_eq!(others(text(LONG, "100"), text(other, "100")), []);
    // The earlier of two is nobody's copy.
    let (first, second) = (text(LONG, "100"), text(LONG, "100"));
    assert_eq!(codes(&found_with(&first, &enterprise(json!({})), &[second])), []);
    let near = |a: &Listing, b: &Listing| prints(&a.terms).iter().any(|band| prints(&b.terms).contains(band));
    assert!(near(&text(LONG, "1"), &text(&retouched, "1")) && !near(&text(LONG, "1"), &text(other, "1")));
}
