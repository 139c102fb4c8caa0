//! `select!`: abide's, tokio's biased and tokio's random one; races with timers and timeouts.

use abide::{ErrorKind, prelude::*};

use crate::{
    functions::{days, leaf, slow, slow_failure},
    survives::{Program, survives},
};

#[durable]
async fn selected() -> Result<Vec<u32>> {
    let mut won = Vec::new();
    for n in 1..=2 {
        won.push(select! {
            a = slow(n, 9) => a?,
            b = slow(10 * n, 2) => b? + leaf(1).await?,
        });
    }
    won.push(select! {
        a = async { slow(3, 1).await?; slow(4, 8).await } => a?,
        b = async { slow(5, 2).await?; slow(6, 2).await } => b?,
    });
    Ok(won)
}

#[test]
fn select_of_calls_and_of_blocks() {
    survives!("select", selected(), vec![11, 21, 6]);
}

#[durable]
async fn selected_by_tokio() -> Result<Vec<u32>> {
    let mut won = Vec::new();
    for n in 1..=2 {
        won.push(tokio::select! {
            a = slow(n, 9) => a?,
            b = slow(10 * n, 2) => b? + leaf(1).await?,
        });
    }
    won.push(tokio::select! {
        a = async { slow(3, 1).await?; slow(4, 8).await } => a?,
        b = async { slow(5, 2).await?; slow(6, 2).await } => b?,
    });
    Ok(won)
}

#[test]
fn tokios_random_select() {
    let program = Program { id: "random", call: || selected_by_tokio(), gives: vec![11, 21, 6] };
    program.survives_with_other_ids();
}

#[durable]
async fn interchangeable() -> Result<u32> {
    // The same call from both branches, and what follows differs.
    tokio::select! {
        a = slow(1, 2) => Ok(a?),
        b = slow(1, 2) => Ok(leaf(b?).await?),
    }
}

#[test]
fn tokios_random_select_of_equal_calls() {
    let program = Program { id: "equal", call: || interchangeable(), gives: 1 };
    program.survives_with_other_ids();
}

#[durable]
async fn biased() -> Result<u32> {
    tokio::select! {
        biased;
        a = slow_failure(1, 5) => a,
        b = slow(2, 4) => b,
        c = leaf(3), if false => c,
    }
}

#[test]
fn tokios_biased_select() {
    survives!("biased", biased(), 2);
}

#[durable]
async fn timed_out() -> Result<Vec<String>> {
    let late = slow(1, 9).timeout(days(2)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    let in_time = slow(2, 1).timeout(days(5)).await?;
    let raced = select! {
        n = slow(3, 9) => n?,
        end = sleep(days(1)) => { end?; leaf(4).await? }
    };
    let elsewhere = slow(5, 9).on("default").timeout(days(1)).await.unwrap_err();
    Ok(vec![
        late.code().to_owned(),
        in_time.to_string(),
        raced.to_string(),
        elsewhere.code().to_owned(),
    ])
}

#[test]
fn timeouts() {
    let gives = ["timeout", "2", "4", "timeout"].map(str::to_owned);
    survives!("timeouts", timed_out(), gives.to_vec());
}
