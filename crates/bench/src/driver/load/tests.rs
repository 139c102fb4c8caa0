use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::*;
use crate::driver::{Job, Lane, Ready, Timing};

/// A system whose operations take so long, and every so manieth fails.
struct Slow {
    each: Duration,
    fails: u64,
    done: Arc<AtomicU64>,
}

impl Slow {
    fn new(each: Duration, fails: u64) -> Self {
        Slow { each, fails, done: Arc::default() }
    }
}

struct SlowLane {
    each: Duration,
    fails: u64,
    done: Arc<AtomicU64>,
}

impl Subject for Slow {
    type Lane = SlowLane;

    fn ready(&self) -> Ready {
        Ready::new("slow", "1", "none")
    }

    async fn lane(&self, _: &Job, _: usize) -> Result<SlowLane, Fault> {
        Ok(SlowLane { each: self.each, fails: self.fails, done: self.done.clone() })
    }

    async fn stop(self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Lane for SlowLane {
    async fn operate(&mut self, _: &str) -> Result<Timing, Fault> {
        tokio::time::sleep(self.each).await;
        match self.done.fetch_add(1, Ordering::Relaxed) % self.fails {
            number if number + 1 == self.fails => Err("it fails".into()),
            _ => Ok(Timing::Whole),
        }
    }
}

fn order(concurrency: usize, seconds: f64, rate: Option<f64>) -> Order {
    Order { job: Job::Create, concurrency, seconds, rate, warmup: 0.0 }
}

#[tokio::test]
async fn a_closed_load_counts_what_ended_in_time() {
    let slow = Slow::new(Duration::from_millis(5), u64::MAX);
    let answer = load(&slow, &order(4, 0.1, None), "a").await.unwrap();
    assert_eq!(answer.all, slow.done.load(Ordering::Relaxed));
    assert_eq!(answer.operations, answer.latency_us.count());
    assert!((1..answer.all).contains(&answer.operations), "{answer:?}");
    assert!(answer.latency_us.quantile(0.0) >= Duration::from_millis(5), "{answer:?}");
    assert_eq!(answer.errors, 0);
}

#[tokio::test]
async fn an_operation_longer_than_the_load_is_measured() {
    let slow = Slow::new(Duration::from_millis(50), u64::MAX);
    let answer = load(&slow, &order(2, 0.001, None), "a").await.unwrap();
    assert_eq!((answer.operations, answer.all), (2, 2));
    assert!(answer.seconds >= 0.049, "{answer:?}");
}

#[tokio::test]
async fn failures_are_counted_apart() {
    let slow = Slow::new(Duration::from_millis(1), 2);
    let answer = load(&slow, &order(2, 0.2, None), "a").await.unwrap();
    assert!(answer.errors > 0);
    assert_eq!(answer.all + answer.errors, slow.done.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_lane_that_only_fails_gives_up() {
    let slow = Slow::new(Duration::ZERO, 1);
    let answer = load(&slow, &order(1, 3_600.0, None), "a").await.unwrap();
    assert_eq!((answer.operations, answer.errors), (0, 100));
}

/// The system does 20 a second and 100 a second are due: a closed view would say 50 ms.
#[tokio::test]
async fn what_was_kept_from_beginning_is_not_omitted() {
    let slow = Slow::new(Duration::from_millis(50), u64::MAX);
    let answer = load(&slow, &order(1, 0.5, Some(100.0)), "a").await.unwrap();
    assert!(answer.behind > 0, "{answer:?}");
    assert_eq!(answer.operations + answer.behind, 50, "{answer:?}");
    assert_eq!(answer.latency_us.count(), 50, "{answer:?}");
    assert!(answer.latency_us.quantile(0.5) >= Duration::from_millis(100), "{answer:?}");
}

#[tokio::test]
async fn an_open_load_is_as_large_as_its_rate() {
    let slow = Slow::new(Duration::from_millis(1), u64::MAX);
    let answer = load(&slow, &order(64, 0.5, Some(200.0)), "a").await.unwrap();
    assert_eq!(answer.operations + answer.behind, 100, "{answer:?}");
}

#[tokio::test]
async fn senseless_orders_are_refused() {
    let slow = Slow::new(Duration::ZERO, u64::MAX);
    for order in [
        order(0, 1.0, None),
        order(1, 0.0, None),
        order(1, f64::NAN, None),
        order(1, 1.0, Some(0.0)),
        Order { warmup: -1.0, ..order(1, 1.0, None) },
    ] {
        assert!(load(&slow, &order, "a").await.is_err(), "{order:?}");
    }
}
