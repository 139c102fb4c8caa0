//! The exit codes, which scripts rely on: they never change their meaning.

use std::process::ExitCode;

/// How a run of the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// It could not be done, and none of the more precise codes says why.
    Failed = 1,
    /// The command line is wrong. The argument parser uses the same number.
    Usage = 2,
    /// There is no such promise, task or schedule.
    NotFound = 3,
    /// The record exists but is not in the state that the command needs.
    Conflict = 4,
    /// No server answers, or it cannot serve right now: try again.
    Unavailable = 5,
    /// The promise that was waited for was rejected, canceled or timed out.
    Rejected = 6,
}

/// The codes and their meanings, as the help and the documentation print them.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  done
  1  failed, for a reason that the message gives
  2  the command line is wrong
  3  no such promise, task or schedule
  4  it exists, but not in the state that the command needs
  5  no server answers, or it cannot serve right now: try again
  6  the promise that was waited for was rejected, canceled or timed out";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, TABLE};

    #[test]
    fn the_table_names_every_code() {
        let all = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::NotFound,
            Exit::Conflict,
            Exit::Unavailable,
            Exit::Rejected,
        ];
        for (number, exit) in all.into_iter().enumerate() {
            assert_eq!(exit as usize, number);
            assert!(TABLE.contains(&format!("\n  {number}  ")), "{exit:?}");
        }
    }
}
