//! An answer of HTTP/1.1, as it comes in.

use http::StatusCode;

use crate::http_link::MAX_RESPONSE_BYTES;

/// The longest head of an answer, and the longest line or trailer within a body.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// The most headers of an answer.
const HEADERS: usize = 100;

/// What is read at once at least, as long as nothing is known of what is still to come.
const LEAST_ROOM: usize = 1 << 10;

/// What is made room for.
const READ_BYTES: usize = 16 << 10;

/// What is made room for ahead at most, whatever the head promises.
const READ_AHEAD: usize = 1 << 20;

/// Room that is kept for the answers to come.
const KEPT_BYTES: usize = 256 << 10;

/// Takes the bytes of a connection, and says when they are an answer. It performs no I/O.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    input: Vec<u8>,
    /// Where in the input the body begins, or what is not understood yet.
    at: usize,
    head: Option<Head>,
    /// The body so far, if it comes in chunks.
    chunks: Vec<u8>,
}

/// What the head of an answer says.
#[derive(Clone, Copy, Debug)]
struct Head {
    status: StatusCode,
    /// Whether another answer may follow on the same connection.
    keeps: bool,
    framing: Framing,
}

/// How it is told where the body ends.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(usize),
    Chunks,
    /// It ends with the connection.
    Rest,
}

/// A whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: StatusCode,
    pub(crate) body: &'a [u8],
    /// Whether another request may be sent on the same connection.
    pub(crate) keeps: bool,
}

impl Incoming {
    /// Forgets the answer that was there.
    pub(crate) fn clear(&mut self) {
        self.input.clear();
        self.input.shrink_to(KEPT_BYTES);
        *self = Incoming { input: std::mem::take(&mut self.input), ..Incoming::default() };
    }

    /// Where the next bytes are to be put, with room for some.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        let missing = match self.head {
            Some(Head { framing: Framing::Length(length), .. }) => {
                // A byte more: a read that leaves room needs no other to see that this was all.
                (self.at + length).saturating_sub(self.input.len()).min(READ_AHEAD) + 1
            }
            _ => LEAST_ROOM,
        };
        if self.input.capacity() - self.input.len() < missing {
            self.input.reserve(missing.max(READ_BYTES));
        }
        &mut self.input
    }

    /// Whether the answer is whole, now that more bytes have come or the connection has `ended`.
    ///
    /// # Errors
    /// When it is no answer, in words.
    pub(crate) fn is_whole(&mut self, ended: bool) -> Result<bool, String> {
        let whole = self.read()?;
        if whole || !ended {
            return Ok(whole);
        }
        match self.head {
            Some(Head { framing: Framing::Rest, .. }) => Ok(true),
            _ => Err("the connection was closed before the answer was complete".into()),
        }
    }

    /// The answer, once it is whole.
    pub(crate) fn answer(&self) -> Option<Answer<'_>> {
        let Head { status, keeps, framing } = self.head?;
        let (body, end) = match framing {
            Framing::Length(length) => {
                (self.input.get(self.at..self.at + length)?, self.at + length)
            }
            Framing::Chunks => (&self.chunks[..], self.at),
            Framing::Rest => {
                return Some(Answer { status, body: &self.input[self.at..], keeps: false });
            }
        };
        // What comes after the answer was not asked for.
        Some(Answer { status, body, keeps: keeps && end == self.input.len() })
    }

    fn read(&mut self) -> Result<bool, String> {
        let head = match self.head {
            Some(head) => head,
            None => match self.read_head()? {
                Some(head) => *self.head.insert(head),
                None => return Ok(false),
            },
        };
        match head.framing {
            Framing::Length(length) => Ok(self.input.len() - self.at >= length),
            Framing::Chunks => self.read_chunks(),
            Framing::Rest => {
                let length = self.input.len() - self.at;
                if length > MAX_RESPONSE_BYTES { Err(too_long()) } else { Ok(false) }
            }
        }
    }

    /// Reads the head, and past those that only announce another.
    fn read_head(&mut self) -> Result<Option<Head>, String> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            let parsed = response.parse(&self.input[self.at..]);
            let parsed = parsed.map_err(|error| format!("the answer is not HTTP/1: {error}"))?;
            let httparse::Status::Complete(length) = parsed else {
                return if self.input.len() - self.at < HEAD_BYTES {
                    Ok(None)
                } else {
                    Err(format!("the head of the answer is longer than {HEAD_BYTES} bytes"))
                };
            };
            let head = understand(&response)?;
            self.at += length;
            if !head.status.is_informational() {
                return Ok(Some(head));
            }
            self.skip();
        }
    }

    /// Moves what has come to the body; says whether that was the last of it.
    fn read_chunks(&mut self) -> Result<bool, String> {
        let wrong = |what: &str| Err(format!("a chunk of the answer {what}"));
        let whole = loop {
            let rest = &self.input[self.at..];
            if rest.first().is_some_and(|digit| !digit.is_ascii_hexdigit()) {
                return wrong("has no length");
            }
            let Ok(parsed) = httparse::parse_chunk_size(rest) else {
                return wrong("has no length that can be read");
            };
            let httparse::Status::Complete((line, length)) = parsed else {
                if rest.len() >= HEAD_BYTES {
                    return wrong("begins with too long a line");
                }
                break false;
            };
            if length == 0 {
                let mut trailers = [httparse::EMPTY_HEADER; HEADERS];
                match httparse::parse_headers(&rest[line..], &mut trailers) {
                    Ok(httparse::Status::Complete((end, _))) => {
                        self.at += line + end;
                        break true;
                    }
                    Ok(httparse::Status::Partial) if rest.len() < HEAD_BYTES => break false,
                    _ => return wrong("is followed by what is no trailer"),
                }
            }
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > MAX_RESPONSE_BYTES - self.chunks.len() {
                return Err(too_long());
            }
            let end = line + length;
            if rest.len() < end + 2 {
                break false;
            }
            if &rest[end..end + 2] != b"\r\n" {
                return wrong("does not end where it said");
            }
            self.chunks.extend_from_slice(&rest[line..end]);
            self.at += end + 2;
        };
        if !whole {
            self.skip();
        }
        Ok(whole)
    }

    /// Forgets what has been understood.
    fn skip(&mut self) {
        self.input.drain(..self.at);
        self.at = 0;
    }
}

