//! Executions, with the requests that an SDK makes of an engine with batches.

use super::done;
use crate::{
    requests::{acquire, begin, create_call, create_step, fulfill, settle_step, suspend},
    script::Round,
    systems::System,
};

/// The steps of a workflow.
const STEPS: u64 = 10;

/// The calls of a fan-out.
const CALLS: u64 = 100;

/// A workflow of ten local steps, each of them one batch.
pub(crate) fn steps<S: System + Default + 'static>() -> Round {
    let mut system = S::default();
    Box::new(move |round| {
        let id = format!("workflow-{round:06}");
        done(&system.call(begin(&id)));
        for step in 1..=STEPS {
            let child = format!("{id}:{step}");
            let requests = vec![create_step(&id, 1, &child), settle_step(&id, 1, &child)];
            system.batch(requests).iter().for_each(done);
        }
        done(&system.call(fulfill(&id, 1)));
    })
}

/// A workflow that makes a hundred calls at once, suspends, and goes on when all have returned.
pub(crate) fn fan_out<S: System + Default + 'static>() -> Round {
    let mut system = S::default();
    Box::new(move |round| {
        let id = format!("workflow-{round:06}");
        done(&system.call(begin(&id)));
        let calls: Vec<_> = (1..=CALLS).map(|call| format!("{id}:{call}")).collect();
        let mut requests: Vec<_> = calls.iter().map(|call| create_call(&id, 1, call)).collect();
        requests.push(suspend(&id, 1, &calls));
        system.batch(requests).iter().for_each(done);
        let offers = system.offers();
        assert_eq!(offers.len(), calls.len(), "every call is offered");
        for (call, version) in offers {
            done(&system.call(acquire(&call, version)));
            done(&system.call(fulfill(&call, version + 1)));
        }
        let offers = system.offers();
        let [(resumed, version)] = &offers[..] else { panic!("one offer, not {offers:?}") };
        assert_eq!(**resumed, *id, "the caller is resumed");
        done(&system.call(acquire(resumed, *version)));
        done(&system.call(fulfill(resumed, version + 1)));
    })
}
