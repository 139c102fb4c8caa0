//! One layer of a payload.

use std::fmt;

use super::{Params, Slot, Unreadable};

/// A layer that payloads get when they are written, and lose when they are read: bytes in, bytes
/// out. The bytes of the first layer are JSON text.
///
/// ```
/// use abide::codec::{Codec, Encoded, Params, Slot, Unreadable};
///
/// /// Turns the bytes around.
/// #[derive(Debug)]
/// struct Reverse;
///
/// impl Codec for Reverse {
///     fn name(&self) -> &str {
///         "reverse"
///     }
///
///     fn encode(&self, bytes: &[u8], _: Slot<'_>) -> Option<Encoded> {
///         Some(Encoded::new(bytes.iter().rev().copied().collect()))
///     }
///
///     fn decode(&self, bytes: &[u8], _: &Params, _: Slot<'_>) -> Result<Vec<u8>, Unreadable> {
///         Ok(bytes.iter().rev().copied().collect())
///     }
/// }
/// # #[cfg(feature = "embedded")]
/// # async fn example() -> abide::Result<()> {
/// let abide = abide::Abide::memory().await?.codec(Reverse);
/// # Ok(()) }
/// ```
pub trait Codec: fmt::Debug + Send + Sync + 'static {
    /// Its name in the header, of lower-case letters, digits, `.`, `_` and `-`. What it means must
    /// never change: payloads are read for as long as their promises are kept.
    fn name(&self) -> &str;

    /// Adds the layer, or leaves the payload without it (`None`). It cannot fail: what it needs, it
    /// has from the start. It is called where nothing may block.
    fn encode(&self, bytes: &[u8], slot: Slot<'_>) -> Option<Encoded>;

    /// Takes the layer off. `params` are those that [`encode`](Self::encode) gave.
    ///
    /// # Errors
    /// When this is not something that `encode` gave, or cannot be read by this process.
    fn decode(&self, bytes: &[u8], params: &Params, slot: Slot<'_>) -> Result<Vec<u8>, Unreadable>;

    /// Whether it hides what is in the payload. If so, the fingerprints of arguments, which are
    /// written apart from them, get this layer too.
    fn hides(&self) -> bool {
        false
    }

    /// Whether a payload without this layer is refused.
    fn is_required(&self) -> bool {
        false
    }
}

/// A payload with a layer more.
///
/// ```
/// use abide::codec::Encoded;
///
/// let encoded = Encoded::new(vec![1, 2, 3]).with("key", "2026-11");
/// assert_eq!(encoded.params.get("key"), Some("2026-11"));
/// assert_eq!(encoded.params.get("nonce"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What the codec wants to be told when it takes the layer off.
    pub params: Params,
}

impl Encoded {
    /// Bytes without parameters.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, params: Params::default() }
    }

    /// With a parameter: a name and a value of letters, digits, `.`, `_` and `-`.
    ///
    /// # Panics
    /// When they hold anything else.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.params.push(name, value);
        self
    }
}
