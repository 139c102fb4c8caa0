//! Every code of an error is in docs/errors.md, and nothing else is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What comes right before a code in the source.
const BEFORE: [&str; 6] =
    ["misuse(", "Unreadable::new(", "panicked(", "ErrorKind::", "StatusCode::", "refused(busy,"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sources of the SDK, without their tests.
fn sources(directory: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !matches!(name, "tests" | "test" | "proof") {
            sources(&path, texts);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            texts.push(lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The code at the beginning of what comes after a call, maybe after the name of a kind.
fn code(after: &str, named: bool) -> Option<String> {
    let rest = if named {
        after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').strip_prefix(',')?
    } else {
        after
    };
    let (code, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    let is_code = code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_code.then(|| code.to_owned())
}

fn in_the_source() -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&root().join("crates/sdk/src"), &mut texts);
    let mut codes = BTreeSet::new();
    for text in &texts {
        for before in BEFORE {
            let named = before.ends_with("::");
            codes.extend(text.split(before).skip(1).filter_map(|after| code(after, named)));
        }
        // The codec's own constructor.
        if text.contains("impl Unreadable") {
            codes.extend(text.split("Self::new(").skip(1).filter_map(|after| code(after, false)));
        }
    }
    codes
}

fn in_the_tables() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split_once('`').unwrap().0.to_owned()).collect()
}

#[test]
fn every_code_is_listed_and_no_other() {
    let (source, tables) = (in_the_source(), in_the_tables());
    assert!(source.len() > 30, "{source:?}");
    let missing: Vec<_> = source.difference(&tables).collect();
    assert!(missing.is_empty(), "docs/errors.md lacks {missing:?}");
    let gone: Vec<_> = tables.difference(&source).collect();
    assert!(gone.is_empty(), "docs/errors.md lists {gone:?}, which no source gives");
}
