//! The programming model on the real engine in memory.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use abide::{ErrorKind, prelude::*};

#[durable]
async fn add(a: u32, b: u32) -> Result<u32> {
    Ok(a + b)
}

#[durable]
async fn sum(from: u32, to: u32) -> Result<u32> {
    let mut sum = 0;
    for n in from..=to {
        sum = add(sum, n).await?;
    }
    Ok(sum)
}

#[durable]
async fn nothing() -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn calls_run_one_after_the_other() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("sum/1", sum(1, 10)).await?, 55);
    abide.run("nothing/1", nothing()).await
}

#[tokio::test]
async fn an_id_means_one_execution() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("sum", sum(1, 3)).await?, 6);
    assert_eq!(abide.run("sum", sum(1, 3)).await?, 6);
    assert_eq!(abide.get::<u32>("sum").await?, 6);
    let error = abide.run("sum", sum(1, 4)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "id_in_use"));
    Ok(())
}

#[durable]
async fn sleepy(n: u32) -> Result<u32> {
    sleep(Duration::from_millis(30)).await?;
    Ok(n)
}

#[durable]
async fn all_combinators() -> Result<Vec<u32>> {
    let (a, b) = try_join!(add(1, 1), sleepy(3))?;
    let spawned = sleepy(4).spawn();
    let raced = select! {
        n = sleepy(5) => n?,
        _ = sleep(Duration::from_secs(3_600)) => 0,
    };
    let mut all = futures_util::future::try_join_all((6..9).map(sleepy)).await?;
    all.extend([a, b, spawned.await?, raced]);
    Ok(all)
}

#[tokio::test]
async fn calls_are_futures() -> Result<()> {
    let abide = Abide::memory().await?;
    let all = abide.run("all", all_combinators()).await?;
    assert_eq!(all, [6, 7, 8, 2, 3, 4, 5]);
    Ok(())
}

#[durable]
async fn approved() -> Result<String> {
    let approval = promise::<bool>();
    tell_the_test(approval.id()).await?;
    Ok(if approval.await? { "yes" } else { "no" }.to_owned())
}

#[durable]
async fn tell_the_test(id: String) -> Result<()> {
    assert_eq!(id, "approved/1:1");
    Ok(())
}

#[tokio::test]
async fn a_promise_is_settled_from_outside() -> Result<()> {
    let abide = Abide::memory().await?;
    let execution = abide.start("approved/1", approved()).await?;
    loop {
        // The promise comes to exist when the function asks for it.
        match abide.get("approved/1:1").resolve(&true).await {
            Ok(()) => break,
            Err(error) if error.code() == "not_found" => tokio::task::yield_now().await,
            Err(error) => return Err(error),
        }
    }
    assert_eq!(execution.await?, "yes");
    Ok(())
}

#[durable(retry = Retry::fixed(Duration::from_millis(1)).attempts(5))]
async fn third_time_lucky() -> Result<u32> {
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    match ATTEMPTS.fetch_add(1, Ordering::Relaxed) + 1 {
        3 => Ok(3),
        n => Err(Error::application(format!("attempt {n}"))),
    }
}

#[durable]
async fn hopeless() -> Result<u32> {
    Err(Error::permanent("there is no hope"))
}

#[durable]
async fn panicking() -> Result<u32> {
    panic!("all is lost")
}

#[durable]
async fn failures() -> Result<(u32, String, String)> {
    let lucky = third_time_lucky().await?;
    let hopeless = hopeless().await.unwrap_err();
    let panicked = panicking().retry(Retry::never()).await.unwrap_err();
    Ok((lucky, hopeless.message().to_owned(), panicked.message().to_owned()))
}

#[tokio::test]
async fn leaves_are_retried() -> Result<()> {
    let abide = Abide::memory().await?;
    let (lucky, hopeless, panicked) = abide.run("failures", failures()).await?;
    assert_eq!(lucky, 3);
    assert_eq!((&*hopeless, &*panicked), ("there is no hope", "all is lost"));
    Ok(())
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Refusal {
    Declined { reason: String },
    Other(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error.to_string())
    }
}

#[durable(retry = Retry::never())]
async fn charge(cents: u64) -> Result<u64, Refusal> {
    if cents > 100 {
        return Err(Refusal::Declined { reason: "too much".into() });
    }
    Ok(cents)
}

#[durable]
async fn shop(cents: u64) -> Result<u64, Refusal> {
    charge(cents).await
}

#[tokio::test]
async fn errors_keep_their_type() {
    let abide = Abide::memory().await.unwrap();
    assert_eq!(abide.run("shop/1", shop(50)).await, Ok(50));
    let declined = Refusal::Declined { reason: "too much".into() };
    assert_eq!(abide.run("shop/2", shop(500)).await, Err(declined));
}

#[durable]
async fn steps(name: String) -> Result<String> {
    let greeting = {
        let name = name.clone();
        step("greet", move || {
            let name = name.clone();
            async move { Ok(format!("hello {name}")) }
        })
        .await?
    };
    let (a, b) = try_join!(step("a", || async { Ok(1) }), step("b", || async { Ok(2) }))?;
    Ok(format!("{greeting} {a} {b}"))
}

