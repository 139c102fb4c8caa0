//! Panics that a trial expects: they are caught, and told with their place.

use std::{any::Any, cell::RefCell, panic};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the text and the place of panics instead of printing them, in all threads.
pub fn keep() {
    panic::set_hook(Box::new(|info| {
        let text = message(info.payload());
        let place = info.location().map_or(String::new(), |place| format!(" at {place}"));
        LAST.set(Some(format!("{text}{place}")));
    }));
}

/// What the panic that was just caught in this thread says, and where it was.
pub fn told(panic: &(dyn Any + Send)) -> String {
    LAST.take().unwrap_or_else(|| message(panic))
}

fn message(panic: &dyn Any) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without text").to_owned()
}
