use std::sync::Arc;

use serde::Deserialize;

use crate::{
    Id, PromiseRecord,
    json::{ROOM, Read, Reader, Write, readable, text},
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

#[derive(Deserialize)]
struct Wire {
    kind: String,
    data: WireData,
}

#[derive(Deserialize)]
struct WireData {
    task: Option<WireTask>,
    promise: Option<Arc<PromiseRecord>>,
}

#[derive(Deserialize)]
struct WireTask {
    id: Id,
    version: i64,
}

readable!(Wire { kind: "kind", data: "data" });
readable!(WireData { task: "task" optional, promise: "promise" optional, });
readable!(WireTask { id: "id", version: "version" });

impl Message {
    /// The message as JSON. `server_url` tells the worker of an `execute` where to acquire it.
    pub fn to_json(&self, server_url: &str) -> String {
        let mut out = Vec::with_capacity(ROOM);
        match self {
            Message::Execute { id, version } => {
                out.extend_from_slice(b"{\"kind\":\"execute\",\"head\":{\"serverUrl\":");
                text(server_url, &mut out);
                out.extend_from_slice(b"},\"data\":{\"task\":{\"id\":");
                id.write(&mut out);
                out.extend_from_slice(b",\"version\":");
                version.write(&mut out);
            }
            Message::Unblock { promise } => {
                out.extend_from_slice(b"{\"kind\":\"unblock\",\"head\":{},\"data\":{\"promise\":");
                promise.write(&mut out);
                out.pop();
            }
        }
        out.extend_from_slice(b"}}}");
        String::from_utf8(out).expect("what is written is text")
    }

    /// Reads a message; `None` when it is not one that this version knows.
    pub fn from_json(text: &str) -> Option<Self> {
        let wire: Wire =
            Reader::read_with(text, Wire::read).ok().or_else(|| serde_json::from_str(text).ok())?;
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
