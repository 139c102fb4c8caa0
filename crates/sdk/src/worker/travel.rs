//! How the requests of an execution travel, and groups of them.

use std::{future::Future, time::Duration};

use abide_client::Backoff;
use abide_protocol::{Request, Response, Status};

use super::{
    Lost, Moment, Worker,
    patience::{FIRST_PAUSE, LONGEST_PAUSE, Verdict, judge},
};
use crate::{error::Error, time};

/// How the requests of an execution travel. It is chosen when the execution begins here, and holds
/// for as long as it is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Travel {
    /// In order, in groups, each of them one message. One is on its way at a time: if it has to be
    /// sent again, nothing overtakes it.
    Grouped,
    /// Each on its own; what arrives first takes effect first.
    Alone,
}

/// The engine's answers to a group of requests.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) responses: Vec<Response>,
    /// Whether an earlier attempt may have been carried out, its answers lost.
    pub(crate) repeated: bool,
    /// When the attempt that was answered was sent.
    pub(crate) sent: Moment,
    /// When the first attempt was sent.
    pub(crate) begun: Moment,
}

impl Worker {
    /// How the requests of an execution travel that begins now.
    pub(crate) fn travel(&self) -> Travel {
        if self.link.extensions().batch() { Travel::Grouped } else { Travel::Alone }
    }

    /// Makes requests that take effect in their order, again and again while the engine cannot be
    /// reached, for `patience` at most. What was answered is not asked again. A request that the
    /// engine does not know how to carry out, or that must not be repeated, is answered 501.
    pub(crate) fn group(
        &self,
        requests: Vec<Request>,
        patience: Duration,
    ) -> impl Future<Output = Result<Answers, Lost>> + Send + 'static {
        let link = self.link.clone();
        async move {
            let begun = Moment::now();
            let mut sent = begun;
            let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
            let mut responses = Vec::new();
            let mut left_out = None;
            let mut rest = requests;
            let mut repeated = false;
            loop {
                let error = match link.batch(rest.clone()).await {
                    Ok(answers) => take(answers, &mut responses, &mut rest)?,
                    Err(error) if error.is_transient() => Some(Error::unavailable(error)),
                    Err(error) => return Err(Lost(Error::unavailable(error))),
                };
                let Some(error) = error else {
                    responses.extend(left_out);
                    return Ok(Answers { responses, repeated, sent, begun });
                };
                if begun.age() >= patience {
                    return Err(Lost(error));
                }
                repeated = true;
                if rest.last().is_some_and(forgets) {
                    rest.pop();
                    let text = "the answer that was lost may have told of something";
                    left_out = Some(Response::error(Status::NotImplemented, text));
                }
                time::sleep(backoff.pause()).await;
                sent = Moment::now();
            }
        }
    }
}

/// Whether the engine forgets what it tells in the answer, so that another answer may lack it.
fn forgets(request: &Request) -> bool {
    matches!(request, Request::TaskSuspend(suspend) if suspend.again)
}

/// Takes the answers up to the first that says to try again, and gives that one.
fn take(
    answers: Vec<Response>,
    taken: &mut Vec<Response>,
    rest: &mut Vec<Request>,
) -> Result<Option<Error>, Lost> {
    if taken.is_empty() && answers.iter().all(|response| matches!(judge(response), Verdict::Answer))
    {
        *taken = answers;
        rest.drain(..taken.len());
        return Ok(None);
    }
    let before = taken.len();
    let mut error = None;
    for response in answers {
        match judge(&response) {
            Verdict::Answer => taken.push(response),
            Verdict::Later(later) => {
                error = Some(later);
                break;
            }
            Verdict::Never(never) => return Err(Lost(never)),
        }
    }
    rest.drain(..taken.len() - before);
    Ok(error)
}
