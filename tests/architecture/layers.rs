//! `http → app → { db, engines } → domain`, and nothing points left.

use crate::source::{self, File, words};

/// Each layer with those it may name.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    // Text is compared by the concepts in it.
    ("matching", &["vocabulary", "domain"]),
    ("vocabulary", &["domain"]),
    // Words are sought in the normal form of a text.
    ("screening", &["vocabulary", "domain"]),
    // Policies and statistics are kept as the engine knows them.
    ("db", &["domain", "matching"]),
    ("app", &["db", "matching", "vocabulary", "screening", "domain"]),
    ("outgoing", &["app", "db", "domain"]),
    ("jobs", &["app", "db", "outgoing", "domain"]),
    ("http", &["app", "matching", "vocabulary", "domain", "config"]),
    ("config", &["domain"]),
    ("startup", &["http", "jobs", "outgoing", "app", "db", "matching", "vocabulary", "domain", "config"]),
    ("commands", &["startup", "http", "jobs", "app", "db", "domain", "config"]),
    ("main", &["commands", "startup", "http", "app", "domain", "config"]),
    ("lib", &[]),
];

/// Crates with those who alone may name them.
const CRATES: [(&str, &[&str]); 15] = [
    ("actix_web", &["http"]),
    ("actix_cors", &["http"]),
    ("utoipa", &["http"]),
    ("utoipa_actix_web", &["http"]),
    ("utoipa_swagger_ui", &["http"]),
    ("diesel", &["db"]),
    ("diesel_async", &["db"]),
    ("diesel_migrations", &["db"]),
    ("deadpool", &["db"]),
    ("tokio_postgres", &["db", "config"]),
    ("clap", &["main", "commands"]),
    ("jsonwebtoken", &["app"]),
    ("argon2", &["app"]),
    ("lettre", &["outgoing"]),
    ("reqwest", &["outgoing"]),
];

/// What the domain and the engines do without: threads and runtimes, files, sockets, the clock.
const PURE: [&str; 4] = ["domain", "matching", "vocabulary", "screening"];
const IMPURE: [&str; 12] = [
    "tokio",
    "futures_util",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "Utc::now",
    "Instant::now",
    "SystemTime",
    "rand",
    "tracing",
];

#[test]
fn no_layer_names_one_to_its_left() {
    let mut breaches = Vec::new();
    for file in source::files() {
        let allowed = ALLOWED.iter().find(|(layer, _)| *layer == file.layer()).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else { panic!("src/{}: which layer is this?", file.path) };
        let fine = |named: &String| named == file.layer() || allowed.contains(&named.as_str());
        let named = named_layers(&file, &file.code());
        breaches.extend(
            named.into_iter().filter(|named| !fine(named)).map(|named| format!("src/{} names {named}", file.path)),
        );
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn frameworks_stay_where_they_belong() {
    let mut breaches = Vec::new();
    for file in source::files() {
        let code = file.code();
        for (name, owners) in CRATES {
            let used =
                words(&code, name).any(|at| code[at + name.len()..].starts_with("::") || code[..at].ends_with("use "));
            if used && !owners.contains(&file.layer()) {
                breaches.push(format!("src/{} names {name}", file.path));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn domain_and_engines_are_pure() {
    let mut breaches = Vec::new();
    for file in source::files().into_iter().filter(|file| PURE.contains(&file.layer()) && !file.is_test()) {
        let code = file.code();
        let paths = IMPURE.iter().filter(|name| words(&code, name).next().is_some()).map(|name| name.to_string());
        let waits =
            ["async", ".await"].into_iter().filter(|word| words(&code, word).next().is_some()).map(str::to_owned);
        breaches.extend(paths.chain(waits).map(|name| format!("src/{} has {name}", file.path)));
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// First segments of all paths from the crate's root, however they are written.
fn named_layers(file: &File, code: &str) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for root in ["crate", "duijie"] {
        for at in words(code, root) {
            if let Some(path) = code[at + root.len()..].strip_prefix("::") {
                named.extend(first_segments(path));
            }
        }
    }
    // `super::super::db` from `app::x::y` is `db` as well.
    let depth = file.module().len();
    for at in words(code, "super").filter(|at| !code[..*at].ends_with("::")) {
        let mut rest = &code[at..];
        let mut ups = 0;
        while let Some(further) = rest.strip_prefix("super::") {
            (ups, rest) = (ups + 1, further);
        }
        if ups >= depth && depth > 0 {
            named.extend(first_segments(rest));
        }
    }
    named.sort();
    named.dedup();
    named
}

/// `app::x` gives `app`; `{app, db::{a, b}}` gives both; a macro or type of the root gives nothing.
fn first_segments(path: &str) -> Vec<String> {
    let identifier = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let parts = if path.starts_with('{') { source::arguments(path) } else { vec![path.to_owned()] };
    let names = parts.iter().map(|part| identifier(part.trim()));
    names.filter(|name| name.chars().next().is_some_and(char::is_lowercase) && name != "self").collect()
}

#[test]
fn every_way_to_name_a_layer_is_seen() {
    let file = |path: &str| File { path: path.to_owned(), text: String::new() };
    let named = |path: &str, code: &str| named_layers(&file(path), code);
    assert_eq!(named("app/x.rs", "use crate::http::y;"), ["http"]);
    assert_eq!(named("app/x.rs", "use crate::{db::{self, Error}, http, jobs::{a, b}};"), ["db", "http", "jobs"]);
    assert_eq!(named("app/x.rs", "let x = crate::http::y();"), ["http"]);
    assert_eq!(named("app/mod.rs", "use super::http;"), ["http"]);
    assert_eq!(named("app/x.rs", "use super::super::http::y;"), ["http"]);
    assert_eq!(named("app/x.rs", "use super::accounts;"), Vec::<String>::new());
    assert_eq!(named("app/x/y.rs", "use super::super::accounts;"), Vec::<String>::new());
    assert_eq!(named("main.rs", "use duijie::startup::{self, Fault};"), ["startup"]);
    assert_eq!(named("app/x.rs", "let crate_http = 1; pub(crate) fn f() {}"), Vec::<String>::new());
}
