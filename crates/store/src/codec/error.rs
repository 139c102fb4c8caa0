/// Why stored bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A newer program wrote them.
    #[error("it is of layout {found}, and this version reads up to {known}: use a newer version")]
    Newer {
        /// The version found.
        found: u8,
        /// The newest version that this program reads.
        known: u8,
    },
    /// They end too early or go on too long.
    #[error("its length is wrong")]
    Length,
    /// Something in them has no meaning.
    #[error("{0} in it makes no sense")]
    Malformed(&'static str),
}
