use std::pin::Pin;

use abide_protocol::{Request, Response};

use crate::{LinkError, Messages};

/// What [`Link::call`] returns.
pub type LinkFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, LinkError>> + Send + 'a>>;

/// A way to an engine.
///
/// A refusal by the engine (a 404, a 409, a 503) is a [`Response`]; a [`LinkError`] means that no
/// answer of the protocol came back. Neither is retried here: whether a request may be repeated
/// is known only to whoever sent it.
pub trait Link: Send + Sync + 'static {
    /// Sends a request and waits for the answer.
    fn call(&self, request: Request) -> LinkFuture<'_>;

    /// Connects as member `id` of `group` and receives what is sent to it: messages to
    /// `poll://uni@group/id`, and this member's share of those to `poll://any@group`.
    ///
    /// It returns at once. An interrupted stream is taken up again for as long as the
    /// [`Messages`] live; dropping them disconnects.
    ///
    /// Must be called within a tokio runtime.
    fn connect(&self, group: &str, id: &str) -> Messages;
}
