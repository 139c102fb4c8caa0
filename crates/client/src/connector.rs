use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use crate::LinkError;

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an unused connection is kept. Servers and balancers close idle connections after a
/// minute or so; giving up first avoids sending into a connection that is just being closed.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// How many unused connections are kept.
const POOL_SIZE: usize = 256;

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// The HTTP client with its pool of connections.
pub(crate) type Http = Client<Connector, Full<Bytes>>;

/// Checks a base URL.
pub(crate) fn base(url: &str) -> Result<Uri, LinkError> {
    let refuse = |reason: &str| LinkError::Url { url: url.to_owned(), reason: reason.to_owned() };
    let uri: Uri = url.parse().map_err(|error| refuse(&format!("{error}")))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "tls") => {}
        Some("https") => {
            return Err(refuse(
                "this build has no TLS: use http://, or build with the feature tls",
            ));
        }
        _ => return Err(refuse("it must begin with http:// or https://")),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(refuse("it names no host"));
    }
    if uri.query().is_some() {
        return Err(refuse("it must not have a query"));
    }
    Ok(uri)
}

fn plain() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector
}

#[cfg(not(feature = "tls"))]
fn connector() -> Connector {
    plain()
}

/// It trusts what the system trusts; on a system without certificates, what browsers trust.
#[cfg(feature = "tls")]
fn connector() -> Connector {
    let mut plain = plain();
    plain.enforce_http(false);
    hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()
        .unwrap_or_else(|_| hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots())
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain)
}

/// Makes a client.
pub(crate) fn client() -> Http {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_SIZE)
        .build(connector())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_cannot_be_used_say_why() {
        for (url, reason) in [
            ("localhost:8001", "it must begin with http:// or https://"),
            ("ftp://host", "it must begin with http:// or https://"),
            ("/path", "it must begin with http:// or https://"),
            ("http://host/?a=b", "it must not have a query"),
            ("http://", "empty string"),
            ("", "empty string"),
        ] {
            let LinkError::Url { reason: found, .. } = base(url).unwrap_err() else { panic!() };
            assert_eq!(found, reason, "{url}");
        }
        for url in ["http://host", "http://[::1]:8001/", "http://host/behind/a/proxy"] {
            assert!(base(url).is_ok(), "{url}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn a_build_without_tls_says_so() {
        let error = base("https://host").unwrap_err();
        assert!(error.to_string().contains("this build has no TLS"), "{error}");
        assert!(!error.is_transient());
    }
}
