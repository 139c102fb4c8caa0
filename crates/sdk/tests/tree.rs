//! The tree: what outlives its caller, what ends with it, and what has an id of its own.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide::{ErrorKind, prelude::*};

static RECEIPTS: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn send_receipt(n: u32) -> Result<u32> {
    sleep(Duration::from_millis(20)).await?;
    RECEIPTS.fetch_add(n, Ordering::Relaxed);
    Ok(n)
}

#[durable]
async fn order(n: u32) -> Result<String> {
    // The last thing it does: it is durable before the result is.
    Ok(send_receipt(n).detach().id().to_owned())
}

#[tokio::test]
async fn a_detached_call_outlives_its_caller() -> Result<()> {
    let abide = Abide::memory().await?;
    let receipt = abide.run("order", order(5)).await?;
    assert_eq!(receipt, "order:1");
    assert_eq!(abide.get::<u32>(&receipt).await?, 5);
    assert_eq!(RECEIPTS.load(Ordering::Relaxed), 5);
    Ok(())
}

#[durable]
async fn patient() -> Result<u32> {
    sleep(Duration::from_millis(80)).await?;
    Ok(7)
}

#[durable]
async fn detaches_and_waits() -> Result<u32> {
    patient().timeout(Duration::from_secs(60)).detach().await
}

#[tokio::test]
async fn a_detached_call_may_be_awaited_and_has_a_deadline_of_its_own() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("waits", detaches_and_waits()).await?, 7);
    let hurried = detaches_and_waits().timeout(Duration::from_millis(20));
    assert_eq!(abide.run("hurried", hurried).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(abide.get::<u32>("hurried:1").await?, 7);
    Ok(())
}

#[durable(on = "other")]
async fn elsewhere(n: u32) -> Result<u32> {
    Ok(n + 1)
}

#[durable]
async fn sends_away() -> Result<Vec<String>> {
    let by_function = elsewhere(1).detach();
    let by_name = rpc::<u32>("elsewhere", (2,)).on("other").tag("for", "ada").detach();
    let shared = elsewhere(3).id("elsewhere/3").detach();
    assert_eq!(shared.id(), "elsewhere/3");
    Ok([by_function, by_name, shared].map(|promise| promise.id().to_owned()).into())
}

#[tokio::test]
async fn another_group_executes_detached_calls() -> Result<()> {
    let abide = Abide::memory().await?;
    let ids = abide.run("sends", sends_away()).await?;
    let other = abide.clone().group("other");
    let serving = tokio::spawn(async move { other.serve().await });
    for (id, gives) in ids.iter().zip([2, 3, 4]) {
        assert_eq!(abide.get::<u32>(id).await?, gives);
    }
    serving.abort();
    Ok(())
}

#[durable]
async fn misuses() -> Result<Vec<String>> {
    let mut codes = Vec::new();
    let mut note = |error: Error| codes.push(format!("{} {}", error.code(), error.message()));
    note(step("charge", || async { Ok(1) }).detach().await.unwrap_err());
    note(sleep(Duration::ZERO).detach().await.unwrap_err());
    note(now().detach().await.unwrap_err());
    note(rpc::<u32>("nobody_knows", ()).detach().await.unwrap_err());
    note(step("charge", || async { Ok(1) }).on("group").await.unwrap_err());
    note(step("charge", || async { Ok(1) }).id("charge/1").await.unwrap_err());
    note(sleep(Duration::ZERO).timeout(Duration::ZERO).await.unwrap_err());
    note(sleep(Duration::ZERO).retry(Retry::never()).await.unwrap_err());
    note(patient().id("patient:1").await.unwrap_err());
    let picky = || patient().retry(Retry::never().when(|_| false));
    note(picky().id("patient/1").await.unwrap_err());
    note(picky().on("group").await.unwrap_err());
    note(picky().detach().await.unwrap_err());
    Ok(codes)
}

#[tokio::test]
async fn options_that_make_no_sense_say_so() -> Result<()> {
    let abide = Abide::memory().await?;
    let said = abide.run("misuses", misuses()).await?;
    let codes: Vec<_> = said.iter().map(|said| said.split(' ').next().unwrap()).collect();
    assert_eq!(codes[..3], ["not_a_function"; 3], "{said:?}");
    assert_eq!(codes[3], "no_group");
    assert_eq!(codes[4..6], ["not_a_function"; 2], "{said:?}");
    assert_eq!(codes[6..8], ["timer_option"; 2]);
    assert_eq!(codes[8], "bad_id");
    assert_eq!(codes[9..], ["retry_predicate"; 3]);
    let error = abide.run("one", patient().id("two")).await.unwrap_err();
    assert_eq!(error.code(), "two_ids");
    Ok(())
}

