//! The channels of tokio, which block nobody, with a point before each use at which the checker may
//! let another thread go first.

use shuttle::sync::atomic::{AtomicBool, Ordering};

/// Somebody else may go on here.
fn point() {
    AtomicBool::new(false).load(Ordering::SeqCst);
}

/// Wakes who waits.
pub(crate) struct Notify(tokio::sync::Notify);

impl Notify {
    pub(crate) fn new() -> Self {
        Notify(tokio::sync::Notify::new())
    }

    pub(crate) fn notified(&self) -> tokio::sync::futures::Notified<'_> {
        point();
        self.0.notified()
    }

    pub(crate) fn notify_one(&self) {
        point();
        self.0.notify_one();
    }

    pub(crate) fn notify_waiters(&self) {
        point();
        self.0.notify_waiters();
    }
}

pub(crate) mod oneshot {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use tokio::sync::oneshot::{self, error::RecvError};

    use super::point;

    pub(crate) struct Sender<T>(oneshot::Sender<T>);
    pub(crate) struct Receiver<T>(oneshot::Receiver<T>);

    pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
        let (sender, receiver) = oneshot::channel();
        (Sender(sender), Receiver(receiver))
    }

    impl<T> Sender<T> {
        pub(crate) fn send(self, value: T) -> Result<(), T> {
            point();
            self.0.send(value)
        }
    }

    impl<T> Future for Receiver<T> {
        type Output = Result<T, RecvError>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            Pin::new(&mut self.0).poll(context)
        }
    }
}

pub(crate) mod mpsc {
    use std::task::{Context, Poll};

    use tokio::sync::mpsc::{
        self,
        error::{TryRecvError, TrySendError},
    };

    use super::point;

    pub(crate) struct Sender<T>(mpsc::Sender<T>);
    pub(crate) struct OwnedPermit<T>(mpsc::OwnedPermit<T>);
    pub(crate) struct Receiver<T>(mpsc::Receiver<T>);

    pub(crate) fn channel<T>(size: usize) -> (Sender<T>, Receiver<T>) {
        let (sender, receiver) = mpsc::channel(size);
        (Sender(sender), Receiver(receiver))
    }

    impl<T> Clone for Sender<T> {
        fn clone(&self) -> Self {
            Sender(self.0.clone())
        }
    }

    impl<T> Sender<T> {
        pub(crate) fn try_reserve_owned(
            self,
        ) -> Result<OwnedPermit<T>, TrySendError<mpsc::Sender<T>>> {
            self.0.try_reserve_owned().map(OwnedPermit)
        }

        pub(crate) fn is_closed(&self) -> bool {
            self.0.is_closed()
        }
    }

    impl<T> OwnedPermit<T> {
        pub(crate) fn send(self, value: T) {
            point();
            self.0.send(value);
        }
    }

    impl<T> Receiver<T> {
        pub(crate) async fn recv(&mut self) -> Option<T> {
            point();
            self.0.recv().await
        }

        pub(crate) fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
            point();
            self.0.poll_recv(context)
        }

        pub(crate) fn try_recv(&mut self) -> Result<T, TryRecvError> {
            point();
            self.0.try_recv()
        }

        pub(crate) fn close(&mut self) {
            point();
            self.0.close();
        }
    }
}
