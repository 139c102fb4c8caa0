//! The head of a request that is answered without hyper.

use std::mem::MaybeUninit;

use httparse::{Request, Status};

/// How an ordinary head begins; what comes after it is the rest of the path.
const BEGIN: &[u8] = b"POST /";

/// The most headers of a head that is ordinary. Clients send five to ten.
const MAX_HEADERS: usize = 32;

/// The most digits of a length that is ordinary: more might not fit.
const MAX_DIGITS: usize = 18;

/// How long a head may be that is read again with every byte of it that comes.
const EAGER: usize = 4 << 10;

/// What the bytes that have arrived begin with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Head<'a> {
    /// A part of what may become an ordinary head.
    Part,
    /// Something else: another method or path, something that needs more than an answer, or is no
    /// HTTP at all.
    Other,
    /// An ordinary head: what is posted, as a whole of known length, on a connection that stays.
    Post(Post<'a>),
}

/// An ordinary head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Post<'a> {
    /// Where to.
    pub(crate) to: To,
    /// The length of the head.
    pub(crate) head: usize,
    /// The length of the body.
    pub(crate) body: usize,
    /// The value of the header `authorization`.
    pub(crate) authorization: Option<&'a [u8]>,
}

/// Where something is posted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// `/`: one request.
    Call,
    /// `/batch`: several.
    Batch,
}

impl<'a> Head<'a> {
    /// Reads a head. Whatever is doubtful is `Other`. So many bytes have been `seen` before: they
    /// are a part.
    pub(crate) fn read(bytes: &'a [u8], seen: usize) -> Self {
        let begun = bytes.len().min(BEGIN.len());
        if bytes[..begun] != BEGIN[..begun] {
            return Head::Other;
        }
        // A long head that comes byte by byte is looked at once a line, not once a byte.
        if begun == 0 || (bytes.len() > EAGER && !bytes[seen..].contains(&b'\n')) {
            return Head::Part;
        }
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut request = Request::new(&mut []);
        let head = match request.parse_with_uninit_headers(bytes, &mut headers) {
            Ok(Status::Complete(head)) => head,
            Ok(Status::Partial) => return Head::Part,
            Err(_) => return Head::Other,
        };
        let to = match (request.method, request.path, request.version) {
            (Some("POST"), Some("/"), Some(1)) => To::Call,
            (Some("POST"), Some("/batch"), Some(1)) => To::Batch,
            _ => return Head::Other,
        };
        let (mut body, mut authorization) = (None, None);
        for header in request.headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            match header.name.len() {
                14 if is("content-length") => match (body, length(header.value)) {
                    (None, Some(length)) => body = Some(length),
                    _ => return Head::Other,
                },
                10 if is("connection") && !header.value.eq_ignore_ascii_case(b"keep-alive") => {
                    return Head::Other;
                }
                13 if is("authorization") => {
                    authorization = authorization.or(Some(header.value));
                }
                6 if is("origin") || is("expect") => return Head::Other,
                7 if is("upgrade") => return Head::Other,
                17 if is("transfer-encoding") => return Head::Other,
                _ => {}
            }
        }
        body.map_or(Head::Other, |body| Head::Post(Post { to, head, body, authorization }))
    }
}

fn length(digits: &[u8]) -> Option<usize> {
    if !(1..=MAX_DIGITS).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(to: To, head: usize, body: usize) -> Head<'static> {
        Head::Post(Post { to, head, body, authorization: None })
    }

    #[test]
    fn only_what_is_ordinary_is_taken() {
        let head = |line: &str, headers: &str| format!("{line}\r\n{headers}\r\n");
        let call = |headers: &str| head("POST / HTTP/1.1", headers);
        let ordinary = call("Host: t\r\nContent-LENGTH: 12\r\nconnection: Keep-Alive\r\n");
        assert_eq!(Head::read(ordinary.as_bytes(), 0), post(To::Call, ordinary.len(), 12));
        let batch = head("POST /batch HTTP/1.1", "content-length: 0\r\n");
        assert_eq!(Head::read(batch.as_bytes(), 0), post(To::Batch, batch.len(), 0));
        for end in 0..ordinary.len() {
            assert_eq!(Head::read(&ordinary.as_bytes()[..end], 0), Head::Part, "{end}");
        }
        let many = "a: b\r\n".repeat(MAX_HEADERS);
        for other in [
            head("GET / HTTP/1.1", "content-length: 1\r\n"),
            head("POST / HTTP/1.0", "content-length: 1\r\n"),
            head("POST /batch/ HTTP/1.1", "content-length: 1\r\n"),
            head("POST /?a HTTP/1.1", "content-length: 1\r\n"),
            head("POST http://t/ HTTP/1.1", "content-length: 1\r\n"),
            head("\r\nPOST / HTTP/1.1", "content-length: 1\r\n"),
            call(""),
            call("content-length: +1\r\n"),
            call("content-length: \r\n"),
            call("content-length: 1, 1\r\n"),
            call("content-length: 1\r\ncontent-length: 1\r\n"),
            call("content-length: 1234567890123456789\r\n"),
            call("content-length: 1\r\ntransfer-encoding: chunked\r\n"),
            call("content-length: 1\r\nExpect: 100-continue\r\n"),
            call("content-length: 1\r\nORIGIN: http://localhost\r\n"),
            call("content-length: 1\r\nupgrade: h2c\r\n"),
            call("content-length: 1\r\nconnection: close\r\n"),
            call("content-length: 1\r\nconnection: keep-alive, x\r\n"),
            call("content-length: 1\r\nno colon\r\n"),
            call(&format!("content-length: 1\r\n{many}")),
        ] {
            assert_eq!(Head::read(other.as_bytes(), 0), Head::Other, "{other}");
        }
    }

    #[test]
    fn a_long_head_is_read_once_a_line() {
        let long = format!("POST / HTTP/1.1\r\nx: {}\r\n", "x".repeat(EAGER));
        let whole = format!("{long}content-length: 0\r\n\r\n");
        assert_eq!(Head::read(long.as_bytes(), 0), Head::Part);
        assert_eq!(Head::read(whole.as_bytes(), long.len()), post(To::Call, whole.len(), 0));
        // What is wrong is found with the next line.
        let wrong = format!("{long}no colon");
        assert_eq!(Head::read(wrong.as_bytes(), long.len()), Head::Part);
        assert_eq!(Head::read(format!("{wrong}\r\n").as_bytes(), wrong.len()), Head::Other);
    }

    #[test]
    fn the_first_authorization_counts() {
        let text = "POST / HTTP/1.1\r\nAuthorization:  Bearer a \r\nauthorization: b\r\n\
                    content-length: 1\r\n\r\n";
        let Head::Post(post) = Head::read(text.as_bytes(), 0) else { panic!("{text}") };
        assert_eq!(post.authorization, Some(b"Bearer a".as_slice()));
    }
}
