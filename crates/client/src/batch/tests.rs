//! Callers that come and go, and a server that answers when it is told to.

use abide_protocol::{PromiseGet, Request, Status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::*;
use crate::{HttpLink, Link, lanes::LANES};

/// A message that the server has received, and that it is to answer.
struct Received {
    ids: Vec<String>,
    reply: oneshot::Sender<Reply>,
}

enum Reply {
    /// With what was asked for.
    Each,
    Status(&'static str),
}

/// A server of batches, and what it receives.
async fn server() -> (HttpLink, mpsc::UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = HttpLink::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    link.shared().set_extensions(Extensions::all());
    let (sender, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, sender.clone()));
        }
    });
    (link, received)
}

async fn serve(mut stream: TcpStream, received: mpsc::UnboundedSender<Received>) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let body = loop {
            if let Some(body) = body(&bytes) {
                break body;
            }
            (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
        };
        let requests = batch::requests(body).unwrap();
        let id = |request: &Request| match request {
            Request::PromiseGet(get) => get.id.to_string(),
            other => panic!("{other:?}"),
        };
        let ids: Vec<String> =
            requests.iter().map(|request| id(&request.as_ref().unwrap().request)).collect();
        let (reply, answer) = oneshot::channel();
        received.send(Received { ids: ids.clone(), reply }).ok()?;
        let (status, body) = match answer.await.ok()? {
            Reply::Status(status) => (status, Vec::new()),
            Reply::Each => {
                let mut body = vec![b'['];
                for (id, request) in ids.into_iter().zip(requests) {
                    body.extend((body.len() > 1).then_some(b','));
                    let head = request.unwrap().head;
                    let response = Response::error(Status::NotFound, id);
                    response.append_json("promise.get", &head.corr_id, &mut body);
                }
                body.push(b']');
                ("200 OK", body)
            }
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
        bytes.clear();
    }
}

/// The body of a request, once it is there.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = str::from_utf8(&bytes[..head]).unwrap();
    let length = text.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    bytes.get(head..head + length.parse::<usize>().unwrap())
}

