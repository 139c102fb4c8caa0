//! Programs as ordinary async code: what they have to give.

use std::time::Duration;

use abide::{Error, Result};
use tokio::time::sleep;

use crate::{
    interpret::interpreter,
    node::{Loop, Node, Wait},
};

async fn slow(n: u64, minutes: u64) -> u64 {
    sleep(self::minutes(minutes)).await;
    mix(n, 1)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// What was saved stays when it is tried again; what came after it is done again.
async fn looped(looped: &Loop) -> u64 {
    let (mut saved, mut failed) = ((0, 1), false);
    loop {
        let mut state = saved;
        let again = loop {
            if state.0 >= looped.times {
                return state.1;
            }
            state = (state.0 + 1, mix(state.1, handled(run(&looped.round).await)));
            if state.0.is_multiple_of(looped.every) {
                saved = state;
            }
            let fails = looped.fails.filter(|(round, _)| *round == state.0 && !failed);
            if let Some((_, minutes)) = fails {
                break minutes;
            }
        };
        failed = true;
        sleep(minutes(again)).await;
    }
}

async fn wait(wait: &Wait) -> Result<u64> {
    Ok(match wait {
        Wait::Leaf(n) => mix(*n, 1),
        Wait::Sleep(minutes) => {
            sleep(self::minutes(*minutes)).await;
            *minutes
        }
        Wait::Slow(n, minutes) | Wait::Remote(n, minutes, _) => slow(*n, *minutes).await,
        Wait::Fail(n, minutes) => {
            slow(*n, *minutes).await;
            return Err(Error::permanent(n));
        }
        Wait::Timeout { minutes, limit } => {
            tokio::time::timeout(self::minutes(*limit), slow(3, *minutes)).await.unwrap_or(0)
        }
        Wait::Nested(node, _) => run(node).await?,
        Wait::Flaky { until, minutes } => {
            for _ in 1..*until {
                sleep(self::minutes(*minutes)).await;
            }
            u64::from(*until)
        }
        Wait::Loop(looped, _) => self::looped(looped).await,
    })
}

/// Begins something now.
fn spawn(wait: &Wait) -> impl Future<Output = Result<u64>> {
    let wait = match wait {
        Wait::Timeout { minutes, .. } => (Wait::Sleep(*minutes), Some(0)),
        wait => (wait.clone(), None),
    };
    let spawned = tokio::spawn(async move {
        let value = self::wait(&wait.0).await;
        wait.1.map_or(value, Ok)
    });
    async move { spawned.await.expect("it does not panic") }
}

interpreter!();
