//! The service that takes pushed messages.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use ::http::{Method, Request, Response, StatusCode, request::Parts};
use abide_protocol::Message;
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tower_service::Service;

use super::{answer::Answer, secret::Secret};
use crate::{Abide, error::Result};

/// How long a message waits for its execution to end or to be suspended, unless said otherwise.
/// Servers give a receiver 10 seconds or so, and the waiting in line counts.
pub const DEFAULT_ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The longest message unless said otherwise. A message holds one promise at most, with a param and
/// a value of 1 MiB each, which escapes may double.
pub const DEFAULT_MAX_BYTES: usize = 8 << 20;

/// How long a message may take to arrive.
const READ: Duration = Duration::from_secs(10);

/// What a [`Router`] answers with.
pub type RouterBody = Full<Bytes>;

/// What calling a [`Router`] returns.
pub type RouterFuture =
    Pin<Box<dyn Future<Output = Result<Response<RouterBody>, Infallible>> + Send>>;

/// Takes the messages that a server pushes; made by [`router`].
///
/// It is a tower [`Service`] over any body, so it goes into axum (`route_service`), hyper
/// (`TowerToHyperService`) and whatever else serves those. It looks at no path. It answers
///
/// | status | when |
/// |---|---|
/// | 200 | the message was taken, and what it asked for is done: the execution ended or is suspended |
/// | 202 | it was taken, and the execution goes on while this process lives |
/// | 400 | `bad_message`: it is none |
/// | 401 | `unauthorized`: it does not show the [secret](Router::secret) |
/// | 404 | `unknown_function`: this program has no such function |
/// | 405 | `method`: it was not posted |
/// | 408 | `slow`: it took too long to arrive |
/// | 413 | `too_large` |
/// | 503 | `full`: there is no room, or this process is about to end; `unavailable`: the engine cannot be reached |
///
/// with a JSON object that holds the `code` and a `message` where it refuses.
///
/// ```no_run
/// # use abide::prelude::*;
/// # use std::time::Duration;
/// # async fn example() -> Result<()> {
/// let abide = Abide::from_env().await?;
/// let pushed = abide::http::router(&abide)?
///     .secret("kU2JWlWKdGPu")
///     .answer_within(Duration::from_secs(20))    // if the sender waits that long
///     .max_bytes(1 << 20);
/// let app: axum::Router = axum::Router::new().route_service("/abide", pushed);
/// # drop(app); Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Router {
    abide: Abide,
    secret: Option<Arc<Secret>>,
    answer_within: Duration,
    max_bytes: usize,
}

/// Takes the messages that a server pushes to this process; see the [module](crate::http).
///
/// ```no_run
/// # use abide::prelude::*;
/// # async fn example() -> Result<()> {
/// let abide = Abide::from_env().await?;
/// let app: axum::Router =
///     axum::Router::new().route_service("/abide", abide::http::router(&abide)?);
/// # drop(app); Ok(())
/// # }
/// ```
///
/// # Errors
/// When a function lacks its [state](Abide::state).
pub fn router(abide: &Abide) -> Result<Router> {
    abide.ready()?;
    Ok(Router {
        abide: abide.clone(),
        secret: None,
        answer_within: DEFAULT_ANSWER_WITHIN,
        max_bytes: DEFAULT_MAX_BYTES,
    })
}

impl Router {
    /// Turns away whoever does not show this secret: as `Authorization: Bearer …`, which a gateway
    /// may add, or in the URL as the parameter `secret`, literally, which makes it part of the
    /// [address](Abide::address).
    #[must_use]
    pub fn secret(self, secret: &str) -> Self {
        Self { secret: Some(Arc::new(Secret::new(secret))), ..self }
    }

    /// Answers after this time at the latest, though the execution goes on: with 202. Platforms
    /// that stop a process between requests stop the execution with it; it is continued when its
    /// lease is over. 5 seconds unless said otherwise; must be less than the sender waits.
    #[must_use]
    pub fn answer_within(self, answer_within: Duration) -> Self {
        Self { answer_within, ..self }
    }

    /// Refuses messages of more than so many bytes; 8 MiB unless said otherwise.
    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    async fn answer<B>(self, head: Parts, body: B) -> Answer
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if let Some(secret) = &self.secret
            && !secret.is_shown(&head.uri, &head.headers)
        {
            let why = "show the secret as a bearer token, or as the parameter `secret`";
            return Answer::refused(StatusCode::UNAUTHORIZED, "unauthorized", why);
        }
        if head.method != Method::POST {
            return Answer::refused(StatusCode::METHOD_NOT_ALLOWED, "method", "post messages here");
        }
        match self.read(body).await {
            Ok(message) => self.take(message).await,
            Err(refusal) => refusal,
        }
    }

    async fn read<B>(&self, body: B) -> Result<Message, Answer>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let body = Box::pin(Limited::new(body, self.max_bytes).collect());
        let bytes = match tokio::time::timeout(READ, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let why = format!("it is longer than {} bytes", self.max_bytes);
                return Err(Answer::refused(StatusCode::PAYLOAD_TOO_LARGE, "too_large", why));
            }
            Ok(Err(error)) => {
                return Err(Answer::refused(StatusCode::BAD_REQUEST, "bad_message", error));
            }
            Err(_) => {
                let why = "it took too long to arrive";
                return Err(Answer::refused(StatusCode::REQUEST_TIMEOUT, "slow", why));
            }
        };
        let message = std::str::from_utf8(&bytes).ok().and_then(Message::from_json);
        message.ok_or_else(|| {
            let why = "post an `execute` or `unblock` message of the protocol";
            Answer::refused(StatusCode::BAD_REQUEST, "bad_message", why)
        })
    }

    async fn take(&self, message: Message) -> Answer {
        let worker = self.abide.worker();
        match message {
            Message::Execute { id, version } => {
                worker.pushed(id, version, self.answer_within).await.into()
            }
            Message::Unblock { promise } => match worker.hinted(&promise.id).await {
                Ok(()) => Answer::Done,
                Err(error) => {
                    Answer::refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error)
                }
            },
        }
    }
}

impl<B> Service<Request<B>> for Router
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<RouterBody>;
    type Error = Infallible;
    type Future = RouterFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let this = self.clone();
        Box::pin(async move { Ok(this.answer(head, body).await.into()) })
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Router({:?})", self.abide)
    }
}
