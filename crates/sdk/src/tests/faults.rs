//! What stops an execution at once, because it could not be replayed.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::link::{Process, engine};
use crate::{ErrorKind, prelude::*};

#[durable]
async fn added(a: u64, b: u64) -> Result<u64> {
    Ok(a + b)
}

#[durable]
async fn spins() -> Result<u64> {
    added(1, 2).await?;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Polls a call once in each iteration, as `now_or_never` does, and never awaits it.
#[durable]
async fn polls_once() -> Result<u64> {
    let mut call = pin!(added(1, 2));
    for n in 0.. {
        let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(sum) = polled {
            return sum;
        }
        added(n, 0).await?;
    }
    unreachable!("the loop has no end")
}

#[durable]
async fn waits_for_a_socket() -> Result<u64> {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    added(1, 2).await
}

#[tokio::test]
async fn a_function_that_cannot_be_replayed_is_stopped_with_an_error_that_says_why() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    for (code, call) in [
        ("spinning", spins()),
        ("never_taken", polls_once()),
        ("foreign_wake", waits_for_a_socket()),
    ] {
        let error = abide.run(code, call).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, code), "{error}");
        // It is halted: nothing is recorded of it that a fix would have to undo.
        assert_eq!(abide.run(code, redo(code)).await.unwrap_err().code(), "halted");
    }
}

fn redo(code: &str) -> Call<u64> {
    match code {
        "spinning" => spins(),
        "never_taken" => polls_once(),
        _ => waits_for_a_socket(),
    }
}
