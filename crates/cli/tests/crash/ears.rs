//! Who listens: one member of a group, on a stream that is taken up again after each crash.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use abide_client::{HttpLink, Link};
use abide_protocol::{Message, PromiseRecord};

/// The listener's address.
pub fn address() -> String {
    "poll://uni@ears/one".to_owned()
}

/// What was heard.
pub struct Ears {
    heard: Arc<Mutex<BTreeMap<String, Arc<PromiseRecord>>>>,
}

impl Ears {
    /// Connects for the rest of the test. Must be called within a runtime.
    pub fn connect(link: &HttpLink) -> Self {
        let heard: Arc<Mutex<BTreeMap<_, Arc<PromiseRecord>>>> = Arc::default();
        let mut messages = link.connect("ears", "one");
        let keep = heard.clone();
        tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                if let Message::Unblock { promise } = message {
                    keep.lock()
                        .expect("nobody panics with it")
                        .insert(promise.id.to_string(), promise);
                }
            }
        });
        Ears { heard }
    }

    /// What was said of a promise.
    pub fn heard(&self, id: &str) -> Option<Arc<PromiseRecord>> {
        self.heard.lock().expect("nobody panics with it").get(id).cloned()
    }
}
