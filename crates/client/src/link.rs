use std::pin::Pin;

use abide_protocol::{
    CreateAction, Extensions, FenceAction, Kind, RecordAction, Request, Response, SettleAction,
    Status, TaskFence,
};

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
    /// A request that [uses](Request::uses) an extension is carried out only as it was meant. If
    /// the engine turns out not to know the extension any more, a `promise.record` is made as the
    /// two requests that it stands for; any other request is answered 501 instead, and
    /// [`extensions`](Self::extensions) tells what is left.
    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(one_by_one(self, requests, self.extensions()))
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

/// Carries requests out one after the other, for an engine that offers these extensions: what
/// [`Link::batch`] does where there are no batches.
///
/// # Errors
/// When an answer is lost; what came of that request is unknown, and those after it were not sent.
pub async fn one_by_one<L: Link + ?Sized>(
    link: &L,
    requests: &[Request],
    offered: Extensions,
) -> Result<Vec<Response>, LinkError> {
    let mut answers: Vec<Response> = Vec::with_capacity(requests.len());
    for request in requests {
        let uses = request.uses();
        let before = answers.last().filter(|answer| passes(answer)).cloned();
        answers.push(match before {
            // What follows a request that was not taken in must not take effect without it.
            Some(refusal) => refusal,
            None if offered.contains(uses) => link.call(request.clone()).await?,
            None => without_extension(link, request.clone()).await?,
        });
    }
    Ok(answers)
}

/// Makes a request that the engine does not know: what is recorded at once elsewhere is created, and
/// then settled. If only the first of these comes about, it is as if the execution had stopped there.
async fn without_extension<L: Link + ?Sized>(
    link: &L,
    request: Request,
) -> Result<Response, LinkError> {
    let Request::TaskFence(TaskFence { id, version, action: FenceAction::Record(record) }) =
        request
    else {
        return Ok(not_offered(request.kind()));
    };
    let fence = |action| Request::TaskFence(TaskFence { id: id.clone(), version, action });
    let RecordAction { corr_id, create, settle } = record;
    let create = FenceAction::Create(CreateAction { corr_id: corr_id.clone(), create });
    let created = link.call(fence(create)).await?;
    if !created.promise().is_some_and(|promise| promise.is_pending()) {
        return Ok(created);
    }
    link.call(fence(FenceAction::Settle(SettleAction { corr_id, settle }))).await
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