fn too_long() -> String {
    format!("the answer is longer than {MAX_RESPONSE_BYTES} bytes")
}

fn understand(response: &httparse::Response<'_, '_>) -> Result<Head, String> {
    let status = StatusCode::from_u16(response.code.unwrap_or_default());
    let status = status.map_err(|_| "the answer has no status".to_owned())?;
    let mut keeps = response.version == Some(1);
    let mut length = None;
    let mut codings: Option<&[u8]> = None;
    for header in response.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            let read = read_length(header.value)?;
            if length.replace(read).is_some_and(|before| before != read) {
                return Err("the answer has two lengths".into());
            }
        } else if is("transfer-encoding") {
            codings = Some(header.value);
        } else if is("connection") {
            keeps &= !header.value.split(|byte| *byte == b',').any(|option| named(option, "close"));
        }
    }
    let framing = match (codings, length) {
        _ if status == StatusCode::SWITCHING_PROTOCOLS => {
            return Err("the answer goes on in another protocol".into());
        }
        _ if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) => {
            Framing::Length(0)
        }
        (Some(codings), _) if named(codings, "chunked") => Framing::Chunks,
        (Some(_), _) => return Err("the answer is encoded in a way that was not asked for".into()),
        (None, Some(length)) => Framing::Length(length),
        (None, None) => Framing::Rest,
    };
    Ok(Head { status, keeps, framing })
}

fn named(option: &[u8], name: &str) -> bool {
    option.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
}

fn read_length(digits: &[u8]) -> Result<usize, String> {
    let digits = digits.trim_ascii();
    let length = digits.iter().try_fold(0_usize, |length, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        length.checked_mul(10)?.checked_add(digit as usize)
    });
    match length {
        _ if digits.is_empty() => Err("the answer has an empty length".into()),
        None => Err("the answer has a length that is no number".into()),
        Some(length) if length > MAX_RESPONSE_BYTES => Err(too_long()),
        Some(length) => Ok(length),
    }
}

#[cfg(test)]
mod tests;
