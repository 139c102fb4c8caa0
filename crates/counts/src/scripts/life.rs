//! The shortest lives there are.

use super::done;
use crate::{
    requests::{acquire, create, fulfill, invoke, settle as settling},
    script::Round,
    systems::System,
};

/// A promise is created and settled.
pub(crate) fn settle<S: System + Default + 'static>() -> Round {
    let mut system = S::default();
    Box::new(move |round| {
        let id = format!("promise-{round:06}");
        done(&system.call(create(&id)));
        done(&system.call(settling(&id)));
    })
}

/// A task is created, offered, acquired and fulfilled.
pub(crate) fn life<S: System + Default + 'static>() -> Round {
    let mut system = S::default();
    Box::new(move |round| {
        let id = format!("task-{round:06}");
        done(&system.call(invoke(&id)));
        let offers = system.offers();
        let [(offered, version)] = &offers[..] else { panic!("one offer, not {offers:?}") };
        done(&system.call(acquire(offered, *version)));
        done(&system.call(fulfill(offered, version + 1)));
    })
}
