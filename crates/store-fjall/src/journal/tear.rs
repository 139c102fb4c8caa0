//! Whether a bad last batch can be the work of a crash.
//!
//! A crash leaves out sectors, which then are zeros, or the end of what was being written. A batch
//! that has its end and no sector of zeros was written whole, and has changed since.

use super::record::{TRAILER, length};

/// The least that a disk writes whole.
const SECTOR: u64 = 512;

/// `rest` is what follows the last whole batch, which ends at `from`, without the zeros at its end.
pub(super) fn is_possible(rest: &[u8], from: u64) -> bool {
    let has_end = rest.ends_with(&TRAILER) || length(rest) == Some(rest.len());
    !has_end || lacks_sector(rest, from)
}

fn lacks_sector(mut rest: &[u8], from: u64) -> bool {
    let mut length = (SECTOR - from % SECTOR) as usize;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(length.min(rest.len()));
        if piece.iter().all(|&byte| byte == 0) {
            return true;
        }
        rest = tail;
        length = SECTOR as usize;
    }
    false
}
