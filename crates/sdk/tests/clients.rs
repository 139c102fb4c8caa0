//! Promises, tasks and schedules from outside.

use std::time::{Duration, SystemTime};

use abide::{
    ErrorKind,
    client::{Status, TaskState},
    prelude::*,
};

#[durable]
async fn add(a: u32, b: u32) -> Result<u32> {
    Ok(a + b)
}

#[durable(timeout = "1h")]
async fn waits() -> Result<String> {
    promise::<String>().await
}

#[tokio::test]
async fn a_promise_is_created_once_and_settled_once() -> Result<()> {
    let abide = Abide::memory().await?;
    let promises = abide.promises();
    let created = promises.create::<u32>("p").tag("kind", "test").param(&("x", 1)).await?;
    assert_eq!(created.status().await?, Status::Pending);
    assert!(!created.is_settled().await?);
    let again = promises.create::<u32>("p").timeout(Duration::ZERO).await?;
    let settled = promises.resolve("p", &5).await?;
    assert_eq!((settled.id(), settled.status()), ("p", Status::Resolved));
    // The first word is the last.
    let late = promises.reject("p", &Error::application("no")).await?;
    assert_eq!(late.result::<u32>().unwrap()?, 5);
    assert_eq!(promises.cancel("p").await?.status(), Status::Resolved);
    assert_eq!((created.await?, again.await?), (5, 5));
    let record = promises.get("p").await?;
    assert_eq!((record.tag("kind"), record.deadline()), (Some("test"), None));
    assert!(record.settled_at().unwrap() >= record.created_at());
    assert!(record.created_at() <= SystemTime::now());
    assert_eq!((record.function(), record.arguments::<()>().is_err()), (None, true));
    assert_eq!(record.param::<(String, u32)>()?, ("x".to_owned(), 1));
    Ok(())
}

#[tokio::test]
async fn promises_are_rejected_canceled_and_time_out() -> Result<()> {
    let abide = Abide::memory().await?;
    let promises = abide.promises();
    let rejected = promises.create::<u32>("rejected").await?;
    promises.reject("rejected", &Error::permanent("no")).await?;
    let error = rejected.await.unwrap_err();
    assert_eq!((error.message(), error.is_permanent()), ("no", true));
    let canceled = promises.create::<u32>("canceled").await?;
    promises.cancel("canceled").await?;
    assert_eq!(canceled.await.unwrap_err().kind(), ErrorKind::Canceled);
    let late = promises.create::<u32>("late").timeout(Duration::from_millis(20)).await?;
    assert_eq!(late.await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(promises.get("late").await?.status(), Status::TimedOut);
    for error in [
        promises.get("nobody").await.unwrap_err(),
        promises.resolve("nobody", &1).await.unwrap_err(),
        abide.tasks().get("nobody").await.unwrap_err(),
        abide.tasks().halt("nobody").await.unwrap_err(),
        abide.schedules().get("nobody").await.unwrap_err(),
        abide.schedules().delete("nobody").await.unwrap_err(),
    ] {
        assert_eq!((error.code(), error.id()), ("not_found", Some("nobody")));
    }
    Ok(())
}

#[tokio::test]
async fn a_search_goes_through_all_pages() -> Result<()> {
    const MANY: usize = 2_345;
    let abide = Abide::memory().await?;
    let create = |n| {
        let promises = abide.promises();
        async move { promises.create::<()>(&format!("p/{n:04}")).tag("even", even(n)).await }
    };
    futures_util::future::try_join_all((0..MANY).map(create)).await?;
    abide.promises().cancel("p/0004").await?;
    let all = abide.promises().search().stream().all().await?;
    let ids: Vec<_> = all.iter().map(|promise| promise.id().to_owned()).collect();
    let expected: Vec<_> = (0..MANY).map(|n| format!("p/{n:04}")).collect();
    assert_eq!(ids, expected);
    let mut pending = abide.promises().search().status(Status::Pending).tag("even", "yes").stream();
    let mut found = 0;
    while let Some(promise) = pending.next().await {
        assert_ne!(promise?.id(), "p/0004");
        found += 1;
    }
    assert_eq!(found, MANY.div_ceil(2) - 1);
    Ok(())
}

fn even(n: usize) -> &'static str {
    if n.is_multiple_of(2) { "yes" } else { "no" }
}

#[tokio::test]
async fn an_execution_can_be_looked_at_halted_and_resumed() -> Result<()> {
    let abide = Abide::memory().await?;
    let execution = abide.start("w", waits()).await?;
    let record = abide.promises().get("w").await?;
    assert_eq!(record.function().as_deref(), Some("waits"));
    let hour = record.deadline().unwrap().duration_since(record.created_at())?;
    assert!((3_599..3_700).contains(&hour.as_secs()), "{hour:?}");
    abide.tasks().halt("w").await?;
    let task = abide.tasks().get("w").await?;
    assert_eq!((task.state(), task.process(), task.lease()), (TaskState::Halted, None, None));
    let halted = abide.tasks().search().state(TaskState::Halted).stream().all().await?;
    assert_eq!(halted.iter().map(|task| task.id()).collect::<Vec<_>>(), ["w"]);
    assert_eq!(halted[0].version(), task.version());
    abide.tasks().resume("w").await?;
    let error = abide.tasks().resume("w").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "refused"));
    loop {
        match abide.promises().resolve("w:1", &"done").await {
            Ok(_) => break,
            Err(error) if error.code() == "not_found" => tokio::task::yield_now().await,
            Err(error) => return Err(error),
        }
    }
    assert_eq!(execution.await?, "done");
    Ok(())
}

#[tokio::test]
async fn a_schedule_is_created_once_and_runs() -> Result<()> {
    let abide = Abide::memory().await?;
    // Six fields: every second.
    let schedule = abide.schedule("tick", "* * * * * *", add(1, 2).tag("team", "a")).await?;
    assert_eq!((schedule.id(), schedule.cron()), ("tick", "* * * * * *"));
    assert_eq!((schedule.function().as_deref(), schedule.tag("team")), (Some("add"), Some("a")));
    abide.schedule("tick", "* * * * * *", add(1, 2)).await?;
    for other in [
        abide.schedule("tick", "0 9 * * *", add(1, 2)).await,
        abide.schedule("tick", "* * * * * *", add(1, 3)).await,
    ] {
        assert_eq!(other.unwrap_err().code(), "id_in_use");
    }
    let first = schedule.execution_at(schedule.next_at());
    loop {
        match abide.promises().get(&first).await {
            Ok(_) => break,
            Err(error) if error.code() == "not_found" => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error),
        }
    }
    assert_eq!(abide.get::<u32>(&first).await?, 3);
    let after = abide.schedules().get("tick").await?;
    assert!(after.last_at().is_some_and(|last| last >= schedule.next_at()));
    assert_eq!(abide.schedules().search().tag("team", "a").stream().all().await?.len(), 1);
    assert_eq!(abide.schedules().search().tag("team", "b").stream().all().await?.len(), 0);
    abide.schedules().delete("tick").await?;
    assert_eq!(abide.schedules().get("tick").await.unwrap_err().code(), "not_found");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_scheduled_is_refused() -> Result<()> {
    let abide = Abide::memory().await?;
    let error = abide.schedule("bad", "every day", add(1, 2)).await.unwrap_err();
    assert_eq!((error.code(), error.id()), ("refused", Some("bad")), "{error}");
    let error = abide.schedule("bad", "0 9 * * *", sleep(Duration::ZERO)).await.unwrap_err();
    assert_eq!(error.code(), "not_a_function");
    Ok(())
}
