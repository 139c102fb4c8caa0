//! Scripts in which a reader sees what is asked and what comes of it side by side. The notation is
//! explained in `scripts/README.md`.
//!
//! `UPDATE_SCRIPTS=1 cargo test -p abide-machine --test scripts` writes the outcomes anew; read the
//! difference before you commit it.

mod script;

use std::{fmt::Write, path::Path};

use abide_protocol::Kind;

#[allow(clippy::disallowed_methods, reason = "a test reads its data and how it is run")]
mod files {
    use super::*;

    pub(super) fn scripts() -> Vec<std::path::PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> =
            entries.filter(|path| path.extension() == Some("txt".as_ref())).collect();
        paths.sort();
        paths
    }

    pub(super) fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    pub(super) fn update(path: &Path, text: &str) -> bool {
        let wanted = std::env::var_os("UPDATE_SCRIPTS").is_some();
        if wanted {
            std::fs::write(path, text).unwrap();
        }
        wanted
    }
}

#[test]
fn outcomes_are_as_written() {
    let paths = files::scripts();
    assert!(paths.len() >= 10, "the scripts are not where they should be: {paths:?}");
    let mut differences = String::new();
    for path in paths {
        let written = files::read(&path);
        let found = script::run(&written);
        if found != written && !files::update(&path, &found) {
            let name = path.file_name().unwrap().to_string_lossy();
            let (at, (was, is)) = written
                .lines()
                .chain([""])
                .zip(found.lines().chain([""]))
                .enumerate()
                .find(|(_, (was, is))| was != is)
                .unwrap();
            writeln!(differences, "{name}:{}\n  written: {was}\n  found:   {is}", at + 1).unwrap();
        }
    }
    assert!(differences.is_empty(), "outcomes differ:\n{differences}");
}

/// Every request of the protocol and every internal step occurs, and every status that the machine
/// gives to each.
#[test]
fn nothing_is_left_out() {
    let all: String = files::scripts().iter().map(|path| files::read(path)).collect();
    for kind in Kind::ALL.iter().filter(|kind| !kind.is_debug()) {
        assert!(all.contains(&format!(" {kind} ")), "no script asks for {kind}");
    }
    for step in [
        "deadline",
        "callback",
        "listener",
        "lease",
        "dispatch",
        "offer",
        "occurrence",
        "delivered",
        "cancel",
        "cascade",
    ] {
        assert!(all.contains(&format!(" {step} ")), "no script takes the step {step}");
    }
}
