use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use abide_protocol::{Extensions, Head, Kind, Request, Response, ResponseEnvelope};
use http::{HeaderValue, Method, header};
use tokio::sync::mpsc;

use crate::{
    BatchFuture, Link, LinkError, LinkFuture, Messages,
    answer::Answer,
    batch::{Answered, Waiting},
    bundle::Bundle,
    connector,
    connector::Http,
    lanes::Lanes,
    link::one_by_one,
    path, poll,
    pool::{Lost, Pool},
    route::Route,
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
    pool: Arc<Pool>,
    /// For the streams of messages.
    pub(crate) http: Http,
    /// Without a slash at the end.
    pub(crate) url: String,
    /// Where single requests are posted.
    single: Route,
    /// Where batches are.
    pub(crate) batches: Route,
    /// Where the server says which extensions it offers.
    pub(crate) offers: Route,
    token: Option<String>,
    bearer: Option<HeaderValue>,
    timeout: Duration,
    sent: AtomicU64,
    /// The bits of what the server offers: each request asks for them.
    extensions: AtomicU8,
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
        let base = connector::base(url)?;
        let bearer = token
            .map(|token| HeaderValue::try_from(format!("Bearer {token}")))
            .transpose()
            .map_err(|_| refuse("its token holds characters that HTTP forbids".into()))?;
        let route = |method, path| Route::new(&method, &base, path, bearer.as_ref());
        let (single, batches) = (route(Method::POST, "/"), route(Method::POST, "/batch"));
        let offers = route(Method::GET, "/extensions");
        let connector = connector::connector();
        Ok(HttpLink {
            shared: Arc::new(Shared {
                pool: Arc::new(Pool::new(connector.clone(), base)),
                http: connector::client(connector),
                url: url.trim_end_matches('/').to_owned(),
                single,
                batches,
                offers,
                token: token.map(str::to_owned),
                bearer,
                timeout,
                sent: AtomicU64::new(0),
                extensions: AtomicU8::default(),
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

    /// Nothing was carried out: it is another server than it was, or takes less than others do.
    async fn turn_back(&self, answered: &Answered) -> Result<(), LinkError> {
        if matches!(answered, Answered::NotServed) {
            self.negotiate().await?;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The server's URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.shared.url
    }
}

/// Whether a request of this kind travels with others when there is a crowd: what an execution
/// begins and ends with. A page of answers is large, and a lease must not run out because messages
/// that were sent before are stuck.
fn gathers(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::PromiseCreate
            | Kind::PromiseGet
            | Kind::PromiseSettle
            | Kind::TaskAcquire
            | Kind::TaskCreate
            | Kind::TaskFulfill
            | Kind::TaskGet
    )
}

impl Link for HttpLink {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move {
            if self.extensions().batch() && gathers(request.kind()) {
                let bundles = self.shared.bundles(std::slice::from_ref(&request));
                match self.shared.send_all(bundles).await? {
                    Answered::Each(mut answers) => {
                        return Ok(answers.pop().expect("as many answers as requests"));
                    }
                    other => self.turn_back(&other).await?,
                }
            }
            self.shared.call(request).await
        })
    }

    fn extensions(&self) -> Extensions {
        self.shared.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            let offered = self.extensions();
            if !offered.batch() || requests.is_empty() {
                return one_by_one(self, requests, offered).await;
            }
            match self.shared.send_all(self.shared.bundles(requests)).await? {
                Answered::Each(answers) => return Ok(answers),
                other => self.turn_back(&other).await?,
            }
            // It has just turned a batch back: whatever others learn of it meanwhile, it is asked
            // for nothing but what every server knows.
            one_by_one(self, requests, Extensions::none()).await
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
        Extensions::from_bits(self.extensions.load(Ordering::Acquire))
    }

    /// Notes what the server offers, and gives what it was known to offer before.
    pub(crate) fn set_extensions(&self, extensions: Extensions) -> Extensions {
        Extensions::from_bits(self.extensions.swap(extensions.bits(), Ordering::AcqRel))
    }

    pub(crate) fn lanes(&self) -> MutexGuard<'_, Lanes<Waiting>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What accompanies a request.
    fn head(&self, corr_id: String) -> Head {
        Head { corr_id, auth: self.token.clone(), debug_time: None }
    }

    /// Requests as they travel in batches: their places tell them apart.
    fn bundles(&self, requests: &[Request]) -> Vec<Bundle> {
        let head = self.head(String::new());
        Bundle::all(requests, Request::kind, |request, out| request.append_json(&head, out))
    }

    async fn call(&self, request: Request) -> Result<Response, LinkError> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let envelope = request.to_json(&self.head(number.to_string()));
        let read = |answer: Answer<'_>| {
            let envelope = ResponseEnvelope::from_json(request.kind(), answer.body);
            envelope.map(|envelope| envelope.response).map_err(|error| {
                let status = answer.status;
                // A gateway's own error page: the server behind it is down, not of another kind.
                if status.is_server_error() {
                    self.interrupted(format!("HTTP status {status}"))
                } else {
                    let reason = format!("HTTP status {status}, {error}");
                    LinkError::Unreadable { url: self.url.clone(), reason }
                }
            })
        };
        self.exchange(&self.single, &envelope, read).await?
    }

    /// Makes a request and reads the whole answer, within the timeout.
    pub(crate) async fn exchange<T>(
        &self,
        route: &Route,
        body: &[u8],
        read: impl FnOnce(Answer<'_>) -> T,
    ) -> Result<T, LinkError> {
        self.pool.exchange(route, body, self.timeout, read).await.map_err(|lost| match lost {
            Lost::Unreachable(reason) => LinkError::Unreachable { url: self.url.clone(), reason },
            Lost::Interrupted(reason) => self.interrupted(reason),
            Lost::Late => self.interrupted(format!("no answer within {:?}", self.timeout)),
        })
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

    pub(crate) fn failed(&self, error: &hyper_util::client::legacy::Error) -> LinkError {
        let (url, reason) = (self.url.clone(), connector::innermost(error));
        if error.is_connect() {
            LinkError::Unreachable { url, reason }
        } else {
            LinkError::Interrupted { url, reason }
        }
    }
}
