//! A process by itself in one thread, over any link: so that what it does can be counted.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use abide_client::Link;

use super::executor::{Clock, Executor, Ran};
use crate::engine::Abide;

/// A worker process whose time stands still, over a link that answers at once.
pub struct Alone {
    executor: Arc<Executor>,
    abide: Option<Abide>,
    clock: Clock,
}

impl Alone {
    /// A process of a group, which keeps so many suspended executions in memory.
    pub fn new(link: Arc<dyn Link>, group: &str, warm: usize, clock: Clock) -> Self {
        let abide = Abide::new(link).expect("no two functions have one name");
        let abide = abide.group(group).warm(warm).with(|settings| settings.complete = false);
        Self { executor: Arc::default(), abide: Some(abide), clock }
    }

    /// Runs until nothing is left to do, and gives what `main` has come to by then.
    pub fn run<M, F>(&self, main: M) -> Option<F::Output>
    where
        M: FnOnce(Abide) -> F,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let (result, abide) = (Arc::new(Mutex::new(None)), self.abide.clone());
        let main = main(abide.expect("it is there until the end"));
        let slot = result.clone();
        self.executor.spawn(async move {
            let output = main.await;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
        });
        self.go_on();
        result.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Does what there is to do.
    pub fn go_on(&self) {
        let ran = self.executor.run(self.clock, || false);
        assert_eq!(ran, Ran::Idle, "a process comes to rest");
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.abide = None;
        self.executor.close();
    }
}
