//! Messages as everybody writes them, read and written without a detour: see [`crate::json`].
//!
//! What serde's derives say of the same types is what counts: it reads what is not as usual, and
//! properties compare the two.

mod actions;
mod body;
mod parts;
mod records;
mod requests;

pub(crate) use parts::{begin, end_head, read_parts, write_answer};
