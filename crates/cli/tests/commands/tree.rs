use abide_protocol::SettleState;

use crate::{support::Abide, worker::Worker};

const CALL: [&str; 6] = ["invoke", "o", "--func", "order", "--on", "workers"];

fn done() -> Abide {
    let abide = Abide::dev();
    let _worker = Worker::start(abide.url(), "workers", (SettleState::Resolved, "42"));
    abide.run(&[&CALL[..], &["--wait"]].concat()).exits(0);
    abide
}

#[test]
fn a_tree_shows_calls_states_and_results() {
    let tree = done().run(&["tree", "o"]).exits(0);
    let lines: Vec<_> = tree.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{tree:#?}");
    assert!(lines[0].starts_with("o       resolved  "), "{tree:#?}");
    assert!(lines[0].ends_with("order() = 42"), "{tree:#?}");
    assert!(lines[1].starts_with("└─ o:1  resolved  "), "{tree:#?}");
    assert!(lines[1].ends_with("half() = 21"), "{tree:#?}");
}

#[test]
fn a_part_of_a_tree_is_a_tree() {
    let tree = done().run(&["tree", "o:1"]).exits(0);
    assert_eq!(tree.stdout.lines().count(), 1, "{tree:#?}");
    tree.shows("half() = 21");
}

#[test]
fn programs_get_a_line_for_each_call() {
    let tree = done().run(&["tree", "o", "--json"]).exits(0).json_lines();
    assert_eq!(tree.len(), 2);
    assert_eq!((&tree[0]["promise"]["id"], &tree[0]["depth"]), (&"o".into(), &0.into()));
    assert_eq!((&tree[1]["parent"], &tree[1]["depth"]), (&"o".into(), &1.into()));
    assert_eq!(tree[1]["promise"]["value"]["json"], 21);
}

#[test]
fn what_waits_for_a_worker_is_said() {
    let abide = Abide::dev();
    abide.run(&CALL).exits(0);
    abide.run(&["tree", "o"]).exits(0).shows("pending").shows("waits for a worker  order()");
    let tree = abide.run(&["tree", "o", "--json"]).exits(0).json();
    assert_eq!(tree["task"]["state"], "pending");
    abide.run(&["task", "halt", "o"]).exits(0);
    abide.run(&["tree", "o"]).exits(0).shows("halted");
}

#[test]
fn watching_ends_with_the_execution() {
    let abide = Abide::dev();
    abide.run(&CALL).exits(0);
    let mut watching = abide.spawn(&["tree", "o", "--watch", "--interval", "10ms", "--json"]);
    let first: serde_json::Value = serde_json::from_str(&watching.line()).unwrap();
    let _worker = Worker::start(abide.url(), "workers", (SettleState::Resolved, "42"));
    let lines = watching.finish().exits(0).json_lines();
    assert_eq!(
        (&first["promise"]["id"], &first["promise"]["state"]),
        (&"o".into(), &"pending".into())
    );
    let last: Vec<_> = lines.iter().filter(|line| line["promise"]["id"] == "o").collect();
    assert_eq!(last[last.len() - 1]["promise"]["state"], "resolved");
    assert!(lines.iter().any(|line| line["promise"]["id"] == "o:1"));
}

#[test]
fn a_pipe_gets_the_tree_again_when_it_changed() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a"]).exits(0);
    let mut watching = abide.spawn(&["tree", "a", "--watch", "--interval", "10ms"]);
    assert!(watching.line().starts_with("a  pending"));
    abide.run(&["promise", "resolve", "a", "--value", "1"]).exits(0);
    let rest = watching.finish().exits(0).stdout;
    assert!(rest.starts_with("\na  resolved"), "{rest:?}");
    assert_eq!(rest.lines().count(), 2, "{rest:?}");
}
