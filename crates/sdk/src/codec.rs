//! How payloads travel: as JSON, compressed, encrypted.
//!
//! Arguments, results, errors and saved states are JSON, in base64, as every Resonate SDK reads
//! and writes them. A process may add [layers](Codec) to what it writes, by
//! [`Abide::codec`](crate::Abide::codec): first `Compress` (with the feature `compress`), then
//! `Encrypt` (with the feature `encrypt`), or one of your own.
//! Which layers a payload has is written beside it, in the header `abide:codec`, so each payload is
//! read as it was written: those of before the layers, those of a process without them, those of
//! another language.
//!
//! # What cannot be read
//!
//! A payload whose layer this process does not know, whose key it does not have, or that was
//! tampered with stays where it is, and nothing is concluded from it: whoever waits for it from
//! outside gets an [`Error`](crate::Error) of the kind [`Payload`](crate::ErrorKind::Payload) with
//! one of the [codes](Unreadable); a durable function that comes across it is halted, to be
//! continued (`resume`) when the process can read it; an execution whose arguments cannot be read
//! is given back, slowly, for another process to take.

#[cfg(feature = "compress")]
mod compress;
#[cfg(feature = "encrypt")]
mod encrypt;
mod header;
mod json;
#[cfg(feature = "encrypt")]
mod key;
mod known;
mod layer;
mod layers;
#[cfg(all(feature = "compress", feature = "encrypt"))]
mod probe;
mod slot;
#[cfg(all(test, feature = "compress", feature = "encrypt"))]
mod tests;
mod unreadable;

pub(crate) use json::{
    decode_error, decode_outcome, describe_error, encode, encode_error, is_permanent,
};
pub(crate) use layers::Layers;

#[cfg(feature = "compress")]
pub use self::compress::Compress;
#[cfg(all(feature = "compress", feature = "encrypt"))]
#[doc(hidden)]
pub use self::probe::probe;
#[cfg(feature = "encrypt")]
pub use self::{encrypt::Encrypt, key::Key};
pub use self::{
    header::Params,
    layer::{Codec, Encoded},
    slot::{Part, Slot},
    unreadable::Unreadable,
};