static WARM_UPS: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn warm_up(user: u32) -> Result<u32> {
    WARM_UPS.fetch_add(1, Ordering::Relaxed);
    sleep(Duration::from_millis(20)).await?;
    Ok(user * 2)
}

#[durable]
async fn visit(user: u32, id: String) -> Result<u32> {
    let before = warm_up(user).id(&id).await?;
    let again = warm_up(user).id(&id).spawn();
    assert_eq!(again.id(), id);
    Ok(before + again.await?)
}

#[tokio::test]
async fn one_id_is_one_execution_whoever_asks() -> Result<()> {
    let abide = Abide::memory().await?;
    let visits: Vec<_> = (0..5).map(|n| format!("visit/{n}")).collect();
    let visits = visits.iter().map(|id| abide.run(id, visit(21, "warm-up/21".into())));
    assert_eq!(futures_util::future::try_join_all(visits).await?, [84; 5]);
    assert_eq!(abide.run("warm-up/21", warm_up(21)).await?, 42);
    assert_eq!(WARM_UPS.load(Ordering::Relaxed), 1);
    let error = abide.run("other", visit(22, "warm-up/21".into())).await.unwrap_err();
    assert_eq!(error.code(), "id_in_use", "{error}");
    let error = abide.run("self", visit(1, "self".into())).await.unwrap_err();
    assert_eq!(error.code(), "waits_for_itself", "{error}");
    Ok(())
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Refusal {
    Closed,
    Other(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error.to_string())
    }
}

#[durable(retry = Retry::never())]
async fn refuses() -> Result<u32, Refusal> {
    Err(Refusal::Closed)
}

#[durable]
async fn is_refused() -> Result<bool> {
    Ok(refuses().id("refuses").await.unwrap_err() == Refusal::Closed)
}

#[durable]
async fn never_comes() -> Result<u32> {
    promise::<u32>().await
}

#[durable]
async fn waits_for_one_that_is(how: String) -> Result<String> {
    let call = never_comes().id(&how).cancel_on_drop();
    let call = if how == "late" { call.timeout(Duration::from_millis(20)) } else { call };
    Ok(format!("{:?}", call.await.unwrap_err().kind()))
}

#[tokio::test]
async fn an_execution_with_an_id_ends_for_its_callers_as_it_ended() -> Result<()> {
    let abide = Abide::memory().await?;
    assert!(abide.run("refused", is_refused()).await?);
    assert_eq!(abide.run("a", waits_for_one_that_is("late".into())).await?, "Timeout");
    let waiting = abide.start("b", waits_for_one_that_is("canceled".into())).await?;
    while let Err(error) = abide.get::<u32>("canceled").cancel().await {
        assert_eq!(error.code(), "not_found");
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting.await?, "Canceled");
    Ok(())
}

static STOPPED: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[durable]
async fn endless(name: String) -> Result<u32> {
    STOPPED.lock().unwrap().push(name.clone());
    promise::<u32>().await
}

#[durable]
async fn races() -> Result<u32> {
    let remote = endless("remote".into()).on("default").cancel_on_drop();
    let raced = select! {
        n = remote => n?,
        n = patient() => n?,
    };
    let spawned = endless("spawned".into()).spawn();
    let (canceled, left) = (spawned.id().to_owned(), endless("left".into()).on("default").spawn());
    sleep(Duration::from_millis(5)).await?;
    spawned.cancel();
    left.cancel();
    assert_eq!(canceled, "races:3");
    Ok(raced)
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_canceled() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("races", races()).await?, 7);
    let mut ended = 0;
    for child in 1..6 {
        let Ok(result) = tokio::time::timeout(Duration::from_secs(10), async {
            abide.get::<serde_json::Value>(&format!("races:{child}")).await
        })
        .await
        else {
            panic!("races:{child} is pending");
        };
        ended += u32::from(result.is_err_and(|error| error.kind() == ErrorKind::Canceled));
    }
    assert_eq!(ended, 3);
    Ok(())
}
