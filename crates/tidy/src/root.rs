//! The root of the repository holds what belongs there.

use std::collections::BTreeSet;

use crate::{Problems, repository::File};

/// What may be at the root.
const ALLOWED: &[&str] = &[
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "benches",
    "clients",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "examples",
    "fuzz",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scripts",
];

/// Finds files and directories that do not belong at the root.
pub fn check(files: &[File]) -> Problems {
    let entries: BTreeSet<&str> =
        files.iter().filter_map(|file| file.path.split('/').next()).collect();
    let litter = entries.into_iter().filter(|entry| !ALLOWED.contains(entry));
    litter.map(|entry| format!("{entry} does not belong at the root")).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::repository::File;

    #[test]
    fn litter_is_found() {
        let files = ["README.md", "crates/x/notes.txt", "notes.txt", "tmp/a", "tmp/b"];
        let files: Vec<_> = files.iter().map(|path| File::new(path, "")).collect();
        let expected = ["notes.txt does not belong at the root", "tmp does not belong at the root"];
        assert_eq!(check(&files), expected);
    }
}
