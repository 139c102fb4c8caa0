//! Layers that can be read without having been added.

use super::{Params, Slot, Unreadable};

/// Takes a layer off that this process did not add to what it writes.
pub(super) fn decode(
    name: &str,
    bytes: &[u8],
    params: &Params,
    slot: Slot<'_>,
) -> Result<Vec<u8>, Unreadable> {
    match name {
        #[cfg(feature = "compress")]
        super::Compress::NAME => {
            super::Codec::decode(&super::Compress::default(), bytes, params, slot)
        }
        #[cfg(not(feature = "compress"))]
        "zlib" => Err(unknown("it is compressed: enable the feature `compress`".to_owned())),
        "xchacha20poly1305" => {
            let key = params.get("key").unwrap_or_default();
            Err(Unreadable::new(
                "codec_key",
                format!(
                    "it is encrypted with the key {key:?}, and this process has no keys: add \
                     `.codec(Encrypt::new(...))`"
                ),
            ))
        }
        _ => {
            let _ = (bytes, slot);
            Err(unknown(format!(
                "it is encoded by {name:?}, which this process does not know: add that codec by \
                 `.codec(...)`"
            )))
        }
    }
}

fn unknown(message: String) -> Unreadable {
    Unreadable::new("codec_unknown", message)
}
