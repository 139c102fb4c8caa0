//! One payload, as it is kept: headers and data.

/// Reads a payload in every way in which the SDK reads payloads.
///
/// # Panics
/// When what must hold of any payload does not hold.
pub fn check(bytes: &[u8]) {
    abide::codec::probe(bytes);
}
