//! Encryption.

use chacha20poly1305::{
    XNonce,
    aead::{Aead, Generate, Payload},
};

use super::{Codec, Encoded, Key, Params, Slot, Unreadable};

/// Bytes of a nonce. So many that random ones never meet, however many payloads a key encrypts.
const NONCE: usize = 24;

/// The parameter that names the key.
const KEY: &str = "key";

/// Encrypts payloads, by XChaCha20-Poly1305, so that they can be read and changed only by those who
/// have the key: not by the server, its operators, or whoever gets hold of its disk.
///
/// ```
/// # #[cfg(feature = "embedded")]
/// # async fn example() -> abide::Result<()> {
/// use abide::{Abide, codec::{Compress, Encrypt, Key}};
///
/// # let (new, old) = (Key::generate(), Key::generate());
/// let encrypt = Encrypt::new(Key::from_base64("2026-11", &new)?)  // what it writes, and reads
///     .reads(Key::from_base64("2026-05", &old)?);                 // what it still reads
/// let abide = Abide::memory().await?.codec(Compress::default()).codec(encrypt);
/// # Ok(()) }
/// ```
///
/// # Rotation
/// Give the new key to every process by [`reads`](Self::reads), then let them write with it, and
/// keep the old one for as long as there are promises of its time. Nothing is written anew.
///
/// # What is hidden
/// Arguments, results, errors, saved states, and the fingerprints that tell arguments apart. Each
/// payload is bound to its promise and to what it is there (arguments, a result, an error), so
/// nobody can put it elsewhere, nor turn a result into an error, without being noticed.
///
/// # What is not hidden
/// The ids and tags of promises, the names and versions of groups, times, states, and the sizes of
/// payloads; which key was used; and of the calls that a durable function makes, the names of the
/// functions and the places in the source, which is what an operator goes by. So do not put secrets
/// into ids and tags. With [`Compress`](crate::codec) before it, the size also tells how well a
/// payload compresses: do without where an attacker can choose a part of a payload and see its
/// size. What is logged by the process itself is not encrypted.
///
/// # What is not prevented
/// Whoever can write to the server can delete payloads, and can write some of their own that are
/// not encrypted, which are read as what they are unless the process [insists](Self::required).
/// They cannot read, change or move what is encrypted.
#[derive(Clone, Debug)]
pub struct Encrypt {
    /// The first one writes.
    keys: Vec<Key>,
    required: bool,
}

impl Encrypt {
    /// Its name in the header.
    pub const NAME: &'static str = "xchacha20poly1305";

    /// Encrypts with a key.
    pub fn new(key: Key) -> Self {
        Self { keys: vec![key], required: false }
    }

    /// Also reads what was encrypted with this key.
    #[must_use]
    pub fn reads(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Refuses payloads that are not encrypted, with the code `codec_plain`. Then nobody without a
    /// key can call a function, or settle a promise with a value: no process without this codec,
    /// no SDK of another language, no webhook. What has no payload at all is still taken.
    ///
    /// ```
    /// # fn main() -> abide::Result<()> {
    /// # use abide::codec::{Encrypt, Key};
    /// # let secret = Key::generate();
    /// let encrypt = Encrypt::new(Key::from_base64("2026-11", &secret)?).required();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

impl Codec for Encrypt {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn encode(&self, bytes: &[u8], slot: Slot<'_>) -> Option<Encoded> {
        let key = &self.keys[0];
        let nonce = XNonce::generate();
        let payload = Payload { msg: bytes, aad: &slot.bytes() };
        // It fails above 256 GiB, and such a payload must not be written in plain text instead.
        let sealed = key.cipher.encrypt(&nonce, payload).expect("a payload fits into memory");
        let bytes = [nonce.as_slice(), &sealed].concat();
        Some(Encoded::new(bytes).with(KEY, key.id()))
    }

    fn decode(&self, bytes: &[u8], params: &Params, slot: Slot<'_>) -> Result<Vec<u8>, Unreadable> {
        let id = params.get(KEY).unwrap_or_default();
        let Some(key) = self.keys.iter().find(|key| key.id() == id) else {
            return Err(missing(id));
        };
        let tampered = || {
            let message = format!(
                "it is not what was encrypted into this place, or the key {id:?} is another one \
                 than that time"
            );
            Unreadable::new("codec_tampered", message)
        };
        let (nonce, msg) = bytes.split_first_chunk::<NONCE>().ok_or_else(tampered)?;
        let payload = Payload { msg, aad: &slot.bytes() };
        key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| tampered())
    }

    fn hides(&self) -> bool {
        true
    }

    fn is_required(&self) -> bool {
        self.required
    }
}

fn missing(id: &str) -> Unreadable {
    let message = format!(
        "it is encrypted with the key {id:?}, which this process does not have: give it by \
         `Encrypt::reads`"
    );
    Unreadable::new("codec_key", message)
}
