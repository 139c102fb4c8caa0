use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use abide_node::Node;
use axum::{Router, routing::get};
use http::header;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    BindError, Options,
    app::App,
    auth::Token,
    connections::Connections,
    cors::Cors,
    event_loops::EventLoops,
    metrics::Metrics,
    open,
    push::{self, Pusher},
    routes::Routes,
};

/// The most connections to the metrics' port at a time.
const METRICS_CONNECTIONS: usize = 16;

/// A server that listens.
pub struct Server {
    node: Node,
    http: push::Http,
    api: TcpListener,
    metrics: Option<TcpListener>,
    loops: EventLoops,
    address: SocketAddr,
    url: String,
    options: Options,
}

impl Server {
    /// Opens the data and begins to listen. Requests wait until [`Server::serve`].
    ///
    /// # Errors
    /// When an address cannot be listened on, or the data cannot be opened.
    pub async fn bind(options: Options) -> Result<Self, BindError> {
        // Listening first: that an address is taken shows before the data are touched.
        let api = listen(options.api_address()).await?;
        let metrics = match options.metrics_address() {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let address = api
            .local_addr()
            .map_err(|source| BindError::Listen { address: options.api_address(), source })?;
        let url = options.server_url.clone().unwrap_or_else(|| url_of(address));
        let http = push::client();
        let node = open::node(&options).await?;
        let loops = EventLoops::start(&node).map_err(BindError::Threads)?;
        Ok(Server { node, http, api, metrics, loops, address, url, options })
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics are, if they are served.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// The URL under which workers reach the API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The node behind the API.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Serves until `shutdown` completes; then accepts no more, finishes the requests in progress
    /// (for as long as the options grant), ends the streams and closes the data.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) {
        let Server { node, http, api, metrics, loops, url, options, .. } = self;
        let loops = Arc::new(loops);
        let (close, closing) = watch::channel(false);
        let counters = Arc::new(Metrics::default());
        let extensions = options.extensions();
        let app = Arc::new(App {
            node: node.clone(),
            metrics: counters.clone(),
            token: Token::new(options.token.as_deref()),
            cors: Cors::new(options.origins),
            extensions,
            limits: options.limits,
            url: url.into(),
            closing: closing.clone(),
        });
        let pusher = tokio::spawn(Pusher::new(http, app.clone()).run(node.pushes()));
        let connections = Connections {
            listener: api,
            routes: Arc::new(Routes::api(app)),
            limit: options.limits.connections,
            open: counters.connections.clone(),
            loops: loops.clone(),
        };
        let api = tokio::spawn(connections.run(closing.clone(), options.grace));
        let metrics = metrics.map(|listener| {
            let connections = Connections {
                listener,
                routes: Arc::new(Routes::other(metrics_router(counters))),
                limit: METRICS_CONNECTIONS,
                open: Arc::default(),
                loops,
            };
            tokio::spawn(connections.run(closing, options.grace))
        });
        shutdown.await;
        tracing::debug!("closing");
        close.send_replace(true);
        for task in [Some(api), metrics].into_iter().flatten() {
            // A listener's task ends in no other way than by returning.
            let _ = task.await;
        }
        pusher.abort();
        node.close().await;
    }
}

fn metrics_router(metrics: Arc<Metrics>) -> Router {
    let text = move || {
        let text = metrics.text();
        async { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
    };
    Router::new().route("/metrics", get(text))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError::Listen { address, source })
}

/// An unspecified address is one to listen on, not one to connect to.
fn url_of(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
