//! One connection to a server, and one exchange at a time on it.

use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, Waker, ready},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::answer::{Answer, Incoming};

/// A connection. It is read and written by the task that waits for the answer. One whose exchange
/// failed, or was given up in the middle, is of no more use.
pub(crate) struct Connection<S> {
    stream: S,
    head: Vec<u8>,
    incoming: Incoming,
    /// It is set anew only when it fires before its time, which few exchanges live to see.
    timer: Pin<Box<Sleep>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Not a byte was sent: the connection had been closed.
    Unsent(io::Error),
    /// It is unknown what the server has made of it.
    Broken(String),
    /// The answer did not come in time.
    Late,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, until: Instant) -> Self {
        Connection {
            stream,
            head: Vec::new(),
            incoming: Incoming::default(),
            timer: Box::pin(sleep_until(until)),
        }
    }

    /// Whether the server has neither closed it nor sent what nobody asked for, as far as is known.
    pub(crate) fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        let context = &mut Context::from_waker(Waker::noop());
        Pin::new(&mut self.stream).poll_read(context, &mut ReadBuf::new(&mut byte)).is_pending()
    }

    /// Sends a request, and gives the answer once it is whole.
    pub(crate) async fn exchange(
        &mut self,
        head: impl FnOnce(&mut Vec<u8>),
        body: &[u8],
        until: Instant,
    ) -> Result<Answer<'_>, Failure> {
        self.incoming.clear();
        self.head.clear();
        head(&mut self.head);
        if until < self.timer.deadline() {
            self.timer.as_mut().reset(until);
        }
        let mut sent = Sent::default();
        poll_fn(|context| self.poll_exchange(context, body, &mut sent, until)).await?;
        let answer = self.incoming.answer().expect("it is whole");
        // A server may answer what it has not read to the end, and then does not read on.
        Ok(Answer { keeps: answer.keeps && sent.whole, ..answer })
    }

    fn poll_exchange(
        &mut self,
        context: &mut Context<'_>,
        body: &[u8],
        sent: &mut Sent,
        until: Instant,
    ) -> Poll<Result<(), Failure>> {
        if !sent.whole && sent.failed.is_none() {
            match self.poll_send(context, body, sent) {
                Poll::Ready(Ok(())) => sent.whole = true,
                Poll::Ready(Err(error)) if sent.bytes == 0 => {
                    return Poll::Ready(Err(Failure::Unsent(error)));
                }
                // The answer may be there all the same: why it would not read on.
                Poll::Ready(Err(error)) => sent.failed = Some(error),
                Poll::Pending => {}
            }
        }
        loop {
            let reading = pin!(self.stream.read_buf(self.incoming.room()));
            let Poll::Ready(read) = reading.poll(context) else { break };
            let whole = read.map_err(|error| error.to_string());
            match whole.and_then(|read| self.incoming.is_whole(read == 0)) {
                Ok(true) => return Poll::Ready(Ok(())),
                Ok(false) => {}
                Err(error) => {
                    let error = sent.failed.take().map_or(error, |error| error.to_string());
                    return Poll::Ready(Err(Failure::Broken(error)));
                }
            }
        }
        while self.timer.as_mut().poll(context).is_ready() {
            if until <= Instant::now() {
                return Poll::Ready(Err(Failure::Late));
            }
            self.timer.as_mut().reset(until);
        }
        Poll::Pending
    }

    fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        body: &[u8],
        sent: &mut Sent,
    ) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        let begins = self.head.len();
        while sent.bytes < begins + body.len() {
            let written = if sent.bytes < begins {
                let parts = [IoSlice::new(&self.head[sent.bytes..]), IoSlice::new(body)];
                stream.as_mut().poll_write_vectored(context, &parts)
            } else {
                stream.as_mut().poll_write(context, &body[sent.bytes - begins..])
            };
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                bytes => sent.bytes += bytes,
            }
        }
        stream.poll_flush(context)
    }
}

/// How much of a request is on its way.
#[derive(Default)]
struct Sent {
    bytes: usize,
    whole: bool,
    failed: Option<io::Error>,
}

#[cfg(test)]
mod tests;
