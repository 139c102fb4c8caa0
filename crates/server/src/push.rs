//! Messages to `http` and `https` addresses.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use abide_node::{Push, Pushes};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::app::App;

/// How many messages are posted to one host at a time.
const PER_HOST: usize = 16;

/// How many messages are held at a time, waiting for their host or for its answer.
const MAX_HELD: usize = 4096;

/// How long a message may wait for its turn and its answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long an unused connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// How many hosts are remembered before those without a message are forgotten.
const MAX_IDLE_HOSTS: usize = 256;

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// It trusts what the system trusts; on a system without certificates, what browsers trust.
fn connector() -> Connector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    #[cfg(feature = "tls")]
    let connector = {
        connector.enforce_http(false);
        hyper_rustls::HttpsConnectorBuilder::new()
            .with_native_roots()
            .unwrap_or_else(|_| hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector)
    };
    connector
}

/// The HTTP client with its pool of connections.
pub(crate) type Http = Client<Connector, Full<Bytes>>;

/// Makes a client.
pub(crate) fn client() -> Http {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(PER_HOST)
        .build(connector())
}

/// Posts messages, a few at a time to each host.
pub(crate) struct Pusher {
    http: Http,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    held: Arc<Semaphore>,
    app: Arc<App>,
}

impl Pusher {
    pub(crate) fn new(http: Http, app: Arc<App>) -> Self {
        Pusher { http, hosts: Mutex::default(), held: Arc::new(Semaphore::new(MAX_HELD)), app }
    }

    /// Delivers until the node has no more.
    pub(crate) async fn run(self, mut pushes: Pushes) {
        let pusher = Arc::new(self);
        loop {
            // Waiting here leaves the messages with the node, which bounds and orders them.
            let Ok(held) = pusher.held.clone().acquire_owned().await else { return };
            let Some(push) = pushes.next().await else { return };
            let pusher = pusher.clone();
            tokio::spawn(async move {
                pusher.deliver(push).await;
                drop(held);
            });
        }
    }

    async fn deliver(&self, push: Push) {
        match timeout(TIMEOUT, self.post(&push)).await {
            Ok(Ok(())) => {
                self.app.metrics.pushed.count(&push.message);
                push.taken();
            }
            outcome => {
                let why = outcome
                    .map_or("no answer in time".into(), |error| error.err().unwrap_or_default());
                tracing::debug!(address = &*push.address, why, "a message was not taken");
                self.app.metrics.push_refused.count(&push.message);
                push.refused();
            }
        }
    }

    async fn post(&self, push: &Push) -> Result<(), String> {
        let uri: Uri = push.address.parse().map_err(|error| format!("{error}"))?;
        let host = self.host(uri.authority().map_or("", |authority| authority.as_str()));
        let _turn = host.acquire().await.map_err(|error| error.to_string())?;
        let body = Bytes::from(push.message.to_json(&self.app.url));
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Full::new(body))
            .map_err(|error| error.to_string())?;
        let response = self.http.request(request).await.map_err(|error| error.to_string())?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("HTTP status {status}")),
        }
    }

    /// The turns of a host.
    fn host(&self, authority: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = hosts.get(authority) {
            return turns.clone();
        }
        if hosts.len() >= MAX_IDLE_HOSTS {
            hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        hosts.entry(authority.to_owned()).or_insert(Arc::new(Semaphore::new(PER_HOST))).clone()
    }
}
