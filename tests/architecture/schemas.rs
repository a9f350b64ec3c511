//! A schema of the OpenAPI document has one name and one meaning: of two types that bear one name, one would silently stand for
//! both.

use std::collections::BTreeMap;

use crate::source;

/// Names of the types that derive `ToSchema`, in a file's code.
fn schemas(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut lines = code.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if line.starts_with("#[derive(") && line.contains("ToSchema") {
            let declared = lines.by_ref().find_map(|line| {
                let rest = line.strip_prefix("pub ").unwrap_or(line);
                rest.strip_prefix("struct ").or_else(|| rest.strip_prefix("enum "))
            });
            let name = declared.unwrap_or_default();
            names.push(name.chars().take_while(|c| c.is_alphanumeric()).collect());
        }
    }
    names
}

#[test]
fn no_two_schemas_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in source::files() {
        for name in schemas(&file.code()) {
            places.entry(name).or_default().push(file.path.clone());
        }
    }
    assert!(places.len() > 50, "{places:?}");
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn a_schema_is_seen_through_its_attributes() {
    let code = "#[derive(Serialize, ToSchema)]\n#[schema(example = json!({}))]\npub struct One {\n}\n#[derive(Debug)]\nstruct No;\n    #[derive(ToSchema)]\n    enum Two {";
    assert_eq!(schemas(code), ["One", "Two"]);
}
