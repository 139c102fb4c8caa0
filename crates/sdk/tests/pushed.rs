//! Executions that a server pushes over HTTP.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide::{
    ErrorKind,
    http::{Router, router},
    prelude::*,
};
use abide_server::{Data, Options, Server};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{Method, StatusCode, header},
};
use tower_service::Service;

/// Nothing here takes as long as this.
const STUCK: Duration = Duration::from_secs(60);

/// A server that lives as long as the test.
async fn server() -> String {
    let options = Options {
        port: 0,
        metrics_port: None,
        retry_interval: Duration::from_millis(100),
        ..Options::new(Data::Memory)
    };
    let server = Server::bind(options).await.unwrap();
    let url = server.url().to_owned();
    tokio::spawn(server.serve(std::future::pending()));
    url
}

#[durable]
async fn double(n: u32) -> Result<u32> {
    Ok(n * 2)
}

/// Two remote children, a sleep, and a local call; all of it at one address.
#[durable]
async fn order(n: u32, address: String) -> Result<u32> {
    let (a, b) = try_join!(double(n).on(&address), double(n + 1).on(&address))?;
    sleep(Duration::from_millis(150)).await?;
    let c = double(a + b).await?;
    sleep(Duration::from_millis(50)).await?;
    Ok(c + 1)
}

