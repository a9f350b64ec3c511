//! `/v1/reference`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Client, TestApp, document};

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(&format!("/v1/reference/{path}")).await.expect(200).json()["items"].as_array().unwrap().clone()
}

fn codes(items: &[Value]) -> BTreeSet<&str> {
    items.iter().map(|item| item["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everything_is_cacheable_and_public() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let lists = ["categories", "regions", "units", "codes", "kinds/ppe", "regions?parent=410300", "currencies"];
    let more = ["industries", "occupations?level=1", "standards", "categories/suggest?q=mask"];
    for path in lists.into_iter().chain(more) {
        let path = format!("/v1/reference/{path}");
        let first = anybody.get(&path).await.expect(200);
        let etag = first.etag().to_owned();
        assert!(first.find_header("cache-control").is_some(), "{path}");
        let again = anybody.get(&path).header("if-none-match", &etag).await.expect(304);
        assert_eq!(again.etag(), etag);
        assert!(again.body.is_empty());
        anybody.get(&path).header("if-none-match", "\"other\"").await.expect(200);
    }
    let etag = |path: &str| anybody.get(path);
    let (all, ppe) = (etag("/v1/reference/categories").await, etag("/v1/reference/categories?kind=ppe").await);
    assert_ne!(all.etag(), ppe.etag());
}

#[tokio::test]
async fn categories_are_a_tree_with_names_in_both_languages() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let all = items(&anybody, "categories").await;
    let (known, units) = (codes(&all), items(&anybody, "units").await);
    assert!(known.len() == all.len() && all.len() >= 60, "{}", all.len());
    for category in &all {
        let parent = category["parent"].as_str();
        assert!(parent.is_none_or(|parent| known.contains(parent)), "{category}");
        assert!(["zh-CN", "en"].iter().all(|tag| !category["names"][tag].as_str().unwrap().is_empty()));
        for unit in category["units"].as_array().unwrap() {
            assert!(codes(&units).contains(unit.as_str().unwrap()), "{category}");
        }
        for broader in category["also_within"].as_array().into_iter().flatten() {
            assert!(known.contains(broader.as_str().unwrap()), "{category}");
        }
        for substitute in category["substitutes"].as_array().into_iter().flatten() {
            assert!(known.contains(substitute["code"].as_str().unwrap()), "{category}");
        }
    }
    let ppe = items(&anybody, "categories?kind=ppe").await;
    assert!(ppe.len() < all.len() && ppe.iter().all(|category| category["kind"] == "ppe"));
    for words in ["%E5%A4%96%E7%A7%91%E5%8F%A3%E7%BD%A9", "surgical%20mask", "SURGICAL%20Mask", "ppe.mask.surgical"] {
        let found = items(&anybody, &format!("categories?q={words}")).await;
        assert!(codes(&found).contains("ppe.mask.surgical"), "{words}");
        assert!(found.len() < 10, "{words}: {}", found.len());
    }
    anybody.get("/v1/reference/categories?kind=goods").await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn regions_by_parent_level_name_and_code() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let provinces = items(&anybody, "regions").await;
    assert_eq!(provinces.len(), 34);
    assert!(provinces.iter().all(|region| region["level"] == 1 && region["parent"].is_null()));
    let districts = items(&anybody, "regions?parent=410300").await;
    assert!(codes(&districts).is_superset(&BTreeSet::from(["410305", "410311", "410323"])));
    assert!(districts.iter().all(|region| region["parent"] == "410300" && region.get("valid_to").is_none()));
    let named = items(&anybody, "regions?q=%E6%B6%A7%E8%A5%BF&level=3").await;
    assert_eq!(codes(&named), BTreeSet::from(["410305"]));

    // Chongwen was merged into Dongcheng in 2010.
    let retired = items(&anybody, "regions?code=110103").await;
    assert_eq!((retired.len(), &retired[0]["replaced_by"]), (1, &json!("110101")));
    assert!(retired[0]["valid_to"].is_string());
    let children = async |more: &str| items(&anybody, &format!("regions?parent=110100{more}")).await;
    assert!(!codes(&children("").await).contains("110103"));
    assert!(codes(&children("&retired=true").await).contains("110103"));
    assert!(items(&anybody, "regions?code=999999").await.is_empty());
    anybody.get("/v1/reference/regions?level=4").await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn units_by_word_and_dimension() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let words = [
        ("只", "H87"),
        ("个", "H87"),
        ("件", "H87"),
        ("箱", "XCT"),
        ("盒", "XBX"),
        ("瓶", "XBO"),
        ("桶", "XDR"),
        ("套", "SET"),
        ("双", "PR"),
        ("副", "PR"),
        ("把", "H87"),
        ("卷", "XRO"),
        ("台", "H87"),
        ("台班", "HUR"),
        ("工日", "LH"),
        ("吨", "TNE"),
        ("公斤", "KGM"),
        ("斤", "KGM"),
        ("升", "LTR"),
        ("米", "MTR"),
        ("平方米", "MTK"),
        ("车", "NV"),
        ("人", "IE"),
        ("天", "DAY"),
    ];
    for (word, code) in words {
        let encoded: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let found = items(&anybody, &format!("units?q={encoded}")).await;
        assert!(codes(&found).contains(code), "{word}: {:?}", codes(&found));
    }
    let kilogram = items(&anybody, "units?q=%E5%B8%82%E6%96%A4").await;
    let measured = kilogram[0]["measure_words"].as_array().unwrap();
    assert!(measured.contains(&json!({"word": "市斤", "numerator": 1, "denominator": 2})), "{measured:?}");
    let masses = items(&anybody, "units?dimension=mass").await;
    assert_eq!(codes(&masses), BTreeSet::from(["GRM", "KGM", "MGM", "TNE"]));
    anybody.get("/v1/reference/units?dimension=Mass").await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn currencies_in_both_languages() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let all = items(&anybody, "currencies").await;
    assert!(all.len() > 150 && all.iter().all(|currency| currency.get("valid_to").is_none()));
    assert!(!codes(&all).contains("XXX") && !codes(&all).contains("BGN"));
    for words in ["%E4%BA%BA%E6%B0%91%E5%B8%81", "chinese%20YUAN", "cny"] {
        assert!(codes(&items(&anybody, &format!("currencies?q={words}")).await).contains("CNY"), "{words}");
    }
    let yen = &items(&anybody, "currencies?q=JPY").await[0];
    assert_eq!((&yen["minor_units"], &yen["numeric"]), (&json!(0), &json!("392")));
    let lev = &items(&anybody, "currencies?q=BGN&retired=true").await[0];
    assert_eq!((&lev["replaced_by"], &lev["valid_to"]), (&json!("EUR"), &json!("2025-12-31")));
}

#[tokio::test]
async fn industries_and_occupations_by_level_parent_and_name() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    for (scheme, counts) in [("industries", &[20, 97][..]), ("occupations", &[10, 43, 130])] {
        let all = items(&anybody, scheme).await;
        assert_eq!(all.len(), counts.iter().sum::<usize>());
        let known = codes(&all);
        for (level, count) in (1..).zip(counts) {
            let of_level = items(&anybody, &format!("{scheme}?level={level}")).await;
            assert_eq!(of_level.len(), *count, "{scheme} {level}");
            for class in &of_level {
                assert!(class["parent"].as_str().map_or(level == 1, |parent| known.contains(parent)), "{class}");
                assert!(["zh-CN", "en"].iter().all(|tag| !class["names"][tag].as_str().unwrap().is_empty()), "{class}");
            }
        }
        anybody.get(&format!("/v1/reference/{scheme}?level=5")).await.problem(400, "parameters_invalid");
    }
    let manufacturing = items(&anybody, "industries?parent=C").await;
    assert_eq!((manufacturing.len(), &manufacturing[0]["code"]), (31, &json!("13")));
    for words in ["%E5%8C%BB%E8%8D%AF", "medicines"] {
        assert_eq!(codes(&items(&anybody, &format!("industries?q={words}")).await), BTreeSet::from(["27"]), "{words}");
    }
    for words in ["%E7%84%8A%E5%B7%A5", "Welders"] {
        assert_eq!(
            codes(&items(&anybody, &format!("occupations?q={words}")).await),
            BTreeSet::from(["721"]),
            "{words}"
        );
    }
}

