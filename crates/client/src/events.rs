use std::{collections::VecDeque, fmt};

/// The longest event that is read.
pub const MAX_EVENT_BYTES: usize = 16 << 20;

/// Reads server-sent events from chunks of bytes that may be cut anywhere.
///
/// Only the data matters here: names, ids and retry times of events are ignored.
///
/// ```
/// let mut events = abide_client::Events::default();
/// events.push(b": hello\n\ndata: {\"a\"").unwrap();
/// assert_eq!(events.next(), None);
/// events.push(b":1}\n\n").unwrap();
/// assert_eq!(events.next().as_deref(), Some("{\"a\":1}"));
/// ```
#[derive(Debug, Default)]
pub struct Events {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// Whether the last byte was a carriage return, whose line feed may still come.
    returned: bool,
    /// The data of the event that has not ended yet.
    data: Option<String>,
    ready: VecDeque<String>,
}

/// An event is longer than [`MAX_EVENT_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTooLong;

impl fmt::Display for EventTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event is longer than {MAX_EVENT_BYTES} bytes")
    }
}

impl std::error::Error for EventTooLong {}

impl Events {
    /// Takes the next bytes of the stream.
    ///
    /// # Errors
    /// When an event grows too long; the stream is of no more use then.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), EventTooLong> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.returned) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.line.extend_from_slice(bytes);
                return self.check();
            };
            self.line.extend_from_slice(&bytes[..end]);
            self.check()?;
            self.returned = bytes[end] == b'\r';
            self.end_line();
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// The data of the next whole event.
    #[allow(clippy::should_implement_trait, reason = "more may come after a None")]
    pub fn next(&mut self) -> Option<String> {
        self.ready.pop_front()
    }

    fn check(&self) -> Result<(), EventTooLong> {
        let long = self.line.len() + self.data.as_ref().map_or(0, String::len);
        if long > MAX_EVENT_BYTES { Err(EventTooLong) } else { Ok(()) }
    }

    fn end_line(&mut self) {
        if self.line.is_empty() {
            self.ready.extend(self.data.take());
            return;
        }
        if let Some(value) = self.line.strip_prefix(b"data") {
            let value = match value {
                [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
                [] => Some(value),
                _ => None,
            };
            if let Some(value) = value {
                let text = String::from_utf8_lossy(value);
                match &mut self.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(&text);
                    }
                    None => self.data = Some(text.into_owned()),
                }
            }
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(events: &mut Events) -> Vec<String> {
        std::iter::from_fn(|| events.next()).collect()
    }

    #[test]
    fn comments_names_and_line_ends_of_all_kinds() {
        let mut events = Events::default();
        events
            .push(b":\n\ndata: one\n\nevent: x\ndata:two\r\ndata\r\n\r\nid: 7\n\ndatum: no\n\n")
            .unwrap();
        assert_eq!(all(&mut events), ["one", "two\n"]);
        events.push(b"data: three\r\rdata: unfinished").unwrap();
        assert_eq!(all(&mut events), ["three"]);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut events = Events::default();
        let chunk = vec![b'x'; 1 << 20];
        let pushes = (0..32).take_while(|_| events.push(&chunk).is_ok()).count();
        assert_eq!(pushes, MAX_EVENT_BYTES >> 20);
    }

    proptest! {
        #[test]
        fn where_the_chunks_are_cut_does_not_matter(
            texts in prop::collection::vec("[a-z{}\": äß\u{1F600}]{0,20}", 0..8),
            size in 1usize..9,
        ) {
            let stream: String = texts.iter().map(|text| format!("data: {text}\n\n:\n\n")).collect();
            let mut events = Events::default();
            for chunk in stream.as_bytes().chunks(size) {
                events.push(chunk).unwrap();
            }
            prop_assert_eq!(all(&mut events), texts);
        }
    }
}
