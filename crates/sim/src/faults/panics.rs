//! A checker that panics has something to say, and not to the terminal.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static SAID: Cell<Option<String>> = const { Cell::new(None) };
}

/// Does something that may panic, and takes what it says then as the reason.
pub(super) fn caught(action: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                return loud(info);
            }
            let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            let said = info.payload_as_str().unwrap_or("it panics");
            SAID.set(Some(format!("{said}\nat {}", place.unwrap_or_default())));
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(action));
    QUIET.set(false);
    result.unwrap_or_else(|_| Err(SAID.take().unwrap_or_else(|| "it panics".to_owned())))
}