/// A group of requests with these ids, and what is answered.
async fn ask(link: HttpLink, ids: Vec<String>) -> Result<Vec<String>, LinkError> {
    let get = |id: &String| Request::PromiseGet(PromiseGet { id: id.as_str().into() });
    let answers = link.batch(&ids.iter().map(get).collect::<Vec<_>>()).await?;
    let text = |answer: &Response| match &answer.body {
        abide_protocol::Body::Error(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    Ok(answers.iter().map(text).collect())
}

fn group(name: &str) -> Vec<String> {
    (0..3).map(|number| format!("{name}.{number}")).collect()
}

async fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

/// Takes every lane; gives those who ask, and what the server has received of them.
async fn crowd(
    link: &HttpLink,
    received: &mut mpsc::UnboundedReceiver<Received>,
) -> Vec<(tokio::task::JoinHandle<Result<Vec<String>, LinkError>>, Received)> {
    let mut crowd = Vec::new();
    for lane in 0..LANES {
        let asking = tokio::spawn(ask(link.clone(), group(&format!("lane{lane}"))));
        crowd.push((asking, received.recv().await.unwrap()));
    }
    crowd
}

/// Three more, who wait until a lane is free.
async fn behind(link: &HttpLink) -> Vec<tokio::task::JoinHandle<Result<Vec<String>, LinkError>>> {
    let mut later = Vec::new();
    for name in ["a", "b", "c"] {
        later.push(tokio::spawn(ask(link.clone(), group(name))));
        until(|| link.shared().lanes().waiting() == later.len()).await;
    }
    later
}

#[tokio::test]
async fn what_gathers_goes_together_and_everyone_gets_their_own_answers() {
    let (link, mut received) = server().await;
    let crowd = crowd(&link, &mut received).await;
    let later = behind(&link).await;
    for (lane, (asking, message)) in crowd.into_iter().enumerate() {
        assert_eq!(message.ids, group(&format!("lane{lane}")));
        assert!(message.reply.send(Reply::Each).is_ok());
        assert_eq!(asking.await.unwrap().unwrap(), group(&format!("lane{lane}")));
    }
    let together = received.recv().await.unwrap();
    assert_eq!(together.ids, [group("a"), group("b"), group("c")].concat());
    assert!(together.reply.send(Reply::Each).is_ok());
    for (asking, name) in later.into_iter().zip(["a", "b", "c"]) {
        assert_eq!(asking.await.unwrap().unwrap(), group(name));
    }
    until(|| link.shared().lanes().busy() == 0).await;
}

#[tokio::test]
async fn a_single_request_goes_with_the_crowd() {
    let (link, mut received) = server().await;
    let crowd = crowd(&link, &mut received).await;
    let call = |name: &'static str| {
        let link = link.clone();
        let get = Request::PromiseGet(PromiseGet { id: name.into() });
        tokio::spawn(async move { link.call(get).await })
    };
    let grouped = tokio::spawn(ask(link.clone(), group("a")));
    until(|| link.shared().lanes().waiting() == 1).await;
    let single = call("single");
    until(|| link.shared().lanes().waiting() == 2).await;
    for (_, message) in crowd {
        assert!(message.reply.send(Reply::Each).is_ok());
    }
    let together = received.recv().await.unwrap();
    assert_eq!(together.ids, [group("a"), vec!["single".into()]].concat());
    assert!(together.reply.send(Reply::Each).is_ok());
    assert_eq!(grouped.await.unwrap().unwrap(), group("a"));
    let answer = single.await.unwrap().unwrap();
    assert_eq!(answer.body, abide_protocol::Body::Error("single".into()));
}

#[tokio::test]
async fn who_is_answered_together_asks_again_together() {
    let (link, mut received) = server().await;
    let mut crowd = crowd(&link, &mut received).await;
    let mut again = Vec::new();
    for name in ["a", "b", "c"] {
        let link = link.clone();
        again.push(tokio::spawn(async move {
            ask(link.clone(), group(name)).await.unwrap();
            ask(link, vec![format!("{name} again")]).await.unwrap()
        }));
    }
    until(|| link.shared().lanes().waiting() == 3).await;
    // All other lanes stay taken.
    let (_, first) = crowd.pop().unwrap();
    assert!(first.reply.send(Reply::Each).is_ok());
    assert!(received.recv().await.unwrap().reply.send(Reply::Each).is_ok());
    let together = received.recv().await.unwrap();
    assert_eq!(together.ids, ["a again", "b again", "c again"]);
    assert!(together.reply.send(Reply::Each).is_ok());
    for asking in again {
        asking.await.unwrap();
    }
}

#[tokio::test]
async fn who_stops_waiting_takes_nothing_from_the_others() {
    let (link, mut received) = server().await;
    let crowd = crowd(&link, &mut received).await;
    let mut later = behind(&link).await;
    // All of those who drive a message, and one of those who wait.
    later.remove(1).abort();
    let mut replies = Vec::new();
    for (asking, message) in crowd {
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        replies.push(message.reply);
    }
    for reply in replies {
        // The server is still listened to.
        assert!(reply.send(Reply::Each).is_ok());
    }
    let together = received.recv().await.unwrap();
    assert_eq!(together.ids, [group("a"), group("b"), group("c")].concat());
    assert!(together.reply.send(Reply::Each).is_ok());
    for (asking, name) in later.into_iter().zip(["a", "c"]) {
        assert_eq!(asking.await.unwrap().unwrap(), group(name));
    }
    until(|| link.shared().lanes().busy() == 0).await;
    // Their connections are as good as new.
    let again = tokio::spawn(ask(link.clone(), group("again")));
    assert!(received.recv().await.unwrap().reply.send(Reply::Each).is_ok());
    assert_eq!(again.await.unwrap().unwrap(), group("again"));
}

#[tokio::test]
async fn everyone_in_a_message_hears_that_it_was_lost() {
    let (link, mut received) = server().await;
    for reply in [Some("502 Bad Gateway"), None] {
        let crowd = crowd(&link, &mut received).await;
        let later: Vec<_> =
            ["a", "b"].map(|name| tokio::spawn(ask(link.clone(), group(name)))).into();
        until(|| link.shared().lanes().waiting() == 2).await;
        for (asking, message) in crowd {
            assert!(message.reply.send(Reply::Each).is_ok());
            asking.await.unwrap().unwrap();
        }
        let together = received.recv().await.unwrap();
        match reply {
            Some(status) => assert!(together.reply.send(Reply::Status(status)).is_ok()),
            // It hangs up.
            None => drop(together.reply),
        }
        for asking in later {
            let error = asking.await.unwrap().unwrap_err();
            assert!(matches!(error, LinkError::Interrupted { .. }), "{error}");
        }
        until(|| link.shared().lanes().busy() == 0).await;
    }
}

#[test]
fn a_runtime_that_ends_leaves_no_lane_taken() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let (link, mut received) = first.block_on(server());
    // One is polled by nobody's task, and is given up when no runtime is there any more.
    let mut asking = Box::pin(ask(link.clone(), group("alone")));
    let _message = first.block_on(async {
        tokio::select! {
            answer = &mut asking => panic!("{answer:?}"),
            message = received.recv() => message.unwrap(),
        }
    });
    assert_eq!(link.shared().lanes().busy(), 1);
    drop(asking);
    assert_eq!(link.shared().lanes().busy(), 0);
    // The others are tasks that end with their runtime.
    let crowd = first.block_on(crowd(&link, &mut received));
    let waiting = first.spawn(ask(link.clone(), group("waiting")));
    first.block_on(until(|| link.shared().lanes().waiting() == 1));
    drop(first);
    assert_eq!(link.shared().lanes().busy(), 0);
    assert_eq!(link.shared().lanes().waiting(), 0);
    runtime().block_on(async {
        assert!(waiting.await.unwrap_err().is_cancelled());
        for (asking, _) in crowd {
            assert!(asking.await.unwrap_err().is_cancelled());
        }
    });
}
