//! Against scripted servers behind real sockets.

use std::future::Future;

use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

const LONG: Duration = Duration::from_secs(30);

struct Client {
    pool: Arc<Pool>,
    route: Route,
}

impl Client {
    fn new(port: u16) -> Self {
        let server: Uri = format!("http://127.0.0.1:{port}").parse().unwrap();
        let route = Route::new(&Method::POST, &server, "/", None);
        Client { pool: Arc::new(Pool::new(connector::connector(), server)), route }
    }

    async fn ask_within(&self, body: &[u8], time: Duration) -> Result<(u16, Vec<u8>), Lost> {
        let read = |answer: Answer<'_>| (answer.status.as_u16(), answer.body.to_vec());
        self.pool.exchange(&self.route, body, time, read).await
    }

    async fn ask(&self) -> Result<(u16, Vec<u8>), Lost> {
        self.ask_within(b"{}", LONG).await
    }

    fn kept_connections(&self) -> usize {
        self.pool.kept().connections.len()
    }
}

/// A server that gives each of its connections to `serve`, with a number.
async fn server<F>(
    serve: impl Fn(usize, TcpStream) -> F + Send + 'static,
) -> (Client, JoinHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(listener.local_addr().unwrap().port());
    let serving = tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(number, stream));
        }
    });
    (client, serving)
}

/// Reads a request with a body in braces; false when the connection ended.
async fn heard(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    while !request.ends_with(b"{}") {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return false;
        }
    }
    assert!(request.starts_with(b"POST / HTTP/1.1\r\nhost: 127.0.0.1:"), "{request:?}");
    true
}

/// Waits until something is so, which others bring about.
async fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

const HI: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

fn hi() -> Result<(u16, Vec<u8>), Lost> {
    Ok((200, b"hi".to_vec()))
}

