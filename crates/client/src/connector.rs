use std::{error::Error, future::poll_fn, time::Duration};

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tower_service::Service;

use crate::LinkError;

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What makes connections: it resolves names, and tries the addresses as browsers do.
#[cfg(feature = "tls")]
pub(crate) type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
/// What makes connections: it resolves names, and tries the addresses as browsers do.
#[cfg(not(feature = "tls"))]
pub(crate) type Connector = HttpConnector;

/// A connection that was made.
pub(crate) type Stream = TokioIo<<Connector as Service<Uri>>::Response>;

/// The HTTP client of the streams of messages.
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
pub(crate) fn connector() -> Connector {
    plain()
}

/// It trusts what the system trusts; on a system without certificates, what browsers trust.
#[cfg(feature = "tls")]
pub(crate) fn connector() -> Connector {
    let mut plain = plain();
    plain.enforce_http(false);
    hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()
        .unwrap_or_else(|_| hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots())
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain)
}

/// Makes a connection.
///
/// # Errors
/// With the words of the innermost cause.
pub(crate) async fn connect(mut connector: Connector, to: Uri) -> Result<Stream, String> {
    poll_fn(|context| connector.poll_ready(context)).await.map_err(words)?;
    connector.call(to).await.map(TokioIo::new).map_err(words)
}

/// The words of an error of either connector.
fn words(error: impl Into<Box<dyn Error + Send + Sync>>) -> String {
    innermost(&*error.into())
}

/// Makes a client for streams of messages: each has a connection of its own.
pub(crate) fn client(connector: Connector) -> Http {
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)
}

/// Names what failed by its innermost cause: "Connection refused" says more than
/// "client error (Connect)".
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
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
