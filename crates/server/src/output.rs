use http::StatusCode;
use tokio::time::Instant;

use crate::date::Date;

/// The room for a head in front of its body: the longest takes some 180 bytes.
const HEAD_ROOM: usize = 256;

/// The most memory that is kept from one answer to the next.
const MAX_KEPT: usize = 16 << 10;

/// An answer as it leaves, head and body in one piece; its memory is used again and again.
#[derive(Default)]
pub(crate) struct Output {
    /// Room for the head, and the body.
    bytes: Vec<u8>,
    head: Vec<u8>,
    date: Date,
    /// Where the head begins.
    start: usize,
}

impl Output {
    /// Begins an answer: its body is to be appended to what this returns.
    pub(crate) fn begin(&mut self) -> &mut Vec<u8> {
        self.bytes.clear();
        self.bytes.shrink_to(MAX_KEPT);
        self.bytes.resize(HEAD_ROOM, 0);
        &mut self.bytes
    }

    /// Puts the head in front of the body. The last answer of a connection says that it is.
    pub(crate) fn end(&mut self, status: StatusCode, last: bool, now: Instant) -> &[u8] {
        let (Output { bytes, head, date, start }, mut digits) = (self, itoa::Buffer::new());
        head.clear();
        for part in [
            "HTTP/1.1 ",
            status.as_str(),
            " ",
            status.canonical_reason().unwrap_or_default(),
            "\r\ncontent-type: application/json\r\ncontent-length: ",
            digits.format(bytes.len() - HEAD_ROOM),
            if last { "\r\nconnection: close\r\ndate: " } else { "\r\ndate: " },
            date.at(now),
            "\r\n\r\n",
        ] {
            head.extend_from_slice(part.as_bytes());
        }
        *start = HEAD_ROOM - head.len();
        bytes[*start..HEAD_ROOM].copy_from_slice(head);
        &bytes[*start..]
    }

    /// The answer that was ended last, as a whole.
    pub(crate) fn ended(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use abide_protocol::Status;

    use super::*;

    #[test]
    fn every_head_has_room() {
        let mut output = Output::default();
        for status in Status::ALL {
            let status = StatusCode::from_u16(status.code()).unwrap();
            output.begin().extend_from_slice(b"{}");
            let bytes = output.end(status, true, Instant::now());
            let text = str::from_utf8(bytes).unwrap();
            assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{text}");
            assert!(text.ends_with(" GMT\r\n\r\n{}"), "{text}");
            // The longest body adds digits to its length.
            assert!(text.len() + 20 <= HEAD_ROOM, "{text}");
        }
    }

    #[test]
    fn the_memory_of_a_long_answer_is_not_kept() {
        let mut output = Output::default();
        output.begin().resize(10 * MAX_KEPT, b' ');
        assert!(output.begin().capacity() < 2 * MAX_KEPT);
    }
}
