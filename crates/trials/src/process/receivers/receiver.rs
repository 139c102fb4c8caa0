use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use abide_protocol::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const ERROR: &str = "HTTP/1.1 500 Oh no\r\ncontent-length: 0\r\n\r\n";
const ELSEWHERE: &str =
    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";

/// How long a slow one takes to answer.
const SLOW: Duration = Duration::from_millis(300);

/// How long after a request those that are there are counted: what the server has given up before
/// it, or had open when it was killed, is seen to be gone by then.
const NOTICED: Duration = Duration::from_millis(100);

/// The largest request that is read.
const MAX_REQUEST: usize = 1 << 20;

/// How a receiver behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Well,
    /// Nobody listens.
    Refuse,
    /// It never answers.
    Hang,
    /// It answers 500.
    Fail,
    /// It resets the connection in the middle of an answer.
    Reset,
    /// It takes its time.
    Slow,
    /// It redirects.
    Redirect,
}

impl Manner {
    /// All that are not well.
    pub(super) const BAD: [Manner; 6] =
        [Manner::Refuse, Manner::Hang, Manner::Fail, Manner::Reset, Manner::Slow, Manner::Redirect];
}

/// A receiver of messages.
pub(super) struct Receiver {
    port: u16,
    began_as: Manner,
    shared: Arc<Shared>,
    manner: watch::Sender<Manner>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    /// How often each promise was heard of with the answer 200.
    heard: Mutex<BTreeMap<String, usize>>,
    requests: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Receiver {
    pub(super) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there are free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let receiver = Receiver {
            port,
            began_as: manner,
            shared: Arc::default(),
            manner: watch::channel(manner).0,
            listening: Mutex::new(None),
        };
        if manner != Manner::Refuse {
            receiver.listen(listener);
        }
        receiver
    }

    fn listen(&self, listener: TcpListener) {
        let (shared, manner) = (self.shared.clone(), self.manner.subscribe());
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, manner) = (shared.clone(), manner.clone());
                tokio::spawn(async move { serve(stream, &shared, manner).await });
            }
        });
        *self.listening.lock().expect("nobody panics with it") = Some(listening);
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/messages", self.port)
    }

    /// How it began.
    pub(super) fn manner(&self) -> Manner {
        self.began_as
    }

    /// Behaves well from now on.
    pub(super) async fn recover(&self) {
        self.manner.send_replace(Manner::Well);
        if self.began_as == Manner::Refuse {
            let listener = TcpListener::bind(("127.0.0.1", self.port)).await;
            self.listen(listener.expect("nobody has taken the port"));
        }
    }

    /// The promises it has heard of.
    pub(super) fn heard(&self) -> Vec<String> {
        self.shared.heard().keys().cloned().collect()
    }

    /// How many messages it has heard again.
    pub(super) fn repeated(&self) -> usize {
        self.shared.heard().values().map(|times| times - 1).sum()
    }

    /// How many requests it has seen.
    pub(super) fn attempts(&self) -> usize {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// How many of those it kept waiting it has seen at a time, at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::Relaxed)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.lock().expect("nobody panics with it").take() {
            listening.abort();
        }
    }
}

impl Shared {
    fn heard(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.heard.lock().expect("nobody panics with it")
    }

    /// Counts the requests at hand in a moment, and waits until whoever made this one is gone.
    async fn watch(&self, stream: &mut TcpStream) {
        let gone = stream.read_u8();
        tokio::pin!(gone);
        if tokio::time::timeout(NOTICED, &mut gone).await.is_err() {
            let at_once = self.at_once.load(Ordering::Relaxed);
            self.most_at_once.fetch_max(at_once, Ordering::Relaxed);
            let _ = gone.await;
        }
    }
}

/// Answers the requests of a connection.
async fn serve(mut stream: TcpStream, shared: &Shared, mut manner: watch::Receiver<Manner>) {
    let mut buffer = Vec::new();
    while let Some(id) = request(&mut stream, &mut buffer).await {
        shared.requests.fetch_add(1, Ordering::Relaxed);
        shared.at_once.fetch_add(1, Ordering::Relaxed);
        let now = *manner.borrow();
        let answer = match now {
            Manner::Hang => {
                // Until whoever asks gives up, or this one is well again and begins anew.
                let well = manner.wait_for(|manner| *manner == Manner::Well);
                tokio::select! { _ = well => {}, _ = shared.watch(&mut stream) => {} }
                None
            }
            Manner::Reset => {
                let _ = stream.write_all(&OK.as_bytes()[..20]).await;
                let _ = stream.set_zero_linger();
                None
            }
            Manner::Slow => tokio::select! {
                _ = tokio::time::sleep(SLOW) => Some(OK),
                _ = shared.watch(&mut stream) => None,
            },
            Manner::Fail => Some(ERROR),
            Manner::Redirect => Some(ELSEWHERE),
            Manner::Well | Manner::Refuse => Some(OK),
        };
        if answer == Some(OK) {
            *shared.heard().entry(id).or_default() += 1;
        }
        shared.at_once.fetch_sub(1, Ordering::Relaxed);
        let Some(answer) = answer else { return };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Reads a request; the id of the promise that it speaks of.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        let text = String::from_utf8_lossy(buffer).to_ascii_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.split("content-length: ").nth(1)?;
            let length: usize = length.split("\r\n").next()?.trim().parse().ok()?;
            let begin = end + 4;
            if buffer.len() >= begin + length {
                let body: Vec<u8> = buffer.drain(..begin + length).skip(begin).collect();
                let message = Message::from_json(std::str::from_utf8(&body).ok()?);
                let Some(Message::Unblock { promise }) = message else { panic!("{message:?}") };
                return Some(promise.id.to_string());
            }
        }
        assert!(buffer.len() < MAX_REQUEST, "a request does not end");
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
