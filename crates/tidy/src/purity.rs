//! The pure crates stay pure: no runtime, no clock, no threads, no I/O, no logging.

use crate::{
    Problems,
    metadata::Metadata,
    repository::File,
    tokens::{self, Kind, Token},
};

/// The crates that perform no I/O.
pub const PURE: &[&str] = &["abide-protocol", "abide-machine", "abide-engine"];

/// Of these, the ones that also do without serialisation: their directories.
pub const CORE: &[(&str, &str)] =
    &[("abide-machine", "crates/machine/src/"), ("abide-engine", "crates/engine/src/")];

/// Packages that no pure crate may be built on, however indirectly.
const IMPURE: &[&str] = &[
    "abide-store",
    "anstream",
    "axum",
    "fastrand",
    "fjall",
    "getrandom",
    "http",
    "hyper",
    "log",
    "lsm-tree",
    "mio",
    "parking_lot",
    "rand",
    "rayon",
    "redb",
    "reqwest",
    "rusqlite",
    "socket2",
    "tokio",
    "tracing",
];

/// Packages that the core may not use by itself. (It is built on the protocol, which uses them.)
const WIRE: &[&str] = &["base64", "serde", "serde_json"];

/// Parts of `std` that reach outside of the process or between its threads.
const OUTSIDE: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread"];

/// Names that stand for a clock, wherever they come from.
const CLOCKS: &[&str] = &["Instant", "SystemTime", "UNIX_EPOCH"];

/// Macros that print.
const PRINTING: &[&str] = &["dbg", "eprint", "eprintln", "print", "println"];

/// Finds dependencies that a pure crate must not have.
pub fn dependencies(metadata: &Metadata) -> Problems {
    let mut problems = Problems::new();
    for name in PURE {
        let closure = metadata.closure(name);
        let impure = IMPURE.iter().filter(|impure| closure.contains(*impure));
        problems.extend(impure.map(|impure| format!("{name} must not be built on {impure}")));
    }
    for package in metadata.members() {
        let core = CORE.iter().any(|(name, _)| *name == package.name);
        let ordinary = package.dependencies.iter().filter(|dep| core && dep.kind.is_none());
        let wire = ordinary.filter(|dep| WIRE.contains(&&*dep.name));
        problems
            .extend(wire.map(|dep| format!("{} must not depend on {}", package.name, dep.name)));
    }
    problems
}

/// Finds code in the core that reaches outside.
pub fn sources(files: &[File]) -> Problems {
    let core = files.iter().filter(|file| {
        file.is("rs") && CORE.iter().any(|(_, directory)| file.path.starts_with(directory))
    });
    core.flat_map(source).collect()
}

fn source(file: &File) -> Problems {
    let tokens = match tokens::read(&file.text) {
        Ok(tokens) => tokens,
        Err(error) => return vec![format!("{} cannot be read: {error}", file.path)],
    };
    let mut problems = Problems::new();
    let mut refuse = |token: &Token, what: &str| {
        problems.push(format!("{}:{} must not use {what}", file.path, token.line));
    };
    for (place, token) in tokens.iter().enumerate() {
        let before = |back: usize| place.checked_sub(back).map(|at| tokens[at].text.as_str());
        let after = tokens.get(place + 1).map(|next| next.text.as_str());
        let text = token.text.as_str();
        if token.kind != Kind::Ident {
            continue;
        }
        if CLOCKS.contains(&text) || WIRE.contains(&text) {
            refuse(token, text);
        } else if PRINTING.contains(&text) && after == Some("!") {
            refuse(token, &format!("{text}!"));
        } else if OUTSIDE.contains(&text) {
            let path = before(1) == Some(":") && before(3) == Some("std");
            if path || in_use_of_std(&tokens, place) {
                refuse(token, &format!("std::{text}"));
            }
        }
    }
    problems
}

/// Whether the name is at the top of a `use std::{...}`.
fn in_use_of_std(tokens: &[Token], place: usize) -> bool {
    let upto = &tokens[..place];
    let Some(start) = upto.iter().rposition(|token| token.text == "use") else { return false };
    let head: Vec<&str> = tokens[start..].iter().take(5).map(|token| &*token.text).collect();
    let inside = upto[start..].iter().all(|token| token.text != ";");
    let begins = matches!(upto[place - 1].text.as_str(), "{" | ",");
    head == ["use", "std", ":", ":", "{"] && inside && begins
}

#[cfg(test)]
mod tests {
    use super::{dependencies, sources};
    use crate::{metadata::tests::workspace, repository::File};

    #[test]
    fn a_runtime_far_down_is_found() {
        let metadata = workspace(&[
            ("abide-engine", &["abide-machine"]),
            ("abide-machine", &["cron"]),
            ("cron", &["tokio"]),
            ("tokio", &[]),
        ]);
        let found = dependencies(&metadata);
        let expected = ["abide-machine", "abide-engine"]
            .map(|name| format!("{name} must not be built on tokio"));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_core_serialises_nothing_itself() {
        let metadata = workspace(&[
            ("abide-protocol", &["serde"]),
            ("abide-machine", &["abide-protocol"]),
            ("abide-engine", &["serde"]),
            ("serde", &[]),
        ]);
        assert_eq!(dependencies(&metadata), ["abide-engine must not depend on serde"]);
    }

    fn found(text: &str) -> Vec<String> {
        let file = File::new("crates/engine/src/x.rs", text);
        let problems = sources(&[file]);
        problems.iter().map(|problem| problem.rsplit_once(' ').unwrap().1.to_owned()).collect()
    }

    #[test]
    fn code_that_reaches_outside_is_found() {
        for (source, what) in [
            ("use std::time::Instant;", "Instant"),
            ("fn f() { std::time::SystemTime::now(); }", "SystemTime"),
            ("use std::{collections::BTreeMap, thread};", "std::thread"),
            ("use std::{fs::File, sync::Arc};", "std::fs"),
            ("fn f() { std::thread::yield_now() }", "std::thread"),
            ("fn f() { println!(\"x\") }", "println!"),
            ("use serde::Serialize;", "serde"),
        ] {
            assert_eq!(found(source), [what], "{source}");
        }
    }

    #[test]
    fn the_rest_may_be_named_so() {
        for source in [
            "fn f(env: u8, io: u8) { let thread = env + io; }",
            "use std::{collections::BTreeMap, time::Duration};",
            "// std::thread is not for here",
            "use crate::fs;",
        ] {
            assert!(found(source).is_empty(), "{source}");
        }
    }

    #[test]
    fn other_crates_may_reach_outside() {
        let file = File::new("crates/node/src/x.rs", "use std::thread;");
        assert!(sources(&[file]).is_empty());
    }
}
