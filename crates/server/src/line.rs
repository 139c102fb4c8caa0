use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use http::StatusCode;
use tokio::{io::AsyncWrite, sync::watch, time::Instant};

use crate::output::Output;

/// The way back to a client, for one answer at a time. Whoever has an answer sends it, on whatever thread
/// that is; what the client does not take at once is left to the connection's task.
pub(crate) struct Line<W> {
    end: Mutex<End<W>>,
    closing: watch::Receiver<bool>,
}

struct End<W> {
    /// Gone when the connection is somebody else's.
    writer: Option<W>,
    output: Output,
    state: State,
    /// When the last answer was given.
    answered: Instant,
    /// The connection's task.
    task: Option<Waker>,
    /// Whether the task is woken by an answer that has left as a whole, too.
    waits: bool,
}

enum State {
    /// No answer is to come.
    Free,
    /// One is to be given.
    Asked,
    /// One is given, and this much of it has left; none follows the last one.
    Given { sent: usize, last: bool },
    /// The client is gone.
    Broken(io::Error),
}

impl<W: AsyncWrite + Unpin> Line<W> {
    /// A way back; after `closing` the next answer is the last one.
    pub(crate) fn new(writer: W, closing: watch::Receiver<bool>) -> Arc<Self> {
        let end = End {
            writer: Some(writer),
            output: Output::default(),
            state: State::Free,
            answered: Instant::now(),
            task: None,
            waits: false,
        };
        Arc::new(Line { end: Mutex::new(end), closing })
    }

    /// An answer is to come.
    pub(crate) fn ask(&self) {
        self.lock().state = State::Asked;
    }

    /// Gives the answer that was asked for; `write` appends its body. `last` says that none follows.
    pub(crate) fn answer(&self, last: bool, write: impl FnOnce(&mut Vec<u8>) -> StatusCode) {
        let last = last || *self.closing.borrow();
        let mut end = self.lock();
        end.send(last, write);
        let is_for_task = end.waits || !matches!(end.state, State::Free);
        let task = if is_for_task { end.task.take() } else { None };
        drop(end);
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Waits until the answer has left, and sees to it that it does. Gives the time of the answer;
    /// nothing if it was the last one. Unless the task `waits`, only what is left for it to do wakes it:
    /// the client's next request tells as well that the answer has left, and mostly follows soon.
    pub(crate) async fn left(&self, waits: bool) -> io::Result<Option<Instant>> {
        poll_fn(|context| {
            let mut end = self.lock();
            end.waits = waits;
            end.poll_left(context)
        })
        .await
    }

    /// Takes the writer, when no answer is to come.
    pub(crate) fn take(&self) -> Option<W> {
        self.lock().writer.take()
    }

    fn lock(&self) -> MutexGuard<'_, End<W>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: AsyncWrite + Unpin> End<W> {
    fn send(&mut self, last: bool, write: impl FnOnce(&mut Vec<u8>) -> StatusCode) {
        let End { writer: Some(writer), output, state, answered, .. } = self else { return };
        // If writing it panics, the connection's task finds this, and ends.
        *state = State::Broken(io::ErrorKind::BrokenPipe.into());
        let status = write(output.begin());
        *answered = Instant::now();
        let bytes = output.end(status, last, *answered);
        // Nobody is woken when there is room again: the task tries by itself.
        let mut context = Context::from_waker(Waker::noop());
        *state = match Pin::new(writer).poll_write(&mut context, bytes) {
            Poll::Ready(Ok(sent)) if sent == bytes.len() && !last => State::Free,
            Poll::Ready(Ok(sent)) => State::Given { sent, last },
            Poll::Pending => State::Given { sent: 0, last },
            Poll::Ready(Err(error)) => State::Broken(error),
        };
    }

    fn poll_left(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Instant>>> {
        let End { writer: Some(writer), output, state, answered, task, .. } = self else {
            return Poll::Ready(Ok(None));
        };
        loop {
            match state {
                State::Free => return Poll::Ready(Ok(Some(*answered))),
                State::Asked => {
                    match task {
                        Some(task) => task.clone_from(context.waker()),
                        None => *task = Some(context.waker().clone()),
                    }
                    return Poll::Pending;
                }
                State::Given { sent, last } => {
                    let rest = &output.ended()[*sent..];
                    if !rest.is_empty() {
                        match ready!(Pin::new(&mut *writer).poll_write(context, rest))? {
                            0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                            more => *sent += more,
                        }
                    } else if *last {
                        ready!(Pin::new(&mut *writer).poll_shutdown(context))?;
                        return Poll::Ready(Ok(None));
                    } else {
                        *state = State::Free;
                    }
                }
                State::Broken(error) => {
                    let error = std::mem::replace(error, io::ErrorKind::BrokenPipe.into());
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}
