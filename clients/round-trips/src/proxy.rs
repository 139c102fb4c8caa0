//! A proxy that counts.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use abide::{Error, Result};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header::HOST},
    response::Response,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::message::Message;

/// How long there must be no message before a program counts as quiet.
const QUIET: Duration = Duration::from_millis(80);

/// The largest body; the server takes less.
const BODY: usize = 64 << 20;

/// A proxy in front of one server.
pub(crate) struct Proxy {
    server: String,
    client: Client<HttpConnector, Body>,
    messages: Mutex<Vec<Message>>,
    open: AtomicUsize,
    hold: Mutex<Duration>,
}

impl Proxy {
    /// A proxy, and its address.
    pub(crate) async fn start(server: &str) -> Result<(Arc<Self>, String)> {
        let proxy = Arc::new(Self {
            server: server.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            messages: Mutex::default(),
            open: AtomicUsize::new(0),
            hold: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(forward).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((proxy, url))
    }

    /// Holds each message for so long from now on. So those that are sent at one time overlap, and
    /// those that wait for each other do not.
    pub(crate) fn hold(&self, hold: Duration) {
        *self.hold.lock().unwrap_or_else(PoisonError::into_inner) = hold;
    }

    fn messages(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The messages since the last time this was asked, once there are no more.
    pub(crate) async fn take(&self) -> Vec<Message> {
        let mut seen = usize::MAX;
        loop {
            let now = self.messages().len();
            if now == seen && self.open.load(Ordering::Acquire) == 0 {
                return std::mem::take(&mut *self.messages());
            }
            seen = now;
            tokio::time::sleep(QUIET).await;
        }
    }

    async fn forward(&self, request: Request) -> Result<Response> {
        // What is not a message is the stream on which the server tells of work.
        let counts = request.method() == Method::POST;
        let start = Instant::now();
        let (mut parts, body) = request.into_parts();
        let body = to_bytes(body, BODY).await?;
        let kinds = if counts { Message::kinds(&body) } else { Vec::new() };
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = format!("{}{path}", self.server).parse().map_err(Error::application)?;
        parts.headers.remove(HOST);
        if counts {
            let hold = *self.hold.lock().unwrap_or_else(PoisonError::into_inner);
            tokio::time::sleep(hold).await;
        }
        let answer = self.client.request(Request::from_parts(parts, Body::from(body))).await?;
        let (parts, body) = answer.into_parts();
        if !counts {
            return Ok(Response::from_parts(parts, Body::new(body)));
        }
        let body: Bytes = to_bytes(Body::new(body), BODY).await?;
        self.messages().push(Message { kinds, start, end: Instant::now() });
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

async fn forward(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let counts = request.method() == Method::POST;
    proxy.open.fetch_add(usize::from(counts), Ordering::AcqRel);
    let answer = proxy.forward(request).await;
    proxy.open.fetch_sub(usize::from(counts), Ordering::AcqRel);
    answer.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(format!("{error:?}")));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}
