//! What is measured, and what it may cost.

use std::time::Duration;

/// How long each message is held on its way.
pub(crate) const HOLD: Duration = Duration::from_millis(5);

/// How long it is held where a hundred results come in at one time: longer than that takes. Whether
/// one more wave of them comes would else be a matter of luck. Only where it is held to a bound.
pub(crate) const LONG_HOLD: Duration = Duration::from_millis(250);

/// The group whose costs have bounds: Abide's own SDK.
pub(crate) const OURS: &str = "rust";

/// A program: what it does `times` times over, against not at all.
pub(crate) struct Program {
    /// The durable function.
    pub(crate) func: &'static str,
    /// What it says in the table.
    pub(crate) name: &'static str,
    /// How much of it is done in the run that is measured.
    pub(crate) times: u32,
    /// Whether the table says what one costs rather than all.
    pub(crate) each: bool,
    /// The most sequential waits that Abide's own SDK may take.
    pub(crate) most: Option<usize>,
}

/// All of them.
pub(crate) const ALL: &[Program] = &[
    Program { func: "steps", name: "a local step", times: 10, each: true, most: Some(1) },
    Program { func: "remotes", name: "a remote step", times: 10, each: true, most: None },
    Program { func: "sleeps", name: "a sleep", times: 10, each: true, most: None },
    Program { func: "fan", name: "a fan-out of 100, here", times: 100, each: false, most: Some(3) },
    Program {
        func: "remote_fan",
        name: "a fan-out of 100, remote",
        times: 100,
        each: false,
        most: Some(3),
    },
];
