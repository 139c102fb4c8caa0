use crate::support::Abide;

fn with_a_task() -> Abide {
    let abide = Abide::dev();
    abide.run(&["invoke", "o", "--func", "order"]).exits(0);
    abide
}

#[test]
fn a_task_is_shown() {
    let abide = with_a_task();
    let shown = abide.run(&["task", "get", "o"]).exits(0);
    assert_eq!(shown.stdout, "o  pending\n  version  0\n  resumes  0\n");
    let task = abide.run(&["task", "get", "o", "--json"]).exits(0).json();
    let expected = serde_json::json!({"id": "o", "state": "pending", "version": 0, "resumes": 0});
    assert_eq!(task, expected);
}

#[test]
fn a_task_is_halted_and_continued() {
    let abide = with_a_task();
    abide.run(&["task", "halt", "o"]).exits(0).shows("o  halted\n");
    abide.run(&["task", "halt", "o", "--json"]).exits(0).shows("\"halted\"");
    abide.run(&["task", "continue", "o"]).exits(0).shows("o  pending\n");
    abide.run(&["task", "halt", "o"]).exits(0);
    abide.run(&["task", "continue", "o", "--json"]).exits(0).shows("\"pending\"");
}

#[test]
fn what_is_not_halted_cannot_be_continued() {
    let abide = with_a_task();
    abide.run(&["task", "continue", "o"]).exits(4).says("error: refused for the task \"o\"");
}

#[test]
fn tasks_are_searched_by_state() {
    let abide = with_a_task();
    abide.run(&["invoke", "p", "--func", "order"]).exits(0);
    abide.run(&["task", "halt", "p"]).exits(0);
    let table = abide.run(&["task", "search"]).exits(0);
    let lines: Vec<_> = table.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{table:#?}");
    assert!(lines[0].starts_with("ID  STATE    VERSION"), "{table:#?}");
    let halted = abide.run(&["task", "search", "--state", "halted", "--json"]).exits(0).json();
    assert_eq!(halted["id"], "p");
}
