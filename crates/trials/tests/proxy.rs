//! The bad network does what it is told to, and nothing when it is told nothing.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use abide_trials::proxy::{Faults, Proxy};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpListener;

const STREAM: &str = ": hello\n\ndata: {\"kind\":\"execute\"}\n\ndata: {\"kind\":\"unblock\"}\n\n";

/// A server that counts what it hears, and answers everything with the same stream.
async fn server(heard: Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let heard = heard.clone();
            let service = service_fn(move |_| {
                heard.fetch_add(1, Ordering::Relaxed);
                let answer = http::Response::builder()
                    .header("content-type", "text/event-stream")
                    .body(Full::new(Bytes::from_static(STREAM.as_bytes())));
                async { answer }
            });
            let serving = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    });
    address
}

/// What clients got of 200 requests, and how many of them the server heard.
async fn got(faults: Faults) -> (Vec<Option<String>>, u64) {
    let heard = Arc::new(AtomicU64::new(0));
    let to = server(heard.clone()).await.to_string().parse().unwrap();
    let proxy = Proxy::bind((Ipv4Addr::LOCALHOST, 0).into(), to, faults, 7).await.unwrap();
    let url = format!("http://{}/poll/group/id", proxy.address().unwrap());
    tokio::spawn(proxy.run());
    let mut got = Vec::new();
    for _ in 0..200 {
        // Each with a connection of its own, which nothing retries.
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http::<Full<Bytes>>();
        let answer = client.request(Request::get(&url).body(Full::default()).unwrap()).await;
        got.push(match answer {
            Ok(answer) => match answer.into_body().collect().await {
                Ok(body) => Some(String::from_utf8(body.to_bytes().to_vec()).unwrap()),
                Err(_) => None,
            },
            Err(_) => None,
        });
    }
    (got, heard.load(Ordering::Relaxed))
}

fn count(got: &[Option<String>], wanted: impl Fn(&Option<String>) -> bool) -> usize {
    got.iter().filter(|got| wanted(got)).count()
}

#[tokio::test]
async fn a_good_network_changes_nothing() {
    let (got, heard) = got(Faults::default()).await;
    assert_eq!(count(&got, |got| got.as_deref() == Some(STREAM)), 200);
    assert_eq!(heard, 200);
}

#[tokio::test]
async fn resets_come_before_and_after_the_server_hears() {
    let (got, heard) = got(Faults { reset: 0.5, ..Faults::default() }).await;
    let lost = count(&got, Option::is_none);
    let unheard = 200 - heard as usize;
    assert!((60..140).contains(&lost), "{lost} of 200 were reset");
    assert!((1..lost).contains(&unheard), "{unheard} of {lost} were not heard");
}

#[tokio::test]
async fn messages_are_repeated_and_lost() {
    let (got, _) = got(Faults { repeat: 0.5, lose: 0.5, ..Faults::default() }).await;
    let times = |kind: &'static str| {
        move |got: &Option<String>| got.as_ref().unwrap().matches(kind).count()
    };
    let (executes, unblocks) = (times("execute"), times("unblock"));
    assert!(count(&got, |got| executes(got) == 0) > 0, "some are lost");
    assert!(count(&got, |got| executes(got) == 2) > 0, "some come twice");
    assert_eq!(count(&got, |got| unblocks(got) == 0), 0, "and these are never lost");
    assert!(count(&got, |got| unblocks(got) == 2) > 0);
}

#[tokio::test]
async fn streams_are_cut() {
    let (got, heard) = got(Faults { cut: 0.5, ..Faults::default() }).await;
    let cut = count(&got, Option::is_none);
    assert!((100..200).contains(&cut), "{cut} of 200 were cut");
    assert_eq!(heard, 200);
}
