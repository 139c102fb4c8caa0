//! The dependency arrows between the crates point one way.

use crate::{Problems, metadata::Metadata};

/// Which crates of the workspace a crate may be built on. A crate of `*` may use them all:
/// nothing is built on it.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("abide-faults", &[]),
    ("abide-protocol", &[]),
    ("abide-machine", &["abide-faults", "abide-protocol"]),
    ("abide-engine", &["abide-faults", "abide-machine", "abide-protocol"]),
    ("abide-store", &["abide-faults", "abide-machine", "abide-protocol"]),
    ("abide-store-fjall", &["abide-store"]),
    (
        "abide-node",
        &["abide-engine", "abide-faults", "abide-machine", "abide-protocol", "abide-store"],
    ),
    (
        "abide-node-shuttle",
        &["abide-engine", "abide-faults", "abide-machine", "abide-protocol", "abide-store"],
    ),
    // The server and the SDK are the composition roots: they pick the backend.
    ("abide-server", &["abide-node", "abide-protocol", "abide-store", "abide-store-fjall"]),
    ("abide-client", &["abide-node", "abide-protocol"]),
    ("abide-macros", &[]),
    (
        "abide",
        &[
            "abide-client",
            "abide-macros",
            "abide-node",
            "abide-protocol",
            "abide-store",
            "abide-store-fjall",
        ],
    ),
    // `abide check` reads a store without a server.
    (
        "abide-cli",
        &[
            "abide-client",
            "abide-machine",
            "abide-protocol",
            "abide-server",
            "abide-store",
            "abide-store-fjall",
        ],
    ),
    ("abide-bench", &["*"]),
    ("abide-counts", &["*"]),
    ("abide-examples", &["abide"]),
    ("abide-elsewhere", &["abide"]),
    ("abide-interop", &["abide"]),
    ("abide-round-trips", &["abide"]),
    ("abide-mutants", &[]),
    ("abide-sim", &["*"]),
    ("abide-tidy", &["*"]),
    ("abide-trials", &["*"]),
];

/// Finds arrows that are not in the list. Tests may use what they like.
pub fn check(metadata: &Metadata) -> Problems {
    let members: Vec<_> = metadata.members().collect();
    let mut problems = Problems::new();
    for package in &members {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            problems.push(format!("{} has no place in the arrows of abide-tidy", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dep| dep.kind.is_none()) {
            let name = dependency.name.as_str();
            let ours = members.iter().any(|member| member.name == name);
            let used_by_none = ARROWS.iter().any(|(other, to)| *other == name && *to == ["*"]);
            if ours && (used_by_none || !(allowed.contains(&name) || *allowed == ["*"])) {
                problems.push(format!("{} must not depend on {name}", package.name));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::metadata::tests::workspace;

    #[test]
    fn an_arrow_against_the_grain_is_found() {
        let metadata = workspace(&[
            ("abide-machine", &["abide-protocol", "serde"]),
            ("abide-protocol", &["abide-machine"]),
            ("serde", &[]),
        ]);
        assert_eq!(check(&metadata), ["abide-protocol must not depend on abide-machine"]);
    }

    #[test]
    fn nothing_is_built_on_the_bench() {
        let metadata =
            workspace(&[("abide-bench", &["abide-cli"]), ("abide-cli", &["abide-bench"])]);
        assert_eq!(check(&metadata), ["abide-cli must not depend on abide-bench"]);
    }

    #[test]
    fn a_new_crate_needs_a_place() {
        let found = check(&workspace(&[("abide-new", &[])]));
        assert_eq!(found, ["abide-new has no place in the arrows of abide-tidy"]);
    }
}
