//! The programming model against a server, with several processes.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide::{ErrorKind, prelude::*};
use abide_server::{Data, Options, Server};
use tokio::{sync::oneshot, task::JoinHandle};

/// A server in a task of its own; it ends when the sender says so or is dropped.
async fn serve(
    port: u16,
    data: Data,
    plain: bool,
) -> (String, oneshot::Sender<()>, JoinHandle<()>) {
    let options = Options {
        port,
        plain,
        metrics_port: None,
        retry_interval: Duration::from_millis(100),
        ..Options::new(data)
    };
    let server = Server::bind(options).await.unwrap();
    let url = server.url().to_owned();
    let (stop, stopped) = oneshot::channel();
    let serving = server.serve(async {
        let _ = stopped.await;
    });
    (url, stop, tokio::spawn(serving))
}

/// A server that lives as long as the test.
async fn server(plain: bool) -> (String, oneshot::Sender<()>) {
    let (url, stop, _) = serve(0, Data::Memory, plain).await;
    (url, stop)
}

#[durable]
async fn double(n: u32) -> Result<u32> {
    Ok(n * 2)
}

#[durable]
async fn pipeline(n: u32) -> Result<u32> {
    let here = double(n).await?;
    sleep(Duration::from_millis(20)).await?;
    let there = double(here).on("doublers").await?;
    let (a, b) = try_join!(double(there), double(1).on("doublers"))?;
    Ok(a + b)
}

#[tokio::test]
async fn two_processes_share_an_execution() -> Result<()> {
    for plain in [false, true] {
        two_processes_share_it_on(plain).await?;
    }
    Ok(())
}

async fn two_processes_share_it_on(plain: bool) -> Result<()> {
    let (url, _server) = server(plain).await;
    let doublers = Abide::connect(&url).await?.group("doublers");
    tokio::spawn(async move { doublers.serve().await });
    let abide = Abide::connect(&url).await?;
    assert_eq!(abide.run("pipeline/1", pipeline(1)).await?, 10);
    // Somebody else asks for the same.
    let other = Abide::connect(&url).await?.group("others");
    assert_eq!(other.run("pipeline/1", pipeline(1)).await?, 10);
    assert_eq!(other.get::<u32>("pipeline/1").await?, 10);
    Ok(())
}

#[durable]
async fn wide(n: u32) -> Result<u32> {
    let calls = (0..n).map(|n| double(n).on("wide-workers"));
    let here = (0..n).map(double);
    let there = futures_util::future::try_join_all(calls);
    let (there, here) = try_join!(there, futures_util::future::try_join_all(here))?;
    Ok(there.into_iter().chain(here).sum())
}

#[tokio::test]
async fn a_wide_fan_out_over_two_workers() -> Result<()> {
    for plain in [false, true] {
        a_wide_fan_out_on(plain).await?;
    }
    Ok(())
}

async fn a_wide_fan_out_on(plain: bool) -> Result<()> {
    let (url, _server) = server(plain).await;
    for _ in 0..2 {
        let worker = Abide::connect(&url).await?.group("wide-workers");
        tokio::spawn(async move { worker.serve().await });
    }
    let abide = Abide::connect(&url).await?;
    assert_eq!(abide.run("wide", wide(200)).await?, 200 * 199 * 2);
    Ok(())
}

static STARTS: AtomicU32 = AtomicU32::new(0);
static HUNG: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn started() -> Result<()> {
    STARTS.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

#[durable]
async fn hangs_once() -> Result<u32> {
    started().await?;
    hangs_the_first_time().await
}

#[durable]
async fn hangs_the_first_time() -> Result<u32> {
    if HUNG.fetch_add(1, Ordering::Relaxed) == 0 {
        std::future::pending::<()>().await;
    }
    Ok(42)
}

#[tokio::test]
async fn another_worker_finishes_the_work_of_a_dead_one() -> Result<()> {
    for plain in [false, true] {
        another_worker_finishes_it_on(plain).await?;
    }
    Ok(())
}

async fn another_worker_finishes_it_on(plain: bool) -> Result<()> {
    STARTS.store(0, Ordering::Relaxed);
    HUNG.store(0, Ordering::Relaxed);
    let (url, _server) = server(plain).await;
    let lease = Duration::from_millis(300);
    let client = Abide::connect(&url).await?;
    let execution = client.start("hangs", hangs_once().on("mortals")).await?;
    let first = Abide::connect(&url).await?.group("mortals").lease(lease);
    let serving = tokio::spawn({
        let first = first.clone();
        async move { first.serve().await }
    });
    while HUNG.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // It dies without a word, in the middle.
    serving.abort();
    let _ = serving.await;
    drop(first);
    let second = Abide::connect(&url).await?.group("mortals").lease(lease);
    tokio::spawn(async move { second.serve().await });
    assert_eq!(execution.await?, 42);
    assert_eq!(STARTS.load(Ordering::Relaxed), 1, "what was recorded did not run again");
    Ok(())
}

static SLOW: Mutex<Vec<u32>> = Mutex::new(Vec::new());

#[durable]
async fn slow_and_quick() -> Result<u32> {
    // The remote call is done long before the local one: it must not wait for it.
    select! {
        n = slow() => n,
        n = double(4).on("quick") => {
            SLOW.lock().unwrap().push(0);
            n
        }
    }
}

#[durable]
async fn slow() -> Result<u32> {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    SLOW.lock().unwrap().push(1);
    Ok(0)
}

#[tokio::test]
async fn news_from_elsewhere_do_not_wait_for_local_work() -> Result<()> {
    for plain in [false, true] {
        news_do_not_wait_on(plain).await?;
    }
    Ok(())
}

async fn news_do_not_wait_on(plain: bool) -> Result<()> {
    let (url, _server) = server(plain).await;
    let quick = Abide::connect(&url).await?.group("quick");
    tokio::spawn(async move { quick.serve().await });
    let abide = Abide::connect(&url).await?;
    assert_eq!(abide.run("race", slow_and_quick()).await?, 8);
    assert_eq!(std::mem::take(&mut *SLOW.lock().unwrap()), [0]);
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let error = Abide::connect("http://127.0.0.1:9").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("abide dev"), "{error}");
}

#[durable]
async fn marathon(laps: u32) -> Result<u32> {
    let mut run = 0;
    for lap in 0..laps {
        run += double(lap).await?;
        sleep(Duration::from_millis(5)).await?;
        run += double(lap).on("runners").await?;
    }
    Ok(run)
}

#[tokio::test]
async fn an_execution_outlives_its_server() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let data = || Data::Directory(directory.path().join("data"));
    let (url, mut stop, mut serving) = serve(0, data(), false).await;
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/').parse().unwrap();
    let runners = Abide::connect(&url).await?.group("runners");
    tokio::spawn(async move { runners.serve().await });
    let abide = Abide::connect(&url).await?;
    let execution = tokio::spawn(async move { abide.run("marathon", marathon(20)).await });
    // It comes back with and without the extensions; what was begun goes on in any case.
    for plain in [false, true, false, true] {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(stop);
        serving.await?;
        (_, stop, serving) = serve(port, data(), plain).await;
    }
    assert_eq!(execution.await??, 20 * 19 * 2);
    Ok(())
}
