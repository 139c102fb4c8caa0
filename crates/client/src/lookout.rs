//! Looking out for an answer that will soon be there.

use std::{
    num::NonZero,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    thread::{self, available_parallelism},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task,
};

/// An answer that takes no longer is looked out for. A server on the same machine that syncs to a fast
/// disk takes half of it.
const SOON: Duration = Duration::from_micros(500);

/// Waits for answers. One that is likely to be there soon, and is the only one that is waited for, is
/// looked for again and again: a core that sleeps until it comes is given to others, by the host of a
/// virtual machine too, and to have it back takes a good part of the time that the server needs.
///
/// Meanwhile all other tasks of the runtime have their turns, and so have all other threads that want
/// this core. In a runtime of several threads, another one sleeps at the sockets and is to be woken in
/// any case: there it waits as everybody does.
pub(crate) struct Lookout {
    soon: Duration,
    /// How many answers are waited for.
    awaited: AtomicUsize,
    /// Whether the last one was there soon, which makes it likely for the next.
    likely: AtomicBool,
}

impl Lookout {
    /// On a single core nothing is there soon: whoever looks is in the way of whoever is to answer.
    pub(crate) fn new() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Lookout::with(if cores > 1 { SOON } else { Duration::ZERO })
    }

    fn with(soon: Duration) -> Self {
        Lookout { soon, awaited: AtomicUsize::new(0), likely: AtomicBool::new(false) }
    }

    /// Waits for an answer.
    pub(crate) async fn wait<F: Future>(&self, answer: F) -> F::Output {
        let _awaited = Awaited::new(&self.awaited);
        let may_look = is_on_single_thread();
        let began = Instant::now();
        let mut answer = pin!(answer);
        let answered = loop {
            tokio::select! {
                biased;
                answered = &mut answer => break answered,
                () = task::yield_now(), if may_look && self.is_likely(began) => {
                    thread::yield_now();
                }
            }
        };
        self.likely.store(began.elapsed() < self.soon, Relaxed);
        answered
    }

    /// Whether the answer will be there soon.
    fn is_likely(&self, since: Instant) -> bool {
        let alone = self.awaited.load(Relaxed) == 1;
        self.likely.load(Relaxed) && alone && since.elapsed() < self.soon
    }
}

fn is_on_single_thread() -> bool {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    matches!(flavor, Ok(RuntimeFlavor::CurrentThread))
}

/// One answer that is waited for.
struct Awaited<'a>(&'a AtomicUsize);

impl<'a> Awaited<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Awaited(count)
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, poll_fn, ready},
        task::Poll,
    };

    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    /// Whether an answer is found that nobody is woken for.
    async fn looks(lookout: &Lookout) -> bool {
        let mut times = 0;
        let silent = poll_fn(|_| {
            times += 1;
            if times < 5 { Poll::Pending } else { Poll::Ready(()) }
        });
        timeout(LONG, lookout.wait(silent)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_if_the_last_answer_was_there_soon() {
        let lookout = Lookout::with(LONG);
        assert!(!looks(&lookout).await, "nothing is known yet");
        lookout.wait(ready(())).await;
        assert!(looks(&lookout).await);
        assert!(looks(&lookout).await);
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_if_the_last_one_was_late() {
        let lookout = Lookout::with(Duration::ZERO);
        lookout.wait(ready(())).await;
        assert!(!looks(&lookout).await);
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_while_others_wait() {
        let lookout = Lookout::with(LONG);
        lookout.wait(ready(())).await;
        {
            let mut other = pin!(lookout.wait(pending::<()>()));
            assert!(timeout(Duration::ZERO, &mut other).await.is_err());
            assert!(!looks(&lookout).await);
        }
        assert!(looks(&lookout).await, "the other one has given up");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_does_not_where_another_thread_waits_for_sockets() {
        let lookout = Lookout::with(LONG);
        lookout.wait(ready(())).await;
        assert!(timeout(Duration::from_millis(10), looks(&lookout)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn others_have_their_turns_while_it_looks() {
        let lookout = Lookout::with(LONG);
        lookout.wait(ready(())).await;
        let (tell, told) = tokio::sync::oneshot::channel();
        tokio::spawn(async move { tell.send(()).unwrap() });
        lookout.wait(told).await.unwrap();
    }
}
