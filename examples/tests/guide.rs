//! The programs of the guide, run as its chapters say. The one that needs a server is run by
//! `clients/abide`.

mod support;

use std::{fs, path::Path};

use support::{directory, run};

/// Whether what an interrupted program printed and what it printed when it was started again are
/// what it prints undisturbed; the line it was killed at may be there twice, since a body runs at
/// least once.
fn goes_on(before: &[String], after: &[String], expected: &[&str]) {
    let all: Vec<_> = before.iter().chain(after).map(String::as_str).collect();
    let mut twice = expected.to_vec();
    twice.insert(before.len(), expected[before.len() - 1]);
    assert!(all == expected || all == twice, "{before:?}, then {after:?}");
}

/// Runs a program, kills it at a line, starts it again, and then once more: it is done.
fn killed_at(name: &str, line: &str, expected: &[&str]) {
    let directory = directory(name);
    let before = run(name, &[], &directory, Some(line));
    goes_on(&before, &run(name, &[], &directory, None), expected);
    let result = expected.last().expect("it prints its result");
    assert_eq!(run(name, &[], &directory, None), [*result], "it is recorded");
}

#[test]
fn chapters_show_their_programs_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let mut chapters = 0;
    for chapter in fs::read_dir(root.join("docs/guide")).expect("the guide") {
        let path = chapter.expect("a chapter").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let Some((_, program)) = name.split_once('-') else { continue };
        let program = root.join(format!("examples/guide/{}.rs", program.replace('-', "_")));
        let program = fs::read_to_string(program).expect("the chapter's program");
        let (header, code) = program.split_once("\n\n").expect("a header and the code");
        assert!(header.contains(&format!("docs/guide/{name}.md")), "{header}");
        let text = fs::read_to_string(&path).expect("the chapter");
        assert!(text.contains(&format!("```rust\n{code}```\n")), "{name} shows something else");
        chapters += 1;
    }
    assert_eq!(chapters, 10);
}

#[test]
fn hello() {
    killed_at("guide_hello", "thinking", &["thinking of a greeting for Ada", "Hello, Ada!"]);
}

#[test]
fn crash() {
    let expected = ["stirring flour, water, salt", "baking dough", "bread is ready"];
    killed_at("guide_crash", "stirring", &expected);
    killed_at("guide_crash", "baking", &expected);
}

#[test]
fn retry() {
    let directory = directory("guide_retry");
    let printed = run("guide_retry", &[], &directory, None);
    let expected = [
        "request 1",
        "request 2",
        "request 3",
        "looking for Atlantis",
        "sun in Vienna; Atlantis is no place (never heard of it)",
    ];
    assert_eq!(printed, expected);
    assert_eq!(run("guide_retry", &[], &directory, None), expected[4..]);
}

#[test]
fn fan_out() {
    let directory = directory("guide_fan_out");
    let mut printed = run("guide_fan_out", &[], &directory, None);
    assert_eq!(printed.pop().as_deref(), Some("499500"));
    printed.sort();
    let mut expected: Vec<_> =
        (0..10).map(|n| format!("adding {} to {}", n * 100, (n + 1) * 100)).collect();
    expected.sort();
    assert_eq!(printed, expected);
}

#[test]
fn timer() {
    let reminder =
        |n| format!("reminder {n}: water the plants (settle remind/1:2 when it is done)");
    let (one, two, three) = (reminder(1), reminder(2), reminder(3));
    killed_at("guide_timer", "reminder 2", &[&one, &two, &three, "water the plants: given up"]);
}

#[test]
fn human() {
    let directory = directory("guide_human");
    let asked = "Ada asks for 4200 cents; decide expense/1:1";
    assert_eq!(run("guide_human", &[], &directory, Some("Ada asks")), [asked]);
    // It may have been killed before the question was recorded: the promise exists all the same. And
    // whoever opens the store goes on with what was interrupted: then the question comes again.
    let decided = run("guide_human", &["yes"], &directory, None);
    assert!(decided.is_empty() || decided == [asked], "{decided:?}");
    let rest = run("guide_human", &[], &directory, None);
    assert_eq!(rest.last().map(String::as_str), Some("Ada's expense is approved"));
}

#[test]
fn saga() {
    let expected = [
        "booked a flight to Vienna",
        "booked a hotel to Vienna",
        "flight and hotel to Vienna",
        "booked a flight to Atlantis",
        "canceled the flight",
        "no trip to Atlantis: all hotels are under water",
    ];
    let directory = directory("guide_saga");
    let before = run("guide_saga", &[], &directory, Some("booked a flight to Atlantis"));
    assert_eq!(before, expected[..4]);
    let after = run("guide_saga", &[], &directory, None);
    // The interrupted trip goes on as soon as the program has opened its store, beside the first
    // trip, whose result is recorded: what the two print comes in either order.
    let (told, done): (Vec<_>, Vec<_>) = after
        .iter()
        .map(String::as_str)
        .partition(|line| [expected[2], expected[5]].contains(line));
    assert_eq!(told, [expected[2], expected[5]], "{after:?}");
    assert!(done == expected[4..5] || done == expected[3..5], "{after:?}");
    assert_eq!(after.last().map(String::as_str), Some(expected[5]), "{after:?}");
}

#[test]
fn long_loop() {
    let expected = ["fetching 0", "fetching 500", "fetching 1000", "fetching 1500", "1999000"];
    killed_at("guide_long_loop", "fetching 1000", &expected);
}

#[test]
fn upgrade() {
    let directory = directory("guide_upgrade");
    let old = run("guide_upgrade", &["old"], &directory, Some("saying"));
    assert_eq!(old, [r#"saying "Welcome, Ada""#]);
    let new = run("guide_upgrade", &[], &directory, None);
    let expected = [
        "Welcome, Ada",
        r#"saying "A cake for Grace""#,
        r#"saying "Welcome, Grace""#,
        "A cake for Grace! Welcome, Grace",
    ];
    assert!(new == expected || new[1..] == expected, "{new:?}");
}
