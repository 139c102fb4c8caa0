//! The tree as lines.

use abide_protocol::{Id, Millis, PromiseRecord, TaskRecord, TaskState};
use serde::Serialize;
use serde_json::value::RawValue;

use super::forest::Node;
use crate::{
    clock,
    render::{Show, promise, style, table, table::Cell},
};

/// How much of a call and its outcome is shown, in characters.
const BRIEF: usize = 70;

/// The lines of the tree: branch and id, state, duration, who works on it, what it is.
pub(crate) fn lines(nodes: &[Node], now: Millis) -> Vec<String> {
    let rows: Vec<_> = nodes.iter().map(|node| cells(node, now)).collect();
    table::lines(None, &rows)
}

fn cells(node: &Node, now: Millis) -> Vec<Cell> {
    let promise = &node.promise;
    vec![
        Cell::new(format!("{}{}", branch(&node.follows), promise.id)),
        Cell::styled(style::promise_word(promise.state), style::promise(promise.state)),
        Cell::styled(duration(promise, now), style::FAINT),
        worker(node.task.as_ref()),
        Cell::new(promise::what(promise, BRIEF)),
    ]
}

/// The lines that lead from the callers to the call.
fn branch(follows: &[bool]) -> String {
    let Some((own, above)) = follows.split_last() else { return String::new() };
    let mut out: String =
        above.iter().map(|follows| if *follows { "│  " } else { "   " }).collect();
    out.push_str(if *own { "├─ " } else { "└─ " });
    out
}

/// How long it took, or has taken so far.
fn duration(promise: &PromiseRecord, now: Millis) -> String {
    match promise.settled_at {
        Some(at) => clock::short(at.saturating_sub(promise.created_at)),
        None => format!("{}…", clock::short(now.saturating_sub(promise.created_at))),
    }
}

/// Who works on it, as far as it is not done.
fn worker(task: Option<&TaskRecord>) -> Cell {
    let Some(task) = task else { return Cell::new("") };
    let text = match (task.state, &task.pid) {
        (TaskState::Acquired, Some(pid)) => format!("on {pid}"),
        (TaskState::Pending, _) => "waits for a worker".to_owned(),
        (TaskState::Fulfilled, _) => String::new(),
        (state, _) => state.as_str().to_owned(),
    };
    Cell::styled(text, style::task(task.state))
}

/// A node as programs read it.
#[derive(Serialize)]
struct View<'a> {
    depth: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a Id>,
    promise: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'a TaskRecord>,
}

/// A node as one line of JSON.
pub(crate) fn json(node: &Node) -> String {
    let promise = RawValue::from_string(node.promise.json()).expect("it is JSON");
    let view =
        View { depth: node.depth, parent: node.parent.as_ref(), promise, task: node.task.as_ref() };
    serde_json::to_string(&view).expect("strings, integers and JSON serialise")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use abide_protocol::{PromiseRecord, PromiseState, TaskRecord, TaskState};

    use super::{json, lines};
    use crate::{
        render::promise::tests::{json as value, promise},
        tree::forest::{Node, under},
    };

    fn nodes() -> Vec<Node> {
        let call = |id: &str, state, param: &str| {
            let mut record: PromiseRecord = promise(id, state);
            record.param = value(param);
            Arc::new(record)
        };
        let mut charge = promise("o:1", PromiseState::Resolved);
        charge.param = value(r#"{"func":"charge","args":["card"]}"#);
        charge.value = value("42");
        let mut nodes = under(
            &"o".into(),
            vec![
                call("o", PromiseState::Pending, r#"{"func":"order","args":[7]}"#),
                Arc::new(charge),
                call("o:1.1", PromiseState::Rejected, r#"{"func":"ask","args":[]}"#),
                call("o:2", PromiseState::Pending, r#"{"func":"ship","args":[]}"#),
            ],
        );
        nodes[0].task = Some(TaskRecord {
            id: "o".into(),
            state: TaskState::Acquired,
            version: 1,
            resumes: 0,
            ttl: Some(60_000),
            pid: Some("w1".into()),
        });
        nodes
    }

    #[test]
    fn the_tree_is_drawn_with_states_and_durations() {
        let drawn = lines(&nodes(), 4_000).join("\n");
        let expected = "\
o            pending   3.0s…  on w1  order(7)
├─ o:1       resolved  1.5s          charge(\"card\") = 42
│  └─ o:1.1  rejected  1.5s          ask()
└─ o:2       pending   3.0s…         ship()";
        assert_eq!(anstream::adapter::strip_str(&drawn).to_string(), expected);
    }

    #[test]
    fn programs_get_parent_depth_and_task() {
        let nodes = nodes();
        let root: serde_json::Value = serde_json::from_str(&json(&nodes[0])).unwrap();
        assert_eq!(root["task"]["pid"], "w1");
        assert_eq!(root.get("parent"), None);
        let leaf: serde_json::Value = serde_json::from_str(&json(&nodes[2])).unwrap();
        assert_eq!((&leaf["parent"], &leaf["depth"]), (&"o:1".into(), &2.into()));
        assert_eq!(leaf["promise"]["param"]["json"]["func"], "ask");
    }
}
