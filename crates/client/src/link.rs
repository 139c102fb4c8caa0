use std::pin::Pin;

use abide_protocol::{Extensions, Kind, Request, Response, Status};

use crate::{LinkError, Messages};

/// What [`Link::call`] returns.
pub type LinkFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, LinkError>> + Send + 'a>>;

/// What [`Link::batch`] returns.
pub type BatchFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Response>, LinkError>> + Send + 'a>>;

/// A way to an engine.
///
/// A refusal by the engine (a 404, a 409, a 503) is a [`Response`]; a [`LinkError`] means that no
/// answer of the protocol came back. Neither is retried here: whether a request may be repeated
/// is known only to whoever sent it.
pub trait Link: Send + Sync + 'static {
    /// Sends a request and waits for the answer.
    fn call(&self, request: Request) -> LinkFuture<'_>;

    /// Which extensions of the protocol the engine is known to offer right now. What it does not
    /// offer may not be used: an engine ignores fields that it does not know.
    fn extensions(&self) -> Extensions {
        Extensions::none()
    }

    /// Sends requests that take effect in their order, each after the one before it, and waits for
    /// the answers, which come in the same order. Where the engine offers
    /// [batches](abide_protocol::extension::BATCH), they travel in one message; everywhere else,
    /// one after the other.
    ///
    /// A request that [uses](Request::uses) an extension is carried out only as it was meant: if
    /// the engine turns out not to know the extension any more, that request is answered 501
    /// instead, and [`extensions`](Self::extensions) tells what is left.
    fn batch(&self, requests: Vec<Request>) -> BatchFuture<'_> {
        Box::pin(one_by_one(self, requests))
    }

    /// Connects as member `id` of `group` and receives what is sent to it: messages to
    /// `poll://uni@group/id`, and this member's share of those to `poll://any@group`.
    ///
    /// It returns at once. An interrupted stream is taken up again for as long as the
    /// [`Messages`] live; dropping them disconnects.
    ///
    /// Must be called within a tokio runtime.
    fn connect(&self, group: &str, id: &str) -> Messages;
}

/// Carries requests out one after the other: what [`Link::batch`] does where the engine does not
/// offer batches.
///
/// # Errors
/// When an answer is lost; what came of that request is unknown, and those after it were not sent.
pub async fn one_by_one<L: Link + ?Sized>(
    link: &L,
    requests: Vec<Request>,
) -> Result<Vec<Response>, LinkError> {
    let mut answers: Vec<Response> = Vec::with_capacity(requests.len());
    for request in requests {
        let uses = request.uses();
        let before = answers.last().filter(|answer| passes(answer)).cloned();
        answers.push(match before {
            // What follows a request that was not taken in must not take effect without it.
            Some(refusal) => refusal,
            None if link.extensions().contains(uses) => link.call(request).await?,
            None => not_offered(request.kind()),
        });
    }
    Ok(answers)
}

/// The answer to a request that uses an extension which the engine does not offer.
pub(crate) fn not_offered(kind: Kind) -> Response {
    let text = format!("the server does not offer what this {kind} uses");
    Response::error(Status::NotImplemented, text)
}

/// Whether a request was not taken in, for a reason that passes.
fn passes(answer: &Response) -> bool {
    matches!(answer.status, Status::TooManyRequests | Status::Unavailable)
}
