use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use abide_protocol::{Extensions, Head, Request, Response, ResponseEnvelope};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use tokio::sync::mpsc;

use crate::{
    BatchFuture, Link, LinkError, LinkFuture, Messages,
    batch::{Answered, Item, Waiting},
    connector,
    connector::Http,
    lanes::Lanes,
    link::one_by_one,
    path, poll,
};

/// How long a request may take unless said otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read: a page of a thousand promises with payloads of 64 KiB.
pub const MAX_RESPONSE_BYTES: usize = 64 << 20;

/// How many messages are read ahead of the receiver.
const READ_AHEAD: usize = 64;

/// A link to a server over HTTP, with a pool of connections that are kept open.
#[derive(Clone)]
pub struct HttpLink {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) http: Http,
    /// Without a slash at the end.
    pub(crate) url: String,
    /// Where requests are posted.
    root: Uri,
    /// Where batches are.
    pub(crate) batches: Uri,
    token: Option<String>,
    bearer: Option<HeaderValue>,
    timeout: Duration,
    sent: AtomicU64,
    extensions: Mutex<Extensions>,
    lanes: Mutex<Lanes<Waiting>>,
}

impl HttpLink {
    /// A link to the server at this URL, with no token. No connection is made yet.
    ///
    /// # Errors
    /// [`LinkError::Url`] when the URL cannot be used, or is `https` in a build without TLS.
    pub fn new(url: &str) -> Result<Self, LinkError> {
        Self::with(url, None, DEFAULT_TIMEOUT)
    }

    /// A link that authenticates with `token`, if any, and gives each request `timeout`.
    ///
    /// # Errors
    /// [`LinkError::Url`] when the URL or the token cannot be used.
    pub fn with(url: &str, token: Option<&str>, timeout: Duration) -> Result<Self, LinkError> {
        let refuse = |reason: String| LinkError::Url { url: url.to_owned(), reason };
        connector::base(url)?;
        let bearer = token
            .map(|token| HeaderValue::try_from(format!("Bearer {token}")))
            .transpose()
            .map_err(|_| refuse("its token holds characters that HTTP forbids".into()))?;
        let place = url.trim_end_matches('/');
        let uri = |path: &str| {
            format!("{place}{path}").parse::<Uri>().map_err(|error| refuse(error.to_string()))
        };
        let (root, batches) = (uri("/")?, uri("/batch")?);
        Ok(HttpLink {
            shared: Arc::new(Shared {
                http: connector::client(),
                url: place.to_owned(),
                root,
                batches,
                token: token.map(str::to_owned),
                bearer,
                timeout,
                sent: AtomicU64::new(0),
                extensions: Mutex::default(),
                lanes: Mutex::default(),
            }),
        })
    }

    /// Asks which extensions of the protocol the server offers. Until then, none is used. Later,
    /// the link finds out by itself when the server is another one.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn negotiate(&self) -> Result<Extensions, LinkError> {
        self.shared.negotiate().await
    }

    /// The server's URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.shared.url
    }
}

impl Link for HttpLink {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(self.shared.call(request))
    }

    fn extensions(&self) -> Extensions {
        self.shared.extensions()
    }

    fn batch(&self, requests: Vec<Request>) -> BatchFuture<'_> {
        Box::pin(async move {
            if !self.extensions().batch() || requests.is_empty() {
                return one_by_one(self, requests).await;
            }
            let items = requests.iter().map(|request| self.shared.item(request)).collect();
            match self.shared.send_all(items).await? {
                Answered::Each(answers) => return Ok(answers),
                // It is another server than it was, or it takes less than others do.
                Answered::NotServed => drop(self.negotiate().await?),
                Answered::Refused => {}
            }
            one_by_one(self, requests).await
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let path = format!("/poll/{}/{}", path::segment(group), path::segment(id));
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let reader = tokio::spawn(poll::run(self.shared.clone(), path, sender));
        Messages::from_reader(receiver, reader.abort_handle())
    }
}

impl Shared {
    pub(crate) fn extensions(&self) -> Extensions {
        *self.extensions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the server offers, and gives what it was known to offer before.
    pub(crate) fn set_extensions(&self, extensions: Extensions) -> Extensions {
        let mut known = self.extensions.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut known, extensions)
    }

    pub(crate) fn lanes(&self) -> MutexGuard<'_, Lanes<Waiting>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request as it travels.
    fn item(&self, request: &Request) -> Item {
        let head = Head {
            corr_id: self.sent.fetch_add(1, Ordering::Relaxed).to_string(),
            auth: self.token.clone(),
            debug_time: None,
        };
        Item { kind: request.kind(), envelope: request.to_json(&head) }
    }

    async fn call(&self, request: Request) -> Result<Response, LinkError> {
        let Item { kind, envelope } = self.item(&request);
        let (status, body) = self.exchange_in_time(self.post(&self.root, envelope)).await?;
        ResponseEnvelope::from_json(kind, &body).map(|envelope| envelope.response).map_err(
            |error| {
                // A gateway's own error page: the server behind it is down, not of another kind.
                if status.is_server_error() {
                    self.interrupted(format!("HTTP status {status}"))
                } else {
                    let reason = format!("HTTP status {status}, {error}");
                    LinkError::Unreadable { url: self.url.clone(), reason }
                }
            },
        )
    }

    /// Makes a request and reads the whole answer, within the timeout.
    pub(crate) async fn exchange_in_time(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), LinkError> {
        tokio::time::timeout(self.timeout, self.exchange(request))
            .await
            .map_err(|_| self.interrupted(format!("no answer within {:?}", self.timeout)))?
    }

    async fn exchange(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), LinkError> {
        let response = self.http.request(request).await.map_err(|error| self.failed(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_RESPONSE_BYTES);
        let body = body.collect().await.map_err(|error| self.interrupted(error.to_string()))?;
        Ok((status, body.to_bytes()))
    }

    /// A request with a body.
    pub(crate) fn post(&self, uri: &Uri, body: Vec<u8>) -> http::Request<Full<Bytes>> {
        let mut request = http::Request::new(Full::new(body.into()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(bearer) = &self.bearer {
            headers.insert(header::AUTHORIZATION, bearer.clone());
        }
        request
    }

    /// Begins a request to this server.
    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let request = http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        match &self.bearer {
            Some(bearer) => request.header(header::AUTHORIZATION, bearer),
            None => request,
        }
    }

    pub(crate) fn unusable(&self, error: &http::Error) -> LinkError {
        LinkError::Url { url: self.url.clone(), reason: error.to_string() }
    }

    pub(crate) fn interrupted(&self, reason: String) -> LinkError {
        LinkError::Interrupted { url: self.url.clone(), reason }
    }

    /// Names what failed by its innermost cause: "Connection refused" says more than
    /// "client error (Connect)".
    pub(crate) fn failed(&self, error: &hyper_util::client::legacy::Error) -> LinkError {
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let (url, reason) = (self.url.clone(), cause.to_string());
        if error.is_connect() {
            LinkError::Unreachable { url, reason }
        } else {
            LinkError::Interrupted { url, reason }
        }
    }
}
