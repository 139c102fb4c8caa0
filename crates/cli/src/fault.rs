//! Why a command ends early.

use std::{fmt, io};

use abide_protocol::{Response, Status};

use crate::exit::Exit;

/// What went wrong, in a sentence, and what to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The code the process exits with.
    pub(crate) exit: Exit,
    /// What went wrong.
    pub(crate) message: String,
    /// What to do next, where that is not plain from the message.
    pub(crate) hint: Option<String>,
}

impl Fault {
    /// A fault without a hint.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Fault { exit, message: message.into(), hint: None }
    }

    /// The same fault, saying what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What a refusal by the server means for this run. `what` is the thing asked for, such as
    /// `the promise "a"`.
    pub(crate) fn refusal(response: &Response, what: &str) -> Self {
        let said = response.message().unwrap_or("no reason given");
        match response.status {
            Status::NotFound => Fault::new(Exit::NotFound, format!("there is no {what}")),
            Status::Conflict | Status::Unprocessable => {
                Fault::new(Exit::Conflict, format!("refused for the {what}: {said}"))
            }
            Status::Unauthorized => Fault::new(Exit::Failed, format!("not let in: {said}"))
                .hint("give a token by --token or ABIDE_TOKEN"),
            Status::TooManyRequests | Status::Unavailable => {
                Fault::new(Exit::Unavailable, format!("the server cannot serve now: {said}"))
                    .hint("try again in a moment")
            }
            status => Fault::new(Exit::Failed, format!("refused ({}): {said}", status.code())),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// Writing to stdout failed. A reader that went away, as `head` does, is no failure.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Fault::new(Exit::Done, ""),
            _ => Fault::new(Exit::Failed, format!("cannot write the output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use abide_protocol::{Response, Status};

    use super::Fault;
    use crate::exit::Exit;

    #[test]
    fn a_refusal_exits_by_its_status() {
        let cases = [
            (Status::BadRequest, Exit::Failed),
            (Status::Unauthorized, Exit::Failed),
            (Status::NotFound, Exit::NotFound),
            (Status::Conflict, Exit::Conflict),
            (Status::Unprocessable, Exit::Conflict),
            (Status::TooManyRequests, Exit::Unavailable),
            (Status::Unavailable, Exit::Unavailable),
        ];
        for (status, exit) in cases {
            let fault = Fault::refusal(&Response::error(status, "why"), "promise a");
            assert_eq!(fault.exit, exit, "{status:?}");
        }
    }
}
