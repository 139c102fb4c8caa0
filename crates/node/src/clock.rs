use abide_protocol::Millis;

/// The time, in Unix milliseconds. It may go back; a shard's time does not.
pub(crate) fn now() -> Millis {
    crate::sync::now()
}