#[tokio::test]
async fn standards_by_use_and_spelling() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let medical = items(&anybody, "standards?use_class=medical").await;
    assert!(medical.len() > 3 && medical.iter().all(|standard| standard["use_class"] == "medical"));
    let found = items(&anybody, "standards?q=gb19083").await;
    assert!(found.iter().any(|standard| standard["designation"] == "GB 19083"), "{found:?}");
    anybody.get("/v1/reference/standards?use_class=home").await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn suggestions_complete_what_is_typed() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    for (typed, code) in [
        ("%E5%8F%A3", "ppe.mask"),
        ("n95", "ppe.mask.particulate"),
        ("glo", "ppe.glove"),
        ("%E5%8F%A3%E7%85%A7", "ppe.mask"),
    ] {
        let found = items(&anybody, &format!("categories/suggest?q={typed}")).await;
        assert!(found[0]["code"].as_str().unwrap().starts_with(code), "{typed}: {found:?}");
        let sure: Vec<f64> = found.iter().map(|item| item["confidence"].as_f64().unwrap()).collect();
        assert!(found.len() <= 10 && sure.is_sorted_by(|a, b| a >= b) && sure[0] <= 1.0, "{sure:?}");
        assert!(found[0]["names"]["zh-CN"].is_string() && found[0]["names"]["en"].is_string());
    }
    assert_eq!(items(&anybody, "categories/suggest?q=%E5%8F%A3&limit=2").await.len(), 2);
    let material = items(&anybody, "categories/suggest?q=%E5%8F%A3%E7%BD%A9&kind=material").await;
    assert!(material.iter().all(|item| item["code"].as_str().unwrap().starts_with("material")), "{material:?}");
    for wrong in ["", "?q=", "?q=a&limit=0", "?q=a&limit=51", "?q=a&kind=goods", "?q=a&colour=red"] {
        let path = format!("/v1/reference/categories/suggest{wrong}");
        assert_eq!(anybody.get(&path).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn every_enumeration_of_the_document_is_in_the_codes() {
    let app = TestApp::start().await;
    let lists = items(&app.anonymous(), "codes").await;
    let named: BTreeSet<&str> = lists.iter().map(|list| list["name"].as_str().unwrap()).collect();
    let mut missing = BTreeSet::new();
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        if schema["enum"].is_array() && !named.contains(name.as_str()) {
            missing.insert(name.clone());
        }
        // One of several values inside a schema would have labels nowhere.
        for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
            let several = |schema: &Value| schema["enum"].as_array().is_some_and(|values| values.len() > 1);
            if several(inner) || several(&inner["items"]) {
                missing.insert(format!("{name}.{property}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn every_code_of_the_document_has_labels() {
    let app = TestApp::start().await;
    let lists = items(&app.anonymous(), "codes").await;
    for list in &lists {
        let name = list["name"].as_str().unwrap();
        let schema = document()["components"]["schemas"][name]["enum"].as_array();
        let listed: Vec<&Value> = list["codes"].as_array().unwrap().iter().map(|code| &code["code"]).collect();
        if let Some(schema) = schema {
            assert_eq!(listed, schema.iter().collect::<Vec<_>>(), "{name}");
        }
        for code in list["codes"].as_array().unwrap() {
            assert!(["zh-CN", "en"].iter().all(|tag| !code["names"][tag].as_str().unwrap().is_empty()), "{code}");
        }
    }
    let names: BTreeSet<&str> = lists.iter().map(|list| list["name"].as_str().unwrap()).collect();
    assert!(names.is_superset(&BTreeSet::from(["Kind", "Side", "ListingStatus", "CheckCode", "Urgency"])));
}

#[tokio::test]
async fn the_schema_of_a_kind_stands_alone() {
    let app = TestApp::start().await;
    let cases = [
        ("material", json!({"grade": "GCr15"})),
        ("ppe", json!({"standard": "GB 19083-2010", "use_class": "medical", "expiry_date": "2028-06-30"})),
        ("labor", json!({"occupation": "焊工", "headcount": 20, "pay": {"amount": "28", "currency": "CNY"}})),
        ("transport", json!({"stops": [{"region_code": "410305"}], "temperature": {"min": 2, "max": 8}})),
        ("equipment", json!({"mode": "rent", "period": {"start": "2027-01-01", "end": "2027-01-31"}})),
        ("finance", json!({"amount": {"amount": "2000000", "currency": "CNY"}, "term_months": 12})),
        ("technology", json!({"readiness_level": 7})),
        ("service", json!({"service": "disinfection", "capacity_per_day": "20000"})),
    ];
    for (kind, good) in cases {
        let schema = app.anonymous().get(&format!("/v1/reference/kinds/{kind}")).await.expect(200).json();
        assert!(!schema.to_string().contains("#/components/"), "{schema}");
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        let validator = options.build(&schema).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let name = format!("{}{}Attributes", kind[..1].to_uppercase(), &kind[1..]);
        let schemas = &document()["components"]["schemas"];
        let examples = [good.clone(), schemas[&name]["example"].clone(), schemas[&name]["examples"][0].clone()];
        for example in examples.iter().filter(|example| example.is_object()) {
            let faults: Vec<String> = validator.iter_errors(example).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{kind}: {example}: {faults:?}");
        }
        let mut strange = good.clone();
        strange["colour"] = json!("blue");
        assert!(!validator.is_valid(&strange), "{kind} admits anything");
        for (name, _) in good.as_object().unwrap() {
            let mut wrong = good.clone();
            wrong[name] = json!([[]]);
            assert!(!validator.is_valid(&wrong), "{kind}.{name} admits anything");
        }
    }
    app.anonymous().get("/v1/reference/kinds/goods").await.problem(400, "parameters_invalid");
}