#[tokio::test]
async fn every_push_may_go_to_a_new_process() -> Result<()> {
    let url = server().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    // A secret that a gateway might check as well.
    let address = format!("http://{}/abide?secret=s3cret", listener.local_addr()?);
    let processes = Arc::new(AtomicU32::new(0));
    let app = axum::Router::new().fallback({
        let (url, address, processes) = (url.clone(), address.clone(), processes.clone());
        move |request: Request| async move {
            processes.fetch_add(1, Ordering::Relaxed);
            // It knows nothing of those before, and is gone when it has answered.
            let abide = Abide::connect(&url).await.unwrap().address(&address).unwrap();
            let answered = router(&abide).unwrap().secret("s3cret").call(request).await;
            answered.unwrap()
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });

    let client = Abide::connect(&url).await?;
    let call = order(5, address.clone()).on(&address);
    let result = tokio::time::timeout(STUCK, client.run("order", call)).await;
    assert_eq!(result.unwrap()?, (10 + 12) * 2 + 1);
    // The root, two children, and going on after them and after each sleep.
    assert!(processes.load(Ordering::Relaxed) >= 6);
    Ok(())
}

/// A process at an address where nobody is; messages are handed to it here.
async fn process(url: &str) -> (Abide, Router) {
    let abide = Abide::connect(url).await.unwrap().address("http://127.0.0.1:9/").unwrap();
    (abide.clone(), router(&abide).unwrap())
}

/// What is answered to a request.
async fn answer(router: &Router, request: Request) -> (StatusCode, String) {
    let response = router.clone().call(request).await.unwrap();
    let status = response.status();
    let body: Bytes = to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn post(body: impl Into<Body>) -> Request {
    Request::builder().method(Method::POST).uri("/").body(body.into()).unwrap()
}

fn execute(id: &str) -> Request {
    let head = r#""head":{"serverUrl":"http://127.0.0.1:9"}"#;
    let task =
        format!(r#"{{"kind":"execute",{head},"data":{{"task":{{"id":"{id}","version":0}}}}}}"#);
    post(task)
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let url = server().await;
    let (_abide, router) = process(&url).await;
    let router = router.max_bytes(1_000);
    for (request, status, code) in [
        (post(""), 400, "bad_message"),
        (post("{"), 400, "bad_message"),
        (post(vec![0xff, 0xfe]), 400, "bad_message"),
        (post(r#"{"kind":"execute","data":{}}"#), 400, "bad_message"),
        (
            post(r#"{"kind":"execute","data":{"task":{"id":"a","version":"1"}}}"#),
            400,
            "bad_message",
        ),
        (post(r#"{"kind":"unblock","data":{"promise":{"id":"a"}}}"#), 400, "bad_message"),
        (post("x".repeat(1_001)), 413, "too_large"),
        (Request::new(Body::empty()), 405, "method"),
    ] {
        let (found, body) = answer(&router, request).await;
        assert_eq!(found.as_u16(), status, "{body}");
        assert!(body.contains(&format!("{code:?}")), "{body}");
    }
    // Nobody has to know that a task is gone.
    assert_eq!(answer(&router, execute("nobody")).await.0, StatusCode::OK);

    let router = router.secret("open");
    assert_eq!(answer(&router, execute("nobody")).await.0, StatusCode::UNAUTHORIZED);
    let mut bearer = execute("nobody");
    bearer.headers_mut().insert(header::AUTHORIZATION, "Bearer open".parse().unwrap());
    assert_eq!(answer(&router, bearer).await.0, StatusCode::OK);

    for address in ["fn.example.com", "poll://any@default", "http://", "https://a b"] {
        let error = Abide::connect(&url).await.unwrap().address(address).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "address"), "{address}");
    }
}

#[durable]
async fn lingers() -> Result<u32> {
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(7)
}

#[tokio::test]
async fn the_sender_has_its_answer_before_a_long_execution_ends() -> Result<()> {
    let url = server().await;
    let client = Abide::connect(&url).await?;
    let (abide, router) = process(&url).await;
    let execution = client.start("lingers", lingers().on("http://127.0.0.1:9/")).await?;
    let at_once = router.answer_within(Duration::from_millis(100));
    let (status, _) = answer(&at_once, execute("lingers")).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    // It is told again of what it has.
    assert_eq!(answer(&at_once, execute("lingers")).await.0, StatusCode::OK);
    assert_eq!(execution.await?, 7);
    abide.close().await;
    let (status, body) = answer(&at_once, execute("lingers")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("\"full\""), "{body}");
    Ok(())
}

#[tokio::test]
async fn a_function_that_is_not_known_here_says_so() -> Result<()> {
    let url = server().await;
    let client = Abide::connect(&url).await?;
    let (_abide, router) = process(&url).await;
    let call = abide::rpc::<()>("nowhere", ()).on("http://127.0.0.1:9/");
    client.start("stray", call).await?;
    let (status, body) = answer(&router, execute("stray")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("unknown_function") && body.contains("nowhere"), "{body}");
    Ok(())
}

#[tokio::test]
async fn made_up_news_are_not_believed() -> Result<()> {
    let url = server().await;
    let client = Abide::connect(&url).await?;
    let (abide, router) = process(&url).await;
    client.start("true", double(4).on("http://127.0.0.1:9/")).await?;
    let waits = tokio::spawn({
        let abide = abide.clone();
        async move { abide.get::<u32>("true").await }
    });
    // Until it waits, news would be dropped.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let forged = r#"{"kind":"unblock","head":{},"data":{"promise":{"id":"true","state":"resolved",
        "param":{},"value":{"data":"OTk="},"tags":{},"timeoutAt":1,"createdAt":1,"settledAt":1}}}"#;
    assert_eq!(answer(&router, post(forged)).await.0, StatusCode::OK);
    assert!(!waits.is_finished());
    assert_eq!(answer(&router, execute("true")).await.0, StatusCode::OK);
    assert_eq!(waits.await.unwrap()?, 8);
    Ok(())
}

#[tokio::test]
async fn what_a_process_starts_by_itself_comes_back_to_its_address() -> Result<()> {
    let url = server().await;
    let doublers = Abide::connect(&url).await?.group("doublers");
    tokio::spawn(async move { doublers.serve().await });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    let abide = Abide::connect(&url).await?.address(&address)?;
    let (executes, unblocks) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let app = axum::Router::new().fallback({
        let (router, executes, unblocks) = (router(&abide)?, executes.clone(), unblocks.clone());
        move |request: Request| async move {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let kind = if body.starts_with(br#"{"kind":"unblock""#) { unblocks } else { executes };
            kind.fetch_add(1, Ordering::Relaxed);
            router.clone().call(Request::from_parts(head, Body::from(body))).await.unwrap()
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });

    // It begins here, and goes on here after each suspension.
    assert_eq!(abide.run("order", order(5, "doublers".to_owned())).await?, 45);
    assert!(executes.load(Ordering::Relaxed) >= 3);
    // Somebody else executes it; the news of it are pushed.
    let before = unblocks.load(Ordering::Relaxed);
    let remote = abide.start("remote", lingers().on("doublers")).await?;
    assert_eq!(remote.await?, 7);
    assert!(unblocks.load(Ordering::Relaxed) > before);
    Ok(())
}
