use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use abide_node::{Asked, Node};
use abide_protocol::{Millis, Request, Response};
use tokio::{runtime::Handle, sync::Notify, task::yield_now};

/// The most requests that are taken in at a time, since the node is locked for as long as it takes.
const TOGETHER: usize = 1024;

/// Where the connections of one event loop hand in single requests. What has been handed in while the
/// loop went round is taken in by the node together. Clones are the same place.
#[derive(Clone)]
pub(crate) struct Intake(Arc<Place>);

#[derive(Default)]
struct Place {
    /// One of each connection at most, and their number is limited.
    asked: Mutex<Vec<Asked>>,
    handed_in: Notify,
}

impl Intake {
    /// An intake of a node, for as long as the event loop goes round.
    pub(crate) fn start(node: Node, event_loop: &Handle) -> Self {
        let place = Arc::<Place>::default();
        event_loop.spawn(take_in(node, place.clone()));
        Intake(place)
    }

    /// Has a request carried out. What is then done with the answer may be done by another thread.
    pub(crate) fn hand_in(
        &self,
        request: Request,
        debug_time: Option<Millis>,
        then: impl FnOnce(Response) + Send + 'static,
    ) {
        if self.0.hand_in(Asked::then(request, debug_time, then)) == 1 {
            self.0.handed_in.notify_one();
        }
    }
}

impl Place {
    /// Tells how many there are.
    fn hand_in(&self, asked: Asked) -> usize {
        let mut all = self.lock();
        all.push(asked);
        all.len()
    }

    fn swap(&self, other: &mut Vec<Asked>) {
        std::mem::swap(&mut *self.lock(), other);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take_in(node: Node, place: Arc<Place>) {
    let mut together = Vec::new();
    loop {
        place.handed_in.notified().await;
        // All who have something to hand in come first.
        yield_now().await;
        place.swap(&mut together);
        while !together.is_empty() {
            let group = together.len().min(TOGETHER);
            node.call_each(together.drain(..group)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use abide_node::Config;
    use abide_protocol::{PromiseCreate, Status};
    use abide_store::{Delay, MemoryStore};
    use tokio::{sync::oneshot, task::JoinSet};

    use super::*;

    /// Hands a request in and waits for its answer.
    async fn call(intake: &Intake, request: Request) -> Response {
        let (answer, answered) = oneshot::channel();
        intake.hand_in(request, None, move |response| drop(answer.send(response)));
        answered.await.unwrap()
    }

    fn create(id: &str) -> Request {
        let (param, tags) = (Arc::default(), Arc::default());
        let timeout_at = 9_000_000_000_000;
        Request::PromiseCreate(PromiseCreate { id: id.into(), timeout_at, param, tags })
    }

    /// While one group is written others are handed in, again and again.
    #[tokio::test]
    async fn each_has_its_answer() {
        let store = Delay::new(MemoryStore::new(), Duration::from_millis(1));
        let node = Node::open(Arc::new(store), Config::default()).await.unwrap();
        let intake = Intake::start(node.clone(), &Handle::current());
        let mut callers = JoinSet::new();
        for caller in 0..50 {
            let intake = intake.clone();
            callers.spawn(async move {
                for turn in 0..caller {
                    let id = format!("{caller}-{turn}");
                    let response = call(&intake, create(&id)).await;
                    assert_eq!(response.promise().unwrap().id.as_str(), id);
                }
            });
        }
        callers.join_all().await;
        node.close().await;
        assert_eq!(call(&intake, create("late")).await.status, Status::Unavailable);
    }

    /// One that goes away before it is taken in keeps nobody from what they ask for.
    #[tokio::test]
    async fn who_goes_away_is_passed_over() {
        let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await.unwrap();
        let intake = Intake::start(node, &Handle::current());
        for _ in 0..3 {
            tokio::select! {
                biased;
                _ = call(&intake, create("first")) => unreachable!("it has not been taken in"),
                () = std::future::ready(()) => {}
            }
        }
        assert_eq!(call(&intake, create("second")).await.status, Status::Ok);
        assert_eq!(call(&intake, create("first")).await.status, Status::Ok);
    }
}
