//! What a suspended execution holds.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use abide::{prelude::*, test::World};

/// Futures that exist.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// Lives for as long as the future that has it.
struct Alive;

impl Alive {
    fn new() -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

#[durable]
async fn patient(n: u32) -> Result<u32> {
    let _alive = Alive::new();
    let hours = promise::<u64>().named("hours").await?;
    sleep(Duration::from_secs(3_600 * hours)).await?;
    Ok(n)
}

const MANY: u32 = 200;

/// Starts many executions, and waits until nothing moves.
async fn start_many(abide: &Abide) -> Result<()> {
    for n in 0..MANY {
        abide.start(&format!("patient/{n}"), patient(n)).await?;
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    Ok(())
}

#[test]
fn a_cold_execution_holds_no_memory_and_a_warm_one_little() {
    let report = World::new().run(|abide| async move {
        let cold = abide.warm(0);
        start_many(&cold).await?;
        assert_eq!(ALIVE.load(Ordering::Relaxed), 0, "no future of a cold execution exists");

        // They go on as if nothing had been.
        for n in 0..MANY {
            cold.get(&format!("patient/{n}:1")).resolve(&u64::from(n)).await?;
        }
        for n in 0..MANY {
            assert_eq!(cold.get::<u32>(&format!("patient/{n}")).await?, n);
        }
        assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
        Ok(())
    });
    assert!(report.virtual_time > Duration::from_secs(199 * 3_600), "{report}");

    World::new().run(|abide| async move {
        let warm = abide.warm(10);
        start_many(&warm).await?;
        assert_eq!(ALIVE.load(Ordering::Relaxed), 10, "as many as the budget says");
        Ok(())
    });
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0, "a process that is gone holds nothing");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_execution_holds_no_thread() -> Result<()> {
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads");
        let names =
            tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.starts_with("tokio") || name.starts_with("abide")).count()
    };
    let abide = Abide::memory().await?.warm(50);
    assert_eq!(abide.run("leaf", leaf()).await?, 1);
    let before = threads();
    for n in 0..MANY {
        abide.start(&format!("sleeper/{n}"), sleeper()).await?;
    }
    assert_eq!(abide.run("leaf/2", leaf()).await?, 1);
    // A few of other tests come and go; one for each execution would be two hundred.
    assert!(threads() < before + MANY as usize / 10, "{} after {before}", threads());
    Ok(())
}

#[durable]
async fn leaf() -> Result<u32> {
    Ok(1)
}

#[durable]
async fn sleeper() -> Result<u32> {
    sleep(Duration::from_secs(3_600)).await?;
    Ok(1)
}
