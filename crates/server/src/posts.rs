//! The requests that are posted on a connection, answered without hyper: a head is read where it
//! has arrived, the body is taken from behind it, and an answer is one write.

use std::{io, ops::Range, pin::pin, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    app::App,
    connection::{HEAD_TIMEOUT, MAX_BUFFER},
    head::{Head, Post, To},
    intake::Intake,
    line::Line,
    posted::{BODY_TIMEOUT, Done, Posted},
};

/// The room for what arrives: most requests fit, and it is what is kept of a larger one's.
const ROOM: usize = 8 << 10;

/// Answers what is posted. When anything else comes, it returns with the writer and all that has been
/// read and not answered; otherwise when the connection is over.
pub(crate) async fn answer<R, W>(
    app: &Arc<App>,
    intake: &Intake,
    reader: &mut R,
    writer: W,
    closing: &watch::Receiver<bool>,
) -> io::Result<Option<(W, Vec<u8>)>>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let line = Line::new(writer, closing.clone());
    let mut posts = Posts { app, intake, line: &line, input: Vec::with_capacity(ROOM) };
    let (mut closed, mut ending) = (closing.clone(), false);
    let mut end = pin!(async move { drop(closed.wait_for(|closing| *closing).await) });
    // Setting it anew for each request would cost more than looking at the time when it rings.
    let mut alarm = pin!(sleep(HEAD_TIMEOUT));
    let mut waits_since = Instant::now();
    // How much of the input has been looked at in vain.
    let mut seen = 0;
    // Whether an answer is to come, whether nothing else is done until it has left, and whether the
    // client says nothing more.
    let (mut asked, mut waits, mut over) = (false, false, false);
    loop {
        if !asked {
            match Head::read(&posts.input, seen) {
                Head::Part if over => return Ok(None),
                Head::Part if posts.input.len() < MAX_BUFFER => seen = posts.input.len(),
                Head::Post(Post { to, head, body, authorization }) if is_served(app, to, body) => {
                    let bearer = app.token.bears(authorization);
                    if !posts.begin(to, bearer, head..head + body, reader).await? {
                        return Ok(line.take().map(|writer| (writer, posts.input)));
                    }
                    (asked, waits, seen) = (true, ending || !posts.input.is_empty(), 0);
                    continue;
                }
                _ => return Ok(line.take().map(|writer| (writer, posts.input))),
            }
            if ending && posts.input.is_empty() {
                return Ok(None);
            }
        }
        posts.input.reserve(1);
        tokio::select! {
            biased;
            answered = line.left(waits), if asked => match answered? {
                Some(since) => (asked, waits, waits_since) = (false, false, since),
                None => return Ok(None),
            },
            // While an answer is to come, one piece is read ahead.
            read = reader.read_buf(&mut posts.input), if !waits => (over, waits) = (read? == 0, asked),
            () = &mut end, if !ending => (ending, waits) = (true, asked),
            () = &mut alarm => {
                let since = if asked { Instant::now() } else { waits_since };
                let due = since + HEAD_TIMEOUT;
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
struct Posts<'a, W> {
    app: &'a Arc<App>,
    intake: &'a Intake,
    line: &'a Arc<Line<W>>,
    /// What has arrived and is not answered.
    input: Vec<u8>,
}

impl<W: AsyncWrite + Unpin + Send + 'static> Posts<'_, W> {
    /// Has a request answered whose head has arrived, and whose body does at this place of the input;
    /// false if it cannot be answered here.
    async fn begin<R: AsyncRead + Unpin>(
        &mut self,
        to: To,
        bearer: bool,
        body: Range<usize>,
        reader: &mut R,
    ) -> io::Result<bool> {
        let Posts { app, intake, line, input } = self;
        let (started, whole) = (std::time::Instant::now(), body.end);
        let mut in_time = true;
        if input.len() < whole {
            match timeout(BODY_TIMEOUT, fill(reader, input, whole)).await {
                Ok(Ok(true)) => {}
                // Hyper comes upon the same end, and answers it.
                Ok(Ok(false)) => return Ok(false),
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
        line.ask();
        let (shared, line) = ((*app).clone(), (*line).clone());
        let then = move |done: Done| line.answer(!in_time, |out| done.write(&shared, out));
        posted.carry_out(app, intake, then).await;
        Ok(true)
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
