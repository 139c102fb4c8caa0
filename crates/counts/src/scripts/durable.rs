//! Durable functions, executed by a worker with the engine in its process.

use std::sync::Arc;

use abide::{
    prelude::*,
    sim::{Alone, Clock},
};

use super::done;
use crate::{
    requests::{NOW, signal},
    script::Round,
    systems::Inside,
};

/// The group of the worker; nobody else is in it.
const GROUP: &str = "durable";

/// The steps of a workflow.
const STEPS: u32 = 10;

/// The calls of a fan-out.
const CALLS: u32 = 100;

/// The steps that are replayed.
const REPLAYED: u32 = 1_000;

/// Suspended executions that stay in memory.
const WARM: usize = 1_000;

#[durable]
async fn charge(order: u32, note: String) -> Result<String> {
    let _ = order;
    Ok(note)
}

#[durable]
async fn in_steps(count: u32) -> Result<u32> {
    for n in 0..count {
        charge(n, note()).await?;
    }
    Ok(count)
}

#[durable]
async fn at_once(calls: u32) -> Result<u32> {
    let calls: Vec<_> = (0..calls).map(|n| charge(n, note()).on(GROUP).spawn()).collect();
    let mut returned = 0;
    for call in calls {
        call.await?;
        returned += 1;
    }
    Ok(returned)
}

/// Steps, and then one promise of somebody outside after the other.
#[durable]
async fn for_ever(steps: u32) -> Result<u32> {
    for n in 0..steps {
        charge(n, note()).await?;
    }
    loop {
        promise::<()>().await?;
    }
}

/// What a step is given and gives.
fn note() -> String {
    "a7f3-0001, 42 EUR, charged to the card that ends in 4242, receipt sent".to_owned()
}

fn process(link: &Inside, warm: usize) -> Alone {
    let clock = Clock { steady: NOW, wall: NOW };
    Alone::new(Arc::new(link.clone()), GROUP, warm, clock)
}

/// A workflow of ten local steps.
pub(crate) fn steps() -> Round {
    let process = process(&Inside::default(), WARM);
    Box::new(move |round| {
        let id = format!("workflow-{round:06}");
        let result = process.run(|abide| async move { abide.run(&id, in_steps(STEPS)).await });
        assert_eq!(result.expect("it ends").expect("it succeeds"), STEPS);
    })
}

/// A workflow that makes a hundred calls at once, each an execution of its own.
pub(crate) fn fan_out() -> Round {
    let process = process(&Inside::default(), WARM);
    Box::new(move |round| {
        let id = format!("workflow-{round:06}");
        let result = process.run(|abide| async move { abide.run(&id, at_once(CALLS)).await });
        assert_eq!(result.expect("it ends").expect("it succeeds"), CALLS);
    })
}

/// A workflow of a thousand recorded steps that goes on, by replay since it is not kept in memory.
pub(crate) fn replay() -> Round {
    let link = Inside::default();
    let process = process(&link, 0);
    let id = "workflow";
    let begun = process.run(|abide| async move { abide.start(id, for_ever(REPLAYED)).await });
    begun.expect("it begins").expect("nothing is in its way");
    let mut awaited = u64::from(REPLAYED);
    Box::new(move |_| {
        awaited += 1;
        done(&link.carry_out(signal(&format!("{id}:{awaited}"))));
        process.go_on();
    })
}
