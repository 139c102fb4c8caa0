use std::time::{SystemTime, UNIX_EPOCH};

use abide_protocol::Millis;

/// The time of this process, in Unix milliseconds.
pub(crate) fn now() -> Millis {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Millis::try_from(now.as_millis()).expect("it is before the end of time")
}
