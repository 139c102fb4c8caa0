use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is done with an answer, on the thread that has made durable what it tells.
pub(crate) struct Then<T>(Box<dyn FnOnce(T) + Send>);

impl<T> Then<T> {
    pub(crate) fn new(then: impl FnOnce(T) + Send + 'static) -> Self {
        Then(Box::new(then))
    }

    /// Does it. If that panics, it costs this answer: the thread has those of others to give.
    pub(crate) fn carry_out(self, answer: T) {
        if catch_unwind(AssertUnwindSafe(|| (self.0)(answer))).is_err() {
            tracing::error!("what is done with an answer has panicked");
        }
    }
}
