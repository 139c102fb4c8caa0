//! The requests that are posted on a connection, answered without hyper: a head is read where it
//! has arrived, the body is taken from behind it, and an answer is one write.

use std::{io, ops::Range, pin::pin};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    app::App,
    connection::{HEAD_TIMEOUT, MAX_BUFFER},
    head::{Head, Post, To},
    intake::Intake,
    output::Output,
    posted::{BODY_TIMEOUT, Posted},
};

/// The room for what arrives: most requests fit, and it is what is kept of a larger one's.
const ROOM: usize = 8 << 10;

/// Answers what is posted. When anything else comes, it returns with all that has been read and
/// not answered; otherwise when the connection is over.
pub(crate) async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    app: &App,
    intake: &Intake,
    stream: &mut S,
    closing: &watch::Receiver<bool>,
) -> io::Result<Option<Vec<u8>>> {
    let mut posts =
        Posts { app, intake, closing, input: Vec::with_capacity(ROOM), output: Output::default() };
    let (mut closed, mut ending) = (closing.clone(), false);
    let mut end = pin!(async move { drop(closed.wait_for(|closing| *closing).await) });
    // Setting it anew for each request would cost more than looking at the time when it rings.
    let mut alarm = pin!(sleep(HEAD_TIMEOUT));
    let mut waits_since = Instant::now();
    // How much of the input has been looked at in vain.
    let mut seen = 0;
    loop {
        match Head::read(&posts.input, seen) {
            Head::Part if posts.input.len() < MAX_BUFFER => seen = posts.input.len(),
            Head::Post(Post { to, head, body, authorization }) if is_served(app, to, body) => {
                let bearer = app.token.bears(authorization);
                match posts.exchange(to, bearer, head..head + body, stream).await? {
                    After::Next => (waits_since, seen) = (Instant::now(), 0),
                    After::End => return Ok(None),
                    After::Other => return Ok(Some(posts.input)),
                }
                continue;
            }
            _ => return Ok(Some(posts.input)),
        }
        if ending && posts.input.is_empty() {
            return Ok(None);
        }
        posts.input.reserve(1);
        tokio::select! {
            biased;
            read = stream.read_buf(&mut posts.input) => {
                if read? == 0 {
                    return Ok(None);
                }
            }
            () = &mut end, if !ending => ending = true,
            () = &mut alarm => {
                let due = waits_since + HEAD_TIMEOUT;
                if due <= Instant::now() {
                    return Ok(None);
                }
                alarm.as_mut().reset(due);
            }
        }
    }
}

/// Whether something is answered here. Of a body that is too long hyper finds the end.
fn is_served(app: &App, to: To, body: usize) -> bool {
    body <= app.limits.request_bytes && (to == To::Call || app.extensions.batch())
}

/// What is needed from one request to the next.
struct Posts<'a> {
    app: &'a App,
    intake: &'a Intake,
    closing: &'a watch::Receiver<bool>,
    /// What has arrived and is not answered.
    input: Vec<u8>,
    output: Output,
}

/// What comes after a request.
enum After {
    /// The next one.
    Next,
    /// Nothing: the connection is over.
    End,
    /// It could not be answered here.
    Other,
}

impl Posts<'_> {
    /// Answers a request whose head has arrived, and whose body does at this place of the input.
    async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        to: To,
        bearer: bool,
        body: Range<usize>,
        stream: &mut S,
    ) -> io::Result<After> {
        let Posts { app, intake, closing, input, output } = self;
        let (started, whole) = (std::time::Instant::now(), body.end);
        let mut in_time = true;
        if input.len() < whole {
            match timeout(BODY_TIMEOUT, fill(stream, input, whole)).await {
                Ok(Ok(true)) => {}
                // Hyper comes upon the same end, and answers it.
                Ok(Ok(false)) => return Ok(After::Other),
                Ok(Err(error)) => return Err(error),
                Err(_) => in_time = false,
            }
        }
        let posted = match in_time {
            true => Posted::read(app, to, bearer, &input[body], started),
            false => Posted::late(app),
        };
        input.drain(..whole.min(input.len()));
        input.shrink_to(ROOM);
        let status = posted.answer(app, intake, output.begin()).await;
        let last = !in_time || *closing.borrow();
        stream.write_all(output.end(status, last, Instant::now())).await?;
        if last {
            stream.shutdown().await?;
            return Ok(After::End);
        }
        Ok(After::Next)
    }
}

/// Reads until the input has a length; false if the stream ends before.
async fn fill<S: AsyncRead + Unpin>(
    stream: &mut S,
    input: &mut Vec<u8>,
    length: usize,
) -> io::Result<bool> {
    while input.len() < length {
        // No more than what has come is made room for: announcing a long body takes no memory.
        let missing = length - input.len();
        input.reserve(missing.min(input.len().max(ROOM)));
        if stream.read_buf(input).await? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
