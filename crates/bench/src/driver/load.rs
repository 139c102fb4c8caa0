use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{
    Answer, Fault, Order, Subject, closed,
    open::{self, Pace},
    tally::{Tally, Window},
};

/// The most operations that may be in flight.
const MAX_LANES: usize = 65_536;

/// The longest load, in seconds.
const MAX_SECONDS: f64 = 86_400.0;

/// Puts a system under load. The prefix has not been used before: ids begin with it.
///
/// # Errors
/// When the order makes no sense, or the lanes cannot be made.
pub async fn load<S: Subject>(subject: &S, order: &Order, prefix: &str) -> Result<Answer, Fault> {
    check(order)?;
    let mut lanes = Vec::new();
    for number in 0..order.concurrency {
        lanes.push(subject.lane(&order.job, number).await?);
    }
    let begins = Instant::now();
    let opens = begins + Duration::from_secs_f64(order.warmup);
    let window = Window { opens, closes: opens + Duration::from_secs_f64(order.seconds) };
    let pace = order.rate.map(|rate| Pace::start(begins, window, rate));
    let mut running = JoinSet::new();
    for (number, lane) in lanes.into_iter().enumerate() {
        let prefix = format!("{prefix}-{number}");
        match &pace {
            Some(pace) => running.spawn(open::lane(lane, pace.clone(), prefix)),
            None => running.spawn(closed::lane(lane, window, prefix)),
        };
    }
    let mut sum = Tally::default();
    while let Some(ended) = running.join_next().await {
        sum.merge(&ended?);
    }
    if let Some(pace) = pace {
        sum.merge(&pace.behind());
    }
    Ok(answer(sum, order, window))
}

fn answer(sum: Tally, order: &Order, window: Window) -> Answer {
    let Tally { all, errors, behind, .. } = sum;
    let closed = order.rate.is_none();
    // Operations that take longer than the whole load are measured all the same.
    if closed && sum.operations == 0 && sum.late.count() > 0 {
        let seconds = sum.last.map_or(order.seconds, |last| (last - window.opens).as_secs_f64());
        let operations = sum.late.count();
        let latency_us = sum.late;
        return Answer { operations, seconds, all, errors, latency_us, ..Answer::default() };
    }
    // Where the load is open, what was due within the window may have been done much later.
    let last = sum.last.filter(|last| !closed && *last > window.closes);
    let seconds = last.map_or(order.seconds, |last| (last - window.opens).as_secs_f64());
    let (operations, latency_us) = (sum.operations, sum.latency);
    Answer { operations, seconds, all, errors, behind, latency_us, ..Answer::default() }
}

fn check(order: &Order) -> Result<(), Fault> {
    let sensible = |seconds: f64| (0.0..=MAX_SECONDS).contains(&seconds);
    if !(1..=MAX_LANES).contains(&order.concurrency) {
        return Err(format!("concurrency is 1 to {MAX_LANES}").into());
    }
    if !sensible(order.seconds) || !sensible(order.warmup) || order.seconds == 0.0 {
        return Err(
            format!("seconds are more than 0, warmup 0 at least, {MAX_SECONDS} at most").into()
        );
    }
    match order.rate {
        Some(rate) if !(0.01..=1e7).contains(&rate) => Err("rate is 0.01 to 10,000,000".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
