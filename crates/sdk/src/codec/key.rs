//! Keys to encrypt with.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::Generate};

use super::header::is_word;
use crate::error::{Error, Result};

/// Bytes of a key.
const BYTES: usize = 32;

/// A secret key with a name. The name is written beside every payload that the key encrypts, so
/// that it is found again; the key never is.
///
/// ```
/// # fn main() -> abide::Result<()> {
/// use abide::codec::Key;
///
/// let secret = Key::generate();                      // once; kept where secrets are kept
/// let key = Key::from_base64("2026-11", &secret)?;
/// assert_eq!(key.id(), "2026-11");
/// assert_eq!(Key::from_base64("2026-12", "too short").unwrap_err().code(), "key");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Key {
    id: String,
    pub(super) cipher: XChaCha20Poly1305,
}

impl Key {
    /// A key of 32 random bytes. Never give two keys one id: the date of its first use is a good
    /// one.
    ///
    /// # Errors
    /// When the id is empty, longer than 64 bytes, or has anything but letters, digits, `.`, `_`
    /// and `-`.
    pub fn new(id: &str, bytes: &[u8; BYTES]) -> Result<Self> {
        if !is_word(id) {
            let message = format!(
                "{id:?} cannot be the id of a key: it is 1 to 64 letters, digits, `.`, `_` or `-`"
            );
            return Err(Error::misuse("key_id", message));
        }
        Ok(Self { id: id.to_owned(), cipher: XChaCha20Poly1305::new(bytes.into()) })
    }

    /// A key of 32 random bytes in base64, as [`generate`](Self::generate) gives it, or
    /// `head -c 32 /dev/urandom | base64`.
    ///
    /// # Errors
    /// When the text is no such thing, and as [`new`](Self::new).
    pub fn from_base64(id: &str, text: &str) -> Result<Self> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        match bytes {
            Some(bytes) => Self::new(id, &bytes),
            // The text may be a secret all the same.
            None => {
                let message = format!("the key {id:?} is not {BYTES} bytes in base64");
                Err(Error::misuse("key", message))
            }
        }
    }

    /// A new key in base64, to be kept where secrets are kept.
    ///
    /// # Panics
    /// When the operating system gives no random numbers.
    pub fn generate() -> String {
        STANDARD.encode(chacha20poly1305::Key::generate())
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}
