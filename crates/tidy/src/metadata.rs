//! What cargo knows about the packages.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde::Deserialize;

/// The packages of a workspace and everything they depend on.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Metadata {
    /// All packages.
    pub packages: Vec<Package>,
    /// The ids of the packages of the workspace.
    pub workspace_members: Vec<String>,
    /// Who depends on whom.
    pub resolve: Resolve,
}

/// A package.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// What it says it depends on.
    pub dependencies: Vec<Dependency>,
    /// What is built from it.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Its features, each with what it asks for.
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
}

impl Package {
    fn is_macro(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"))
    }
}

/// A dependency as the manifest states it.
#[derive(Clone, Debug, Deserialize)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// `None` for an ordinary one, else `dev` or `build`.
    pub kind: Option<String>,
    /// The features that it asks for.
    #[serde(default)]
    pub features: Vec<String>,
}

/// Something that is built.
#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// `lib`, `bin`, `example`, `test`, ...
    pub kind: Vec<String>,
}

/// The dependencies as they were resolved, for this platform and the features in use.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Resolve {
    /// A node for each package.
    pub nodes: Vec<Node>,
}

/// A resolved package.
#[derive(Clone, Debug, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// What it depends on.
    pub deps: Vec<Resolved>,
    /// Its features that are in use.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A resolved dependency.
#[derive(Clone, Debug, Deserialize)]
pub struct Resolved {
    /// The package's id.
    pub pkg: String,
    /// How it is depended on.
    pub dep_kinds: Vec<Kind>,
}

/// A kind of dependency.
#[derive(Clone, Debug, Deserialize)]
pub struct Kind {
    /// `None` for an ordinary one, else `dev` or `build`.
    pub kind: Option<String>,
}

impl Metadata {
    /// Asks cargo about the workspace at this root, for this machine's platform.
    ///
    /// # Errors
    /// When cargo cannot be asked, with what it said.
    pub fn read(root: &Path) -> Result<Self, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let host = host()?;
        let output = Command::new(cargo)
            .current_dir(root)
            .args(["metadata", "--format-version", "1", "--filter-platform", &host])
            .output()
            .map_err(|error| format!("cargo cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }

    /// The packages of the workspace.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The names of all packages that are built into this one, however indirectly. What runs at
    /// build time (macros and what they are built on) or in tests only does not count.
    pub fn closure(&self, name: &str) -> BTreeSet<&str> {
        let names: BTreeMap<&str, &str> =
            self.packages.iter().map(|package| (&*package.id, &*package.name)).collect();
        let nodes: BTreeMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (&*node.id, node)).collect();
        let macros: BTreeSet<&str> =
            self.packages.iter().filter(|package| package.is_macro()).map(|p| &*p.id).collect();
        let start = self.members().find(|package| package.name == name);
        let mut stack: Vec<&str> = start.map(|package| &*package.id).into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = stack.pop() {
            let deps = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
            for dep in deps {
                let ordinary = dep.dep_kinds.iter().any(|kind| kind.kind.is_none());
                if ordinary && !macros.contains(&*dep.pkg) && seen.insert(&*dep.pkg) {
                    stack.push(&dep.pkg);
                }
            }
        }
        seen.into_iter().filter_map(|id| names.get(id).copied()).collect()
    }
}

fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("-vV")
        .output()
        .map_err(|error| format!("rustc cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say its host".to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::{Dependency, Kind, Metadata, Node, Package, Resolve, Resolved, Target};

    /// A workspace of `(package, [what it depends on])`; packages in brackets are not members.
    pub(crate) fn workspace(packages: &[(&str, &[&str])]) -> Metadata {
        let member = |name: &&(&str, &[&str])| name.0.starts_with("abide");
        let dependency =
            |name: &&str| Dependency { name: (*name).into(), kind: None, features: Vec::new() };
        let resolved =
            |name: &&str| Resolved { pkg: (*name).into(), dep_kinds: vec![Kind { kind: None }] };
        Metadata {
            packages: packages
                .iter()
                .map(|(name, deps)| Package {
                    name: (*name).into(),
                    id: (*name).into(),
                    dependencies: deps.iter().map(dependency).collect(),
                    targets: Vec::new(),
                    features: BTreeMap::new(),
                })
                .collect(),
            workspace_members: packages.iter().filter(member).map(|p| p.0.into()).collect(),
            resolve: Resolve {
                nodes: packages
                    .iter()
                    .map(|(name, deps)| Node {
                        id: (*name).into(),
                        deps: deps.iter().map(resolved).collect(),
                        features: Vec::new(),
                    })
                    .collect(),
            },
        }
    }

    #[test]
    fn the_closure_is_transitive() {
        let metadata = workspace(&[("abide-a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])]);
        assert_eq!(metadata.closure("abide-a").into_iter().collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn macros_are_not_built_in() {
        let mut metadata = workspace(&[("abide-a", &["derive"]), ("derive", &["c"]), ("c", &[])]);
        let kind = vec!["proc-macro".to_owned()];
        metadata.packages[1].targets = vec![Target { name: "derive".into(), kind }];
        assert!(metadata.closure("abide-a").is_empty());
    }
}
