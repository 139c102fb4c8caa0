use std::time::{SystemTime, UNIX_EPOCH};

use abide_protocol::Millis;

/// The time, in Unix milliseconds. It may go back; a shard's time does not.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
