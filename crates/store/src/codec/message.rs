use std::sync::Arc;

use abide_machine::Unblock;
use abide_protocol::Id;

use super::{CodecError, wire::Reader};

/// The key says it all; only the version stands in the value.
pub(super) fn encode(_: &Unblock, _: &mut Vec<u8>) {}

pub(super) fn decode(
    address: Arc<str>,
    promise: Id,
    _: &mut Reader<'_>,
) -> Result<Unblock, CodecError> {
    Ok(Unblock { address, promise })
}
