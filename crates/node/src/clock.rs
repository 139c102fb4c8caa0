use abide_protocol::Millis;

/// The time, in Unix milliseconds. It may go back; a shard's time does not.
pub(crate) fn now() -> Millis {
    #[cfg(feature = "testing")]
    if let Some(now) = set::TIME.get() {
        return now;
    }
    crate::sync::now()
}

/// The time that a simulation has set for the nodes of its thread.
#[cfg(feature = "testing")]
pub(crate) mod set {
    use std::cell::Cell;

    use abide_protocol::Millis;

    thread_local! {
        pub(crate) static TIME: Cell<Option<Millis>> = const { Cell::new(None) };
    }
}
