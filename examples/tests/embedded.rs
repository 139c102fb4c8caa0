//! The examples that need no server, run as their comments say: killed, and started again.

mod support;

use support::{directory, run};

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
