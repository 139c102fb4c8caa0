//! Messages that went through the proxy.

use std::time::Instant;

use serde_json::Value;

/// One HTTP request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// What was asked for: one request, or all of a batch.
    pub(crate) kinds: Vec<String>,
    /// When it came.
    pub(crate) start: Instant,
    /// When its answer had gone.
    pub(crate) end: Instant,
}

impl Message {
    /// What a body asks for.
    pub(crate) fn kinds(body: &[u8]) -> Vec<String> {
        let kind = |envelope: &Value| envelope["kind"].as_str().unwrap_or("?").to_owned();
        match serde_json::from_slice(body) {
            Ok(Value::Array(envelopes)) => envelopes.iter().map(kind).collect(),
            Ok(envelope) => vec![kind(&envelope)],
            Err(_) => vec!["?".to_owned()],
        }
    }

    /// Whether it is sent by the clock, whatever the program does.
    pub(crate) fn is_heartbeat(&self) -> bool {
        self.kinds.iter().all(|kind| kind == "task.heartbeat")
    }
}

/// How many of the messages wait for each other: the most of them of which no two overlap.
pub(crate) fn waits(messages: &[Message]) -> usize {
    let mut messages: Vec<_> = messages.iter().collect();
    messages.sort_by_key(|message| message.end);
    let mut waits = 0;
    let mut last = None;
    for message in messages {
        if last.is_none_or(|end| message.start >= end) {
            waits += 1;
            last = Some(message.end);
        }
    }
    waits
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Message, waits};

    #[test]
    fn what_overlaps_waits_once() {
        let now = Instant::now();
        let at = |start, end| Message {
            kinds: Vec::new(),
            start: now + Duration::from_millis(start),
            end: now + Duration::from_millis(end),
        };
        assert_eq!(waits(&[]), 0);
        assert_eq!(waits(&[at(0, 10), at(1, 11), at(2, 12)]), 1);
        assert_eq!(waits(&[at(20, 30), at(0, 10), at(10, 20)]), 3);
        // A long one beside two short ones does not hide that these wait for each other.
        assert_eq!(waits(&[at(0, 30), at(1, 10), at(11, 20)]), 2);
    }

    #[test]
    fn a_batch_is_one_message() {
        let body = br#"[{"kind":"task.fence"},{"kind":"task.fulfill"}]"#;
        assert_eq!(Message::kinds(body), ["task.fence", "task.fulfill"]);
        assert_eq!(Message::kinds(br#"{"kind":"task.get"}"#), ["task.get"]);
    }
}
