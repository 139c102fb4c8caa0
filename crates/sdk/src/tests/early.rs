//! What an execution awaits before its creation is sent is no reason to ask for it when nobody
//! awaits it any more.

use std::{sync::Arc, time::Duration};

use abide_client::{Link, LinkFuture, Messages, NodeLink};
use abide_protocol::{
    CreateAction, Extensions, FenceAction, PromiseSettle, Request, SettleState, Value,
};
use tokio::sync::Notify;

use super::link::engine;
use crate::prelude::*;

/// The first creation of the call that is dropped.
const SLOW: &str = "early:1.1";

/// The promise that is awaited in the end.
const LAST: &str = "early:3";

/// The link to an engine without extensions that takes its time for one creation.
struct Tardy {
    link: NodeLink,
    last: Notify,
}

impl Link for Tardy {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move {
            let created = created(&request).map(ToOwned::to_owned);
            if created.as_deref() == Some(SLOW) {
                self.last.notified().await;
            }
            let suspends = matches!(request, Request::TaskSuspend(_));
            let answer = self.link.call(request).await;
            if created.as_deref() == Some(LAST) {
                self.last.notify_one();
            }
            if suspends {
                self.link.call(resolved()).await?;
            }
            answer
        })
    }

    fn extensions(&self) -> Extensions {
        Extensions::none()
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}

fn created(request: &Request) -> Option<&str> {
    match request {
        Request::TaskFence(fence) => match &fence.action {
            FenceAction::Create(CreateAction { create, .. }) => Some(create.id.as_str()),
            FenceAction::Settle(_) | FenceAction::Record(_) => None,
        },
        _ => None,
    }
}

fn resolved() -> Request {
    let value = Value { headers: None, data: Some("Nw==".into()) };
    Request::PromiseSettle(PromiseSettle {
        id: LAST.into(),
        state: SettleState::Resolved,
        value: Arc::new(value),
    })
}

#[durable]
async fn early_slow() -> Result<()> {
    Ok(())
}

#[durable]
async fn early_quick() -> Result<()> {
    Ok(())
}

#[durable]
async fn early_pause() -> Result<()> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(())
}

/// Its promise cannot be created before the slow call is.
#[durable]
async fn early_inner() -> Result<u64> {
    let then = async {
        early_quick().await?;
        promise::<u64>().await
    };
    let ((), value) = futures_util::future::try_join(early_slow(), then).await?;
    Ok(value)
}

#[durable]
async fn early_outer() -> Result<u64> {
    tokio::select! {
        biased;
        value = early_inner() => return value,
        done = early_pause() => done?,
    }
    promise::<u64>().await
}

#[tokio::test]
async fn what_was_dropped_before_it_was_created_is_not_asked_for() {
    let link = Arc::new(Tardy { link: NodeLink::new(engine().await), last: Notify::new() });
    let worker = Abide::new(link).unwrap();
    let execution = worker.start("early", early_outer()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), execution).await;
    assert_eq!(ended.expect("it sleeps for ever").unwrap(), 7);
}
