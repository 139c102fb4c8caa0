use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::{BindError, Options};

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    api: TcpListener,
    metrics: Option<TcpListener>,
    address: SocketAddr,
    url: String,
    #[allow(dead_code)]
    options: Options,
}

impl Server {
    /// Opens the data and begins to listen. Requests wait until [`Server::serve`].
    ///
    /// # Errors
    /// When an address cannot be listened on, or the data cannot be opened.
    pub async fn bind(options: Options) -> Result<Self, BindError> {
        let api = listen(options.api_address()).await?;
        let metrics = match options.metrics_address() {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let address = api
            .local_addr()
            .map_err(|source| BindError::Listen { address: options.api_address(), source })?;
        let url = options.server_url.clone().unwrap_or_else(|| url_of(address));
        Ok(Server { api, metrics, address, url, options })
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

    /// Serves until `shutdown` completes; then accepts no more, finishes the requests in progress
    /// (for as long as the options grant), ends the streams and closes the data.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) {
        shutdown.await;
        drop(self.api);
    }
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
