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
    for path in ["categories", "regions", "units", "codes", "kinds/ppe", "regions?parent=410300"] {
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
