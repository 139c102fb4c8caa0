//! Payloads that cannot be read.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Why a payload could not be read. It is as it was; another process may be able to.
///
/// | code | meaning | what helps |
/// |---|---|---|
/// | `codec_unknown` | a layer that this process does not know | add it by [`Abide::codec`](crate::Abide::codec), or enable the feature |
/// | `codec_key` | a key that this process does not have | give it by `Encrypt::reads` |
/// | `codec_tampered` | it is not what was written into this place, or the key is another one of the same id | restore it, or give the right key |
/// | `codec_plain` | it is not encrypted, and this process insists on it | see who wrote it |
/// | `codec_limit` | it is larger than this process allows | raise the limit |
/// | `codec_malformed` | the header or the bytes are no such thing | restore it |
/// | `codec_not_json` | what comes out is not JSON | see who wrote it |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    code: &'static str,
    message: String,
}

impl Unreadable {
    /// For a codec of your own: a stable code, and a text that says what to do.
    ///
    /// ```
    /// use abide::codec::Unreadable;
    ///
    /// /// Part of a codec's `decode`.
    /// fn first(bytes: &[u8]) -> Result<u8, Unreadable> {
    ///     bytes.first().copied().ok_or_else(|| {
    ///         Unreadable::new("parity_empty", "there is no byte: see who wrote it")
    ///     })
    /// }
    /// assert_eq!(first(&[]).unwrap_err().code(), "parity_empty");
    /// ```
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new("codec_malformed", message)
    }

    /// The code.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unreadable {}

impl Unreadable {
    /// The error of whoever waits for it.
    pub(crate) fn into_error(self) -> Error {
        let message = format!("a payload cannot be read: {}", self.message);
        Error::new(ErrorKind::Payload, self.code, message).into_permanent()
    }
}