#[durable]
async fn equal_steps() -> Result<u32> {
    let (a, b) = try_join!(step("a", || async { Ok(1) }), step("a", || async { Ok(2) }))?;
    Ok(a + b)
}

#[tokio::test]
async fn steps_have_names() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("steps", steps("Ada".into())).await?, "hello Ada 1 2");
    let error = abide.run("equal", equal_steps()).await.unwrap_err();
    assert_eq!(error.code(), "same_name", "{error}");
    Ok(())
}

#[tokio::test]
async fn calls_outside_an_execution_say_so() {
    let error = add(1, 2).await.unwrap_err();
    assert_eq!(error.code(), "outside");
    let error = add(1, 2).spawn().await.unwrap_err();
    assert_eq!(error.code(), "outside");
}

#[durable]
async fn foreign() -> Result<u32> {
    nothing().await?;
    tokio::time::sleep(Duration::from_millis(1)).await;
    add(1, 2).await
}

#[durable]
async fn behind_the_back() -> Result<u32> {
    tokio::spawn(add(1, 2)).await?
}

#[tokio::test]
async fn what_is_not_durable_may_not_move_a_function() -> Result<()> {
    let abide = Abide::memory().await?;
    let error = abide.run("foreign", foreign()).await.unwrap_err();
    assert_eq!(error.code(), "foreign_wake", "{error}");
    let error = abide.run("behind", behind_the_back().retry(Retry::never())).await.unwrap_err();
    assert_eq!(error.code(), "outside", "{error}");
    Ok(())
}

#[durable]
async fn yields() -> Result<u32> {
    let mut sum = 0;
    for n in 0..5 {
        tokio::task::yield_now().await;
        sum = add(sum, n).await?;
    }
    tokio::task::yield_now().await;
    Ok(sum)
}

async fn give_way_often() -> Result<()> {
    let abide = Abide::memory().await?;
    for n in 0..50 {
        assert_eq!(abide.run(&format!("yields/{n}"), yields()).await?, 10);
    }
    Ok(())
}

#[tokio::test]
async fn giving_way_to_the_runtime_is_allowed() -> Result<()> {
    give_way_often().await
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_way_to_a_runtime_of_several_threads_is_allowed() -> Result<()> {
    give_way_often().await
}

#[durable(on = "workers")]
async fn elsewhere(n: u32) -> Result<u32> {
    Ok(n * 2)
}

#[durable]
async fn fan_out(n: u32) -> Result<u32> {
    let calls = (0..n).map(elsewhere);
    Ok(futures_util::future::try_join_all(calls).await?.into_iter().sum())
}

#[tokio::test]
async fn another_group_executes_calls() -> Result<()> {
    let abide = Abide::memory().await?;
    let workers = abide.clone().group("workers");
    let serving = tokio::spawn(async move { workers.serve().await });
    assert_eq!(abide.run("direct", elsewhere(21)).await?, 42);
    assert_eq!(abide.run("fan-out", fan_out(100)).await?, 9_900);
    assert_eq!(abide.run("by-name", caller()).await?, 14);
    serving.abort();
    Ok(())
}

#[durable]
async fn caller() -> Result<u32> {
    rpc::<u32>("elsewhere", (7,)).on("workers").await
}

#[durable]
async fn too_slow() -> Result<u32> {
    std::future::pending().await
}

#[durable]
async fn impatient() -> Result<String> {
    let here = too_slow().timeout(Duration::from_millis(30)).await.unwrap_err();
    let there = elsewhere(1).timeout(Duration::from_millis(30)).await.unwrap_err();
    assert_eq!(here.kind(), there.kind());
    Ok(format!("{:?}", here.kind()))
}

#[tokio::test]
async fn calls_time_out() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("impatient", impatient()).await?, "Timeout");
    Ok(())
}

#[durable]
async fn patient(stage: String) -> Result<String> {
    let decision: String = promise::<String>().await?;
    Ok(format!("{stage}: {decision}"))
}

#[tokio::test]
async fn an_execution_is_canceled_from_outside() -> Result<()> {
    let abide = Abide::memory().await?;
    let execution = abide.start("patient", patient("a".into())).await?;
    abide.get::<String>("patient").cancel().await?;
    assert_eq!(execution.await.unwrap_err().kind(), ErrorKind::Canceled);
    Ok(())
}

static SEEN: std::sync::Mutex<Vec<u64>> = std::sync::Mutex::new(Vec::new());

#[durable]
async fn drawn_in_two_lives() -> Result<bool> {
    let (number, _, _) = (random().await?, now().await?, uuid().await?);
    SEEN.lock().unwrap().push(number);
    sleep(Duration::from_millis(1)).await?;
    let seen = SEEN.lock().unwrap();
    Ok(seen.len() == 2 && seen[0] == seen[1])
}

#[tokio::test]
async fn what_is_drawn_stays_drawn() -> Result<()> {
    // Nothing stays in memory, so the function runs from the top after its sleep.
    let abide = Abide::memory().await?.warm(0);
    assert!(abide.run("lives", drawn_in_two_lives()).await?);
    Ok(())
}