fn interrupted<T: std::fmt::Debug>(answer: Result<T, Lost>) -> String {
    match answer {
        Err(Lost::Interrupted(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_connection_serves_request_after_request_however_answers_are_cut() {
    let chunked =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n";
    let (client, _server) = server(move |number, mut stream| async move {
        assert_eq!(number, 0, "one connection is enough");
        stream.set_nodelay(true).unwrap();
        for answer in [HI, chunked] {
            for cut in 0..answer.len() {
                assert!(heard(&mut stream).await);
                stream.write_all(&answer[..cut]).await.unwrap();
                tokio::task::yield_now().await;
                stream.write_all(&answer[cut..]).await.unwrap();
            }
        }
        heard(&mut stream).await;
    })
    .await;
    for _ in 0..HI.len() + chunked.len() {
        assert_eq!(client.ask().await, hi());
    }
    assert_eq!(client.kept_connections(), 1);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_lost_and_asked_for_once() {
    let (client, _server) = server(|number, mut stream| async move {
        // A connection that was kept is no different.
        for answer in [HI, &HI[..number]] {
            assert!(heard(&mut stream).await);
            stream.write_all(answer).await.unwrap();
        }
    })
    .await;
    for _ in 0..HI.len() {
        assert_eq!(client.ask().await, hi());
        assert_eq!(client.kept_connections(), 1);
        let reason = interrupted(client.ask().await);
        assert_eq!(reason, "the connection was closed before the answer was complete");
        assert_eq!(client.kept_connections(), 0);
    }
}

#[tokio::test]
async fn what_comes_unasked_is_no_answer() {
    let (client, _server) = server(|number, mut stream| async move {
        assert!(heard(&mut stream).await);
        let answer = if number == 0 { [HI, HI].concat() } else { HI.to_vec() };
        stream.write_all(&answer).await.unwrap();
        if number == 1 {
            tokio::task::yield_now().await;
            stream.write_all(b"HTTP/1.1 500 Unasked\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
        if heard(&mut stream).await {
            assert_eq!(number, 2);
            stream.write_all(HI).await.unwrap();
        }
    })
    .await;
    assert_eq!(client.ask().await, hi());
    assert_eq!(client.kept_connections(), 0);
    assert_eq!(client.ask().await, hi());
    // It is found out at the latest when the connection is to be used again.
    until(|| {
        let mut kept = client.pool.kept();
        let (connection, _) = &mut kept.connections[0];
        !connection.is_quiet()
    })
    .await;
    assert_eq!(client.ask().await, hi());
    assert_eq!(client.ask().await, hi());
    assert_eq!(client.kept_connections(), 1);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_not_used() {
    let (client, _server) = server(|_, mut stream| async move {
        assert!(heard(&mut stream).await);
        stream.write_all(HI).await.unwrap();
    })
    .await;
    for _ in 0..20 {
        assert_eq!(client.ask().await, hi());
        until(|| !client.pool.kept().connections[0].0.is_quiet()).await;
    }
}

#[tokio::test]
async fn a_server_that_says_that_it_closes_is_believed() {
    let (client, _server) = server(|_, mut stream| async move {
        assert!(heard(&mut stream).await);
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi").await.unwrap();
    })
    .await;
    for _ in 0..3 {
        assert_eq!(client.ask().await, hi());
        assert_eq!(client.kept_connections(), 0);
    }
}

#[tokio::test]
async fn what_is_not_http_is_an_interruption() {
    let (client, _server) = server(|_, mut stream| async move {
        stream.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
        heard(&mut stream).await;
    })
    .await;
    let reason = interrupted(client.ask().await);
    assert_eq!(reason, "the answer is not HTTP/1: invalid HTTP version");
    assert_eq!(client.kept_connections(), 0);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(listener.local_addr().unwrap().port());
    drop(listener);
    let Err(Lost::Unreachable(reason)) = client.ask().await else { panic!() };
    assert!(reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn an_answer_to_half_a_request_counts() {
    let answer = b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\n\r\nno";
    let (client, _server) = server(move |_, mut stream| async move {
        // It reads no more than this, and closes when the client has what it needs.
        let mut request = [0; 100];
        stream.read_exact(&mut request).await.unwrap();
        stream.write_all(answer).await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let body = vec![b' '; 64 << 20];
    assert_eq!(client.ask_within(&body, LONG).await, Ok((413, b"no".to_vec())));
    assert_eq!(client.kept_connections(), 0);
}

#[tokio::test]
async fn a_large_request_and_a_large_answer_pass() {
    let size = 5_000_000;
    let (client, _server) = server(move |number, mut stream| async move {
        assert_eq!(number, 0, "one connection is enough");
        loop {
            let (mut request, mut length) = (Vec::new(), usize::MAX);
            while request.len() < length {
                if stream.read_buf(&mut request).await.unwrap() == 0 {
                    return;
                }
                let head = request.windows(4).position(|end| end == b"\r\n\r\n");
                length = head.map_or(usize::MAX, |head| head + 4 + size);
            }
            let body = &request[length - size..];
            stream
                .write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n").as_bytes())
                .await
                .unwrap();
            stream.write_all(body).await.unwrap();
        }
    })
    .await;
    for seed in 0..3_u8 {
        let body: Vec<u8> = (0..size).map(|at| (at % 251) as u8 ^ seed).collect();
        let answer = client.ask_within(&body, LONG).await;
        assert!(answer == Ok((200, body)));
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (client, _server) = server(|number, mut stream| async move {
        assert!(heard(&mut stream).await);
        if number > 0 {
            stream.write_all(HI).await.unwrap();
        }
        heard(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let short = Duration::from_millis(20);
    assert_eq!(client.ask_within(b"{}", short).await, Err(Lost::Late));
    assert_eq!(client.kept_connections(), 0);
    // The timer of a connection that is used again gives every request its own time.
    assert_eq!(client.ask_within(b"{}", LONG).await, hi());
    let begun = Instant::now();
    assert_eq!(client.ask_within(b"{}", 3 * short).await, Err(Lost::Late));
    assert!(begun.elapsed() >= 3 * short);
    assert_eq!(client.kept_connections(), 0);
}

#[tokio::test]
async fn a_request_that_is_given_up_takes_its_connection_with_it() {
    let (client, _server) = server(|number, mut stream| async move {
        assert!(heard(&mut stream).await);
        if number == 1 {
            stream.write_all(HI).await.unwrap();
        }
        heard(&mut stream).await;
    })
    .await;
    let mut asking = Box::pin(client.ask());
    tokio::select! {
        biased;
        answer = &mut asking => panic!("{answer:?}"),
        () = tokio::task::yield_now() => {}
    }
    drop(asking);
    assert_eq!(client.kept_connections(), 0);
    // An answer that comes late would be taken for this one's.
    assert_eq!(client.ask().await, hi());
}

#[tokio::test]
async fn many_at_one_time_have_a_connection_each() {
    let (client, _server) = server(|_, mut stream| async move {
        while heard(&mut stream).await {
            stream.write_all(HI).await.unwrap();
        }
    })
    .await;
    for _ in 0..3 {
        let asking = (0..8).map(|_| client.ask());
        let answers = join_all(asking).await;
        assert!(answers.iter().all(|answer| *answer == hi()), "{answers:?}");
    }
    assert!(client.kept_connections() <= 8, "{}", client.kept_connections());
}

async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut outputs: Vec<_> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                *output = match future.as_mut().poll(context) {
                    std::task::Poll::Ready(output) => Some(output),
                    std::task::Poll::Pending => None,
                };
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[tokio::test]
async fn what_is_not_used_is_closed() {
    let (client, _server) = server(|_, mut stream| async move {
        while heard(&mut stream).await {
            stream.write_all(HI).await.unwrap();
        }
    })
    .await;
    assert_eq!(client.ask().await, hi());
    tokio::time::pause();
    tokio::time::sleep(POOL_IDLE / 2).await;
    assert_eq!(client.kept_connections(), 1);
    tokio::time::sleep(2 * POOL_IDLE).await;
    assert_eq!(client.kept_connections(), 0);
    assert!(!client.pool.kept().watched);
    tokio::time::resume();
    // It begins anew.
    assert_eq!(client.ask().await, hi());
    assert!(client.pool.kept().watched);
}
