//! Compression.

use std::io::{Read, Write};

use flate2::{Compression, bufread::ZlibDecoder, write::ZlibEncoder};

use super::{Codec, Encoded, Params, Slot, Unreadable};

/// Payloads below this gain nothing worth the work.
const LEAST: usize = 1_024;

/// Bytes that a payload may have when it is uncompressed. Some kilobytes can be made that become
/// gigabytes.
const MOST: usize = 16 << 20;

/// The level of zlib: three times the speed of the default, for a few bytes in a hundred more.
const LEVEL: u32 = 4;

/// Compresses payloads: in the format of zlib (RFC 1950), which the standard libraries of Python
/// and Node read. Put it before [`Encrypt`](crate::codec): what is encrypted cannot be compressed.
///
/// What was compressed is read by every process that has the feature `compress`, whether it
/// compresses or not.
///
/// ```
/// # #[cfg(feature = "embedded")]
/// # async fn example() -> abide::Result<()> {
/// use abide::{Abide, codec::Compress};
///
/// let abide = Abide::memory().await?.codec(Compress::default());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Compress {
    least: usize,
    most: usize,
}

impl Default for Compress {
    fn default() -> Self {
        Self { least: LEAST, most: MOST }
    }
}

impl Compress {
    /// Its name in the header.
    pub const NAME: &'static str = "zlib";

    /// Payloads of fewer bytes are left as they are; 1,024 unless said otherwise.
    #[must_use]
    pub fn at_least(self, bytes: usize) -> Self {
        Self { least: bytes, ..self }
    }

    /// Payloads that would be larger uncompressed are refused when read, and not compressed when
    /// written; 16 MiB unless said otherwise.
    ///
    /// ```
    /// # use abide::codec::Compress;
    /// let large = Compress::default().at_least(16 << 10).at_most(64 << 20);
    /// ```
    #[must_use]
    pub fn at_most(self, bytes: usize) -> Self {
        Self { most: bytes, ..self }
    }
}

impl Codec for Compress {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn encode(&self, bytes: &[u8], _: Slot<'_>) -> Option<Encoded> {
        if bytes.len() < self.least || bytes.len() > self.most {
            return None;
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
        // Nothing fails that writes into memory.
        encoder.write_all(bytes).ok()?;
        let compressed = encoder.finish().ok()?;
        (compressed.len() < bytes.len()).then(|| Encoded::new(compressed))
    }

    fn decode(&self, bytes: &[u8], _: &Params, _: Slot<'_>) -> Result<Vec<u8>, Unreadable> {
        let mut decoder = ZlibDecoder::new(bytes).take(self.most as u64 + 1);
        let mut plain = Vec::new();
        decoder.read_to_end(&mut plain).map_err(|error| {
            Unreadable::malformed(format!("it is not what {} gives: {error}", Self::NAME))
        })?;
        if plain.len() > self.most {
            let most = self.most;
            let message = format!(
                "it has more than {most} bytes uncompressed: raise `Compress::at_most`, if you \
                 trust it"
            );
            return Err(Unreadable::new("codec_limit", message));
        }
        if !decoder.into_inner().into_inner().is_empty() {
            return Err(Unreadable::malformed("something follows the compressed payload"));
        }
        Ok(plain)
    }
}
