//! What is to happen in one run, short enough to be typed.

use std::{fmt, str::FromStr};

use super::faults::Fault;

/// A run: everything follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// What goes wrong besides what goes wrong by chance.
    pub(crate) point: Option<Point>,
}

/// A fault at a chosen write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// Writes are counted from 1.
    pub(crate) write: u64,
    pub(crate) fault: Fault,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seed)?;
        let Some(Point { write, fault }) = self.point else { return Ok(()) };
        let fault = match fault {
            Fault::CrashBefore => '-',
            Fault::CrashAfter => '+',
            Fault::Freeze => 'f',
        };
        write!(f, "/{write}{fault}")
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "ABIDE_TEST_SEED is {text:?}, and should be a seed as in `7`, or one run as a \
                 failure prints it: `7/12-` (a crash before the 12th write takes effect), `7/12+` \
                 (after it), `7/12f` (a freeze after it)"
            )
        };
        let (seed, point) = match text.split_once('/') {
            None => (text, None),
            Some((seed, point)) => {
                let fault = match point.chars().last() {
                    Some('-') => Fault::CrashBefore,
                    Some('+') => Fault::CrashAfter,
                    Some('f') => Fault::Freeze,
                    _ => return Err(wrong()),
                };
                let write = point[..point.len() - 1].parse().map_err(|_| wrong())?;
                (seed, Some(Point { write, fault }))
            }
        };
        Ok(Self { seed: seed.parse().map_err(|_| wrong())?, point })
    }
}

impl Plan {
    /// In words.
    pub(crate) fn describe(&self) -> String {
        let seed = self.seed;
        let Some(Point { write, fault }) = self.point else { return format!("seed {seed}") };
        let fault = match fault {
            Fault::CrashBefore => format!("a crash before write {write} takes effect"),
            Fault::CrashAfter => format!("a crash after write {write} has taken effect"),
            Fault::Freeze => format!("a freeze after write {write}"),
        };
        format!("seed {seed}, {fault}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plan_that_is_printed_can_be_typed(
            seed: u64,
            write in proptest::option::of(any::<u64>()),
            which in 0_usize..3,
        ) {
            let fault = [Fault::CrashBefore, Fault::CrashAfter, Fault::Freeze][which];
            let plan = Plan { seed, point: write.map(|write| Point { write, fault }) };
            prop_assert_eq!(plan.to_string().parse(), Ok(plan));
        }

        #[test]
        fn what_is_no_plan_is_refused(text in "[a-z0-9/+-]{0,6}") {
            if let Ok(plan) = text.parse::<Plan>() {
                prop_assert_eq!(plan.to_string().parse(), Ok(plan));
            }
        }
    }
}
