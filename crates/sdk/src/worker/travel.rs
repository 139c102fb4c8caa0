//! How the requests of an execution travel, and groups of them.

use std::{future::Future, sync::Arc, time::Duration};

use abide_client::{Backoff, Link, LinkError};
use abide_protocol::{Request, Response, Status};
use futures_util::FutureExt;

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
            let (mut responses, mut rest) = (Vec::new(), requests);
            let answers = link.batch(&rest).await;
            match take(answers, &mut responses, &mut rest)? {
                None => Ok(Answers { responses, repeated: false, sent: begun, begun }),
                // Few groups have to wait for that, so their futures do not carry it.
                Some(error) => {
                    let again = Again { link, patience, begun, responses, rest };
                    again.group(error).boxed().await
                }
            }
        }
    }
}

/// A group that was not answered, or not all of it.
struct Again {
    link: Arc<dyn Link>,
    patience: Duration,
    begun: Moment,
    responses: Vec<Response>,
    rest: Vec<Request>,
}

impl Again {
    /// Makes the requests that are left again and again.
    async fn group(self, mut error: Error) -> Result<Answers, Lost> {
        let Self { link, patience, begun, mut responses, mut rest } = self;
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        let mut left_out = None;
        while begun.age() < patience {
            if rest.last().is_some_and(forgets) {
                rest.pop();
                let text = "the answer that was lost may have told of something";
                left_out = Some(Response::error(Status::NotImplemented, text));
            }
            time::sleep(backoff.pause()).await;
            let sent = Moment::now();
            let answers = link.batch(&rest).await;
            match take(answers, &mut responses, &mut rest)? {
                Some(later) => error = later,
                None => {
                    responses.extend(left_out);
                    return Ok(Answers { responses, repeated: true, sent, begun });
                }
            }
        }
        Err(Lost(error))
    }
}

/// Whether the engine forgets what it tells in the answer, so that another answer may lack it.
fn forgets(request: &Request) -> bool {
    matches!(request, Request::TaskSuspend(suspend) if suspend.again)
}

/// Takes the answers up to the first that says to try again, and gives that one.
fn take(
    answers: Result<Vec<Response>, LinkError>,
    taken: &mut Vec<Response>,
    rest: &mut Vec<Request>,
) -> Result<Option<Error>, Lost> {
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) if error.is_transient() => return Ok(Some(Error::unavailable(error))),
        Err(error) => return Err(Lost(Error::unavailable(error))),
    };
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
