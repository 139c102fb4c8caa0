use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    Id, PromiseRecord,
    json::{self, Reader},
};

/// What the server sends to a worker or a listener.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A task waits to be acquired at this version. It may be lost: it is offered again.
    Execute {
        /// The task.
        id: Id,
        /// The version to acquire.
        version: i64,
    },
    /// A promise that was listened to has settled. Delivered at least once.
    Unblock {
        /// The settled promise.
        promise: Arc<PromiseRecord>,
    },
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    head: WireHead<'a>,
    data: WireData,
}

#[derive(Default, Serialize, Deserialize)]
struct WireHead<'a> {
    #[serde(rename = "serverUrl", default, skip_serializing_if = "Option::is_none")]
    server_url: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct WireData {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<WireTask>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promise: Option<Arc<PromiseRecord>>,
}

#[derive(Serialize, Deserialize)]
struct WireTask {
    id: Id,
    version: i64,
}

impl Message {
    /// The message as JSON. `server_url` tells the worker of an `execute` where to acquire it.
    pub fn to_json(&self, server_url: &str) -> String {
        let wire = match self {
            Message::Execute { id, version } => Wire {
                kind: "execute".into(),
                head: WireHead { server_url: Some(server_url.into()) },
                data: WireData {
                    task: Some(WireTask { id: id.clone(), version: *version }),
                    promise: None,
                },
            },
            Message::Unblock { promise } => Wire {
                kind: "unblock".into(),
                head: WireHead::default(),
                data: WireData { task: None, promise: Some(promise.clone()) },
            },
        };
        String::from_utf8(json::write(&wire)).expect("what is written is text")
    }

    /// Reads a message; `None` when it is not one that this version knows.
    pub fn from_json(text: &str) -> Option<Self> {
        let wire: Wire = Reader::read(text).ok().or_else(|| serde_json::from_str(text).ok())?;
        match (&*wire.kind, wire.data) {
            ("execute", WireData { task: Some(task), .. }) => {
                Some(Message::Execute { id: task.id, version: task.version })
            }
            ("unblock", WireData { promise: Some(promise), .. }) => {
                Some(Message::Unblock { promise })
            }
            _ => None,
        }
    }
}
