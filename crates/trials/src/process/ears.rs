//! Who listens: one member of a group, on a stream that is taken up again after each crash.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use abide_client::{HttpLink, Link};
use abide_protocol::{
    Id, Message, PromiseCreate, PromiseRecord, PromiseSettle, RegisterListener, Request,
    SettleState,
};

/// The listener's address.
pub(crate) fn address() -> String {
    "poll://uni@ears/one".to_owned()
}

/// What was heard.
pub(crate) struct Ears {
    heard: Arc<Mutex<BTreeMap<String, Arc<PromiseRecord>>>>,
}

impl Ears {
    /// Connects for as long as the runtime lives. Must be called within it.
    pub(crate) fn connect(link: &HttpLink) -> Self {
        let heard: Arc<Mutex<BTreeMap<_, Arc<PromiseRecord>>>> = Arc::default();
        let mut messages = link.connect("ears", "one");
        let keep = Arc::downgrade(&heard);
        tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                let Some(heard) = keep.upgrade() else { return };
                if let Message::Unblock { promise } = message {
                    let mut heard = heard.lock().expect("nobody panics with it");
                    heard.insert(promise.id.to_string(), promise);
                }
            }
        });
        Ears { heard }
    }

    /// What was said of a promise.
    pub(crate) fn heard(&self, id: &str) -> Option<Arc<PromiseRecord>> {
        self.heard.lock().expect("nobody panics with it").get(id).cloned()
    }

    /// Whether a promise that is settled now is heard of: if not, nothing is.
    pub(crate) async fn hear_anything(&self, link: &HttpLink) -> bool {
        let id = Id::from("anything");
        let (tags, param) = (Arc::default(), Arc::default());
        let create = PromiseCreate { id: id.clone(), timeout_at: i64::MAX, param, tags };
        let listen = RegisterListener { awaited: id.clone(), address: address() };
        let state = SettleState::Resolved;
        let settle = PromiseSettle { id: id.clone(), state, value: Arc::default() };
        for request in [
            Request::PromiseCreate(create),
            Request::PromiseRegisterListener(listen),
            Request::PromiseSettle(settle),
        ] {
            link.call(request).await.expect("it answers");
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.heard(&id).is_some()
    }
}
