//! Requests that outlast an outage.

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{Moment, Worker};
use crate::{
    error::{Error, ErrorKind},
    time,
};
use abide_client::{Backoff, Link, LinkError};
use abide_protocol::{Request, Response, Status};

/// The pauses between the attempts of one request.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The engine's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    /// Whether an earlier attempt may have been carried out, its answer lost.
    pub(crate) repeated: bool,
    /// When the attempt that was answered was sent.
    pub(crate) sent: Moment,
    /// When the first attempt was sent.
    pub(crate) begun: Moment,
}

/// No answer came for longer than the caller could wait.
#[derive(Debug)]
pub(crate) struct Lost(pub(crate) Error);

impl Worker {
    /// Makes a request, again and again while the engine cannot be reached, for `patience` at most.
    pub(crate) fn call(
        &self,
        request: Request,
        patience: Duration,
    ) -> impl Future<Output = Result<Answer, Lost>> + Send + 'static {
        let link = self.link.clone();
        async move {
            let begun = Moment::now();
            match judged(link.call(request.clone()).await)? {
                Ok(response) => Ok(Answer { response, repeated: false, sent: begun, begun }),
                // Few requests have to wait for that, so their futures do not carry it.
                Err(error) => call_again(link, request, patience, begun, error).boxed().await,
            }
        }
    }
}

/// Makes a request that was not answered again and again.
async fn call_again(
    link: Arc<dyn Link>,
    request: Request,
    patience: Duration,
    begun: Moment,
    mut error: Error,
) -> Result<Answer, Lost> {
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    while begun.age() < patience {
        time::sleep(backoff.pause()).await;
        let sent = Moment::now();
        match judged(link.call(request.clone()).await)? {
            Ok(response) => return Ok(Answer { response, repeated: true, sent, begun }),
            Err(later) => error = later,
        }
    }
    Err(Lost(error))
}

/// The answer, or why it is worth another attempt.
fn judged(answer: Result<Response, LinkError>) -> Result<Result<Response, Error>, Lost> {
    match answer {
        Ok(response) => match judge(&response) {
            Verdict::Answer => Ok(Ok(response)),
            Verdict::Later(error) => Ok(Err(error)),
            Verdict::Never(error) => Err(Lost(error)),
        },
        Err(error) if error.is_transient() => Ok(Err(Error::unavailable(error))),
        Err(error) => Err(Lost(Error::unavailable(error))),
    }
}

/// What an answer of the engine means for the attempt.
pub(super) enum Verdict {
    /// It is the answer.
    Answer,
    /// The request was not carried out, or nobody knows: try again.
    Later(Error),
    /// This process may not ask.
    Never(Error),
}

/// Judges an answer.
pub(super) fn judge(response: &Response) -> Verdict {
    match response.status {
        Status::TooManyRequests | Status::Internal | Status::Unavailable => {
            let text = response.message().unwrap_or("it is unavailable");
            Verdict::Later(Error::unavailable(text))
        }
        Status::Unauthorized | Status::Forbidden => Verdict::Never(refused(response)),
        _ => Verdict::Answer,
    }
}

/// A refusal as an error.
pub(crate) fn refused(response: &Response) -> Error {
    let text = response.message().unwrap_or_default();
    let (kind, code) = match response.status {
        Status::Unauthorized | Status::Forbidden => (ErrorKind::Unavailable, "unauthorized"),
        Status::NotFound => (ErrorKind::Misuse, "not_found"),
        _ => (ErrorKind::Misuse, "refused"),
    };
    Error::new(kind, code, format!("the engine refused: {text}")).into_permanent()
}
