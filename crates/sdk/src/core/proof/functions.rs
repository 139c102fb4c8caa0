//! The functions that a program calls.

use std::collections::HashMap;

use super::program::{Call, Node, What};

/// The nested functions of a program, by fingerprint.
pub(super) fn nested(program: &Node) -> HashMap<u64, What> {
    let mut found = HashMap::new();
    let mut nodes = vec![program];
    while let Some(node) = nodes.pop() {
        let mut calls: Vec<&Call> = Vec::new();
        match node {
            Node::Call(call) | Node::Dropped { call, .. } => calls.push(call),
            Node::Seq(all) | Node::JoinAll { all, .. } => nodes.extend(all),
            Node::Join(a, b) | Node::TryJoin(a, b) | Node::Lock(a, b) => {
                nodes.extend([&**a, &**b]);
            }
            Node::Channel(a, b, c) => nodes.extend([&**a, &**b, &**c]),
            Node::Select { calls: both, then, .. } => {
                calls.extend(both);
                nodes.extend(&**then);
            }
            Node::SelectBlocks { blocks, .. } => nodes.extend(&**blocks),
            Node::Repeat(_, node) => nodes.push(node),
            Node::Pinned { pinned, body, .. } => {
                calls.push(pinned);
                nodes.push(body);
            }
            Node::PolledOnce { calls: both, between, then } => {
                calls.extend(both);
                nodes.push(between);
                nodes.extend(&**then);
            }
            Node::Unordered { calls: all, then } => {
                calls.extend(all);
                nodes.extend(then);
            }
            Node::Spawn { call, rest, .. } | Node::Cancel { call, rest } => {
                calls.push(call);
                nodes.push(rest);
            }
            Node::If { value, then } => {
                nodes.push(value);
                nodes.extend(&**then);
            }
            Node::Yield | Node::Attempt(_) => {}
        }
        for call in calls {
            match &call.what {
                What::Nested(arg, node) => {
                    found.insert(*arg, call.what.clone());
                    nodes.push(node);
                }
                What::Loop(arg, looped) => {
                    found.insert(*arg, call.what.clone());
                    nodes.extend([&looped.round, &looped.rest]);
                }
                _ => {}
            }
        }
    }
    found
}
