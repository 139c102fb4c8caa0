use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Directory,
    File(usize),
}

/// A change of names that is not certain.
#[derive(Clone, Debug)]
enum Change {
    Set(PathBuf, Node),
    Remove(PathBuf),
    Rename { from: PathBuf, to: PathBuf, node: Node },
}

/// The names below a directory: those that are certain, and what has been changed since.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    certain: BTreeMap<PathBuf, Node>,
    now: BTreeMap<PathBuf, Node>,
    pending: Vec<Change>,
}

impl Names {
    /// Adds a name that is there for certain.
    pub(super) fn certain(&mut self, path: &Path, node: Node) {
        self.certain.insert(path.to_owned(), node);
        self.now.insert(path.to_owned(), node);
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.pending.push(change);
    }

    pub(super) fn set(&mut self, path: &Path, node: Node) {
        self.change(Change::Set(path.to_owned(), node));
    }

    pub(super) fn remove(&mut self, path: &Path) {
        self.change(Change::Remove(path.to_owned()));
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), String> {
        match self.now.get(from) {
            Some(&node @ Node::File(_)) => {
                self.change(Change::Rename { from: from.to_owned(), to: to.to_owned(), node });
                Ok(())
            }
            other => Err(format!("{} was renamed, and is {other:?}", from.display())),
        }
    }

    pub(super) fn sync(&mut self, directory: &Path) {
        let within = |path: &Path| path.parent() == Some(directory);
        let certain = &mut self.certain;
        self.pending.retain(|change| {
            let synced = match change {
                Change::Set(path, _) | Change::Remove(path) => within(path),
                Change::Rename { from, to, .. } => within(from) || within(to),
            };
            if synced {
                apply(certain, change);
            }
            !synced
        });
    }

    pub(super) fn now(&self, path: &Path) -> Option<Node> {
        self.now.get(path).copied()
    }

    pub(super) fn path_of(&self, node: Node) -> Option<PathBuf> {
        self.now.iter().find(|(_, found)| **found == node).map(|(path, _)| path.clone())
    }

    pub(super) fn all_now(&self) -> BTreeMap<PathBuf, Node> {
        self.now.clone()
    }

    /// The number of changes that are not certain.
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The names after a power cut that has kept some of the changes.
    pub(super) fn after(
        &self,
        root: &Path,
        mut kept: impl FnMut(usize) -> bool,
    ) -> BTreeMap<PathBuf, Node> {
        let mut names = self.certain.clone();
        for (at, change) in self.pending.iter().enumerate() {
            if kept(at) {
                apply(&mut names, change);
            }
        }
        // A name whose directory is not there cannot be reached.
        let all: Vec<PathBuf> = names.keys().cloned().collect();
        for path in all {
            let parent = path.parent().unwrap_or(root);
            if parent != root && names.get(parent) != Some(&Node::Directory) {
                names.remove(&path);
            }
        }
        names
    }
}

fn apply(names: &mut BTreeMap<PathBuf, Node>, change: &Change) {
    match change {
        Change::Set(path, node) => {
            names.insert(path.clone(), *node);
        }
        Change::Remove(path) => {
            // A directory that is gone takes with it what a lost removal has left in it.
            names.retain(|name, _| !name.starts_with(path));
        }
        Change::Rename { from, to, node } => {
            names.remove(from);
            names.insert(to.clone(), *node);
        }
    }
}
