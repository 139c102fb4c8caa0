//! Who called whom, out of a flat set of promises.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use abide_protocol::{Id, PromiseRecord, TaskRecord, tag};

/// A promise with its place in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// The promise.
    pub(crate) promise: Arc<PromiseRecord>,
    /// Its task, where it was asked for.
    pub(crate) task: Option<TaskRecord>,
    /// Who called it.
    pub(crate) parent: Option<Id>,
    /// How many calls are above it.
    pub(crate) depth: usize,
    /// For each level below the root: whether further siblings follow on it.
    pub(crate) follows: Vec<bool>,
}

/// The nodes of the tree under `root`, each parent before its children, siblings in the order in
/// which they were called.
pub(crate) fn under(root: &Id, promises: Vec<Arc<PromiseRecord>>) -> Vec<Node> {
    let known: BTreeMap<Id, Arc<PromiseRecord>> =
        promises.into_iter().map(|promise| (promise.id.clone(), promise)).collect();
    let mut children: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    let mut parents: BTreeMap<Id, Id> = BTreeMap::new();
    for promise in known.values().filter(|promise| promise.id != *root) {
        if let Some(parent) = parent(promise, &known) {
            children.entry(parent.clone()).or_default().push(promise.id.clone());
            parents.insert(promise.id.clone(), parent);
        }
    }
    for siblings in children.values_mut() {
        siblings.sort_by(|a, b| in_call_order(&known[a], &known[b]));
    }
    // Tags are written by anybody, so that a promise may claim to be its own ancestor: each is
    // visited once.
    let mut seen = BTreeSet::new();
    let mut nodes = Vec::new();
    let mut stack = vec![(root.clone(), Vec::new())];
    while let Some((id, follows)) = stack.pop() {
        let Some(promise) = known.get(&id).filter(|_| seen.insert(id.clone())) else { continue };
        let below = children.remove(&id).unwrap_or_default();
        let last = below.len().saturating_sub(1);
        for (place, child) in below.into_iter().enumerate().rev() {
            let mut follows = follows.clone();
            follows.push(place < last);
            stack.push((child, follows));
        }
        nodes.push(Node {
            promise: promise.clone(),
            task: None,
            parent: parents.get(&id).cloned(),
            depth: follows.len(),
            follows,
        });
    }
    nodes
}

/// The caller: what the tag says, else the longest id that this one extends.
fn parent(promise: &PromiseRecord, known: &BTreeMap<Id, Arc<PromiseRecord>>) -> Option<Id> {
    let tagged = promise.tags.get(tag::PARENT).filter(|parent| *parent != promise.id.as_str());
    if let Some((id, _)) = tagged.and_then(|parent| known.get_key_value(parent)) {
        return Some(id.clone());
    }
    let mut rest = promise.id.as_str();
    while let Some(end) = rest.rfind(['.', ':']) {
        rest = &rest[..end];
        if let Some((id, _)) = known.get_key_value(rest) {
            return Some(id.clone());
        }
    }
    None
}

fn in_call_order(a: &PromiseRecord, b: &PromiseRecord) -> Ordering {
    a.created_at.cmp(&b.created_at).then_with(|| natural(&a.id, &b.id))
}

/// Compares ids so that the tenth call comes after the ninth: a longer number is a larger one.
fn natural(a: &str, b: &str) -> Ordering {
    let mut left = a.split(['.', ':']);
    let mut right = b.split(['.', ':']);
    loop {
        match (left.next(), right.next()) {
            (Some(left), Some(right)) => {
                let numbers = left.parse::<u64>().ok().zip(right.parse::<u64>().ok());
                let order =
                    numbers.map_or_else(|| left.cmp(right), |(left, right)| left.cmp(&right));
                if order != Ordering::Equal {
                    return order;
                }
            }
            (left, right) => return left.is_some().cmp(&right.is_some()).then_with(|| a.cmp(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use abide_protocol::{PromiseRecord, PromiseState, Tags};

    use super::under;
    use crate::render::promise::tests::promise;

    fn record(id: &str, parent: Option<&str>) -> Arc<PromiseRecord> {
        let mut record = promise(id, PromiseState::Pending);
        record.tags = Arc::new(
            parent.map(|parent| ("resonate:parent", parent)).into_iter().collect::<Tags>(),
        );
        Arc::new(record)
    }

    /// The ids, indented by their depth.
    fn shape(root: &str, records: &[(&str, Option<&str>)]) -> String {
        let records = records.iter().map(|(id, parent)| record(id, *parent)).collect();
        under(&root.into(), records)
            .iter()
            .map(|node| format!("{}{}", " ".repeat(node.depth), node.promise.id))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn tags_name_the_parent() {
        let found = shape("r", &[("r", Some("r")), ("r:1", Some("r")), ("r:d7", Some("r:1"))]);
        assert_eq!(found, "r\n r:1\n  r:d7");
    }

    #[test]
    fn without_tags_the_ids_do() {
        let found = shape("r", &[("r", None), ("r.1.2", None), ("r.1", None), ("r.3.4", None)]);
        assert_eq!(found, "r\n r.1\n  r.1.2\n r.3.4");
    }

    #[test]
    fn a_tag_that_names_a_stranger_falls_back_on_the_id() {
        assert_eq!(shape("r", &[("r", None), ("r:1", Some("elsewhere"))]), "r\n r:1");
    }

    #[test]
    fn the_tenth_comes_after_the_ninth() {
        let found = shape("r", &[("r", None), ("r:10", None), ("r:9", None), ("r:9.1", None)]);
        assert_eq!(found, "r\n r:9\n  r:9.1\n r:10");
    }

    #[test]
    fn a_subtree_is_drawn_alone() {
        let records =
            [("r", Some("r")), ("r:1", Some("r")), ("r:1.1", Some("r:1")), ("r:2", Some("r"))];
        assert_eq!(shape("r:1", &records), "r:1\n r:1.1");
    }

    #[test]
    fn promises_that_are_each_others_parent_do_not_loop() {
        let records = [("r", Some("r:1")), ("r:1", Some("r:2")), ("r:2", Some("r:1"))];
        assert_eq!(shape("r", &records), "r");
        assert_eq!(shape("r:1", &records), "r:1\n r\n r:2");
    }

    #[test]
    fn a_long_chain_of_calls_is_walked() {
        let records = (0..2_000)
            .map(|n| record(&format!("r:{n}"), (n > 0).then(|| format!("r:{}", n - 1)).as_deref()))
            .collect();
        assert_eq!(under(&"r:0".into(), records).len(), 2_000);
    }

    #[test]
    fn a_missing_root_makes_no_tree() {
        assert_eq!(shape("r", &[("r:1", None)]), "");
    }
}
