//! The product's source as text.

use std::fs;
use std::path::{Path, PathBuf};

pub struct File {
    /// Below `src/`.
    pub path: String,
    pub text: String,
}

impl File {
    /// The first segment below `src`: a layer, or one of the single files.
    pub fn layer(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    /// The module's path below the crate.
    pub fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        if path == "lib" || path == "main" { vec![] } else { path.split('/').collect() }
    }

    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.ends_with("/testing.rs")
    }

    /// Without comments, and without what stands in a `mod tests` at the end.
    pub fn code(&self) -> String {
        let shipped = self.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        without_comments(shipped)
    }
}

/// Every file of `src`, in order.
pub fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| File {
        path: path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    let files: Vec<File> = paths.iter().map(read).collect();
    assert!(files.len() > 50, "{} files", files.len());
    files
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Line comments go, strings stay: `//` inside one is none.
pub fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        let taken = match next {
            '"' => string_length(rest),
            '\'' => character_length(rest),
            'r' if rest.starts_with("r#\"") => rest[3..].find("\"#").map_or(rest.len(), |end| end + 5),
            _ => next.len_utf8(),
        };
        code.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    code
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal such as `'"'`; a lifetime is just its quote.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), _) => text[2..].find('\'').map_or(1, |end| end + 3),
        (Some((_, _)), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

/// Places where `name` stands as a whole word.
pub fn words<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |at| !part(text[..*at].chars().next_back()) && !part(text[at + name.len()..].chars().next()))
}

/// The arguments of a call whose parenthesis opens at the start of `text`.
pub fn arguments(text: &str) -> Vec<String> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0, 1);
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        match next {
            '"' => {
                at += string_length(&text[at..]);
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 1 => {
                found.push(text[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            let last = text[start..at].trim();
            if !last.is_empty() {
                found.push(last.to_owned());
            }
            break;
        }
        at += next.len_utf8();
    }
    found
}

#[test]
fn comments_are_seen_through_strings() {
    let text = "let a = \"// no\"; // yes\nlet b = '\"'; /// yes\nfn f<'a>(x: &'a str) {} // \"yes\nr#\"// no\"#;";
    assert_eq!(without_comments(text), "let a = \"// no\"; \nlet b = '\"'; \nfn f<'a>(x: &'a str) {} \nr#\"// no\"#;");
}

#[test]
fn arguments_are_split_at_their_own_commas() {
    assert_eq!(arguments("(a(1, 2), \"b, (\", [c, d]) rest"), ["a(1, 2)", "\"b, (\"", "[c, d]"]);
    assert_eq!(arguments("()"), Vec::<String>::new());
}
