//! The examples that need no server, run as their comments say: killed, and started again.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// An example that cargo has built beside this test.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.parent().and_then(Path::parent).expect("it lies in target/PROFILE/deps");
    built.join("examples").join(name)
}

/// An empty directory below cargo's own.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("cargo's directory is writable");
    path
}

/// Runs it to its end, or kills it after a line: what it printed.
fn run(name: &str, arguments: &[&str], directory: &Path, kill_after: Option<&str>) -> Vec<String> {
    let mut child = Command::new(example(name))
        .args(arguments)
        .current_dir(directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo builds examples for a test");
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = Vec::new();
    for line in stdout.lines() {
        lines.push(line.expect("text"));
        if lines.last().map(String::as_str) == kill_after {
            child.kill().expect("it runs");
            break;
        }
    }
    let status = child.wait().expect("it was started");
    assert!(kill_after.is_some() || status.success(), "{name} failed after {lines:?}");
    lines
}

#[test]
fn the_countdown_goes_on_after_it_was_killed() {
    let directory = directory("countdown");
    assert_eq!(run("countdown", &[], &directory, Some("3")), ["5", "4", "3"]);
    let rest = run("countdown", &[], &directory, None);
    // The kill comes between doing and recording, or after both: the body runs at least once.
    assert!(rest == ["2", "1"] || rest == ["3", "2", "1"], "{rest:?}");
    assert!(run("countdown", &[], &directory, None).is_empty(), "it has happened");
}

#[test]
fn a_declined_order_is_undone_even_after_a_kill() {
    let directory = directory("order_saga");
    let killed = "order/declined: reserved one teapot";
    assert_eq!(run("order_saga", &["declined"], &directory, Some(killed)), [killed]);
    let rest = run("order_saga", &["declined"], &directory, None);
    let expected = [
        "order/declined: the card was declined",
        "order/declined: put the teapot back",
        r#"not ordered: Declined { card: "declined" }"#,
    ];
    assert!(rest == expected || rest[1..] == expected, "{rest:?}");
    let again = run("order_saga", &["declined"], &directory, None);
    assert_eq!(again, expected[2..], "the outcome is recorded, and nothing is done again");
}
