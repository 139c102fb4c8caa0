//! A server, spoken to over HTTP.

use abide_protocol::{Envelope, Extensions, Head, Millis, Request, Response, ResponseEnvelope};
use abide_server::{Data, Options, Server};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::value::RawValue;
use tokio::{sync::oneshot, task::JoinHandle};

use super::contender::{Contender, Doing, Setting};

struct Served {
    options: Options,
    batches: bool,
    client: Client<HttpConnector, Full<Bytes>>,
    running: Running,
}

struct Running {
    url: String,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

pub(super) fn memory(setting: Setting) -> Doing<'static, Box<dyn Contender>> {
    serve(Data::Memory, setting.extensions)
}

pub(super) fn files(setting: Setting) -> Doing<'static, Box<dyn Contender>> {
    serve(Data::Directory(setting.home), setting.extensions)
}

fn serve(data: Data, extensions: Extensions) -> Doing<'static, Box<dyn Contender>> {
    let plain = extensions == Extensions::none();
    let options = Options { port: 0, metrics_port: None, debug: true, plain, ..Options::new(data) };
    let batches = !plain;
    Box::pin(async move {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let running = start(&options).await;
        Box::new(Served { options, batches, client, running }) as Box<_>
    })
}

async fn start(options: &Options) -> Running {
    let server = Server::bind(options.clone()).await.expect("it can be opened");
    let (stop, stopped) = oneshot::channel();
    let url = format!("http://{}", server.address());
    let ended = tokio::spawn(server.serve(async { drop(stopped.await) }));
    Running { url, stop, ended }
}

impl Running {
    async fn end(self) {
        drop(self.stop);
        self.ended.await.expect("it ends");
    }
}

impl Served {
    async fn post(&self, path: &str, body: Vec<u8>) -> Bytes {
        let request = http::Request::post(format!("{}{path}", self.running.url))
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .expect("a request");
        let response = self.client.request(request).await.expect("an answer");
        response.into_body().collect().await.expect("a whole answer").to_bytes()
    }

    async fn answers(&self, requests: Vec<Request>, now: Millis) -> Vec<Response> {
        let envelope = |request: &Request| {
            let head = Head { corr_id: "c".into(), debug_time: Some(now), auth: None };
            Envelope { head, request: request.clone() }.to_json()
        };
        let read = |request: &Request, json: &[u8]| {
            let read = ResponseEnvelope::from_json(request.kind(), json);
            read.expect("an answer of the protocol").response
        };
        if requests.len() > 1 && self.batches {
            let body: Vec<Vec<u8>> = requests.iter().map(envelope).collect();
            let body = [b"[", body.join(&b',').as_slice(), b"]"].concat();
            let answers = self.post("/batch", body).await;
            let answers: Vec<&RawValue> = serde_json::from_slice(&answers).expect("an array");
            assert_eq!(answers.len(), requests.len(), "an answer for each");
            let pairs = requests.iter().zip(answers);
            return pairs.map(|(request, json)| read(request, json.get().as_bytes())).collect();
        }
        let mut answers = Vec::with_capacity(requests.len());
        for request in &requests {
            answers.push(read(request, &self.post("/", envelope(request)).await));
        }
        answers
    }
}

impl Contender for Served {
    fn ask(&mut self, requests: Vec<Request>, now: Millis) -> Doing<'_, Vec<Response>> {
        Box::pin(self.answers(requests, now))
    }

    fn restart(&mut self) -> Doing<'_, ()> {
        Box::pin(async {
            // What is in memory would be gone.
            if self.options.data != Data::Memory {
                let Running { stop, ended, .. } = &mut self.running;
                *stop = oneshot::channel().0;
                ended.await.expect("it ends");
                self.running = start(&self.options).await;
            }
        })
    }

    fn end(self: Box<Self>) -> Doing<'static, ()> {
        Box::pin(self.running.end())
    }
}
