//! Calls by HTTP, over connections that are kept.

use std::fmt::Display;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{Request, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

/// A client of one port of the server.
#[derive(Clone, Debug)]
pub(crate) struct Ingress {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Ingress {
    /// A client of this port.
    pub(crate) fn new(port: u16) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ingress { client, base: format!("http://127.0.0.1:{port}") }
    }

    /// Posts JSON, or nothing, and gives the body of the answer, which must be a success.
    pub(crate) async fn post(&self, path: &str, json: Option<impl Display>) -> Result<Bytes> {
        let request = Request::post(format!("{}{path}", self.base));
        let request = match json {
            Some(json) => request
                .header(CONTENT_TYPE, "application/json")
                .body(Full::new(json.to_string().into()))?,
            None => request.body(Full::default())?,
        };
        self.send(request).await
    }

    /// Gets a resource, which must be there.
    pub(crate) async fn get(&self, path: &str) -> Result<Bytes> {
        self.send(Request::get(format!("{}{path}", self.base)).body(Full::default())?).await
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Bytes> {
        let path = request.uri().path().to_owned();
        let response = self.client.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{path}: {status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
