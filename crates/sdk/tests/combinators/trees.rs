//! What outlives its caller, is shared, or is canceled.

use std::time::Duration;

use abide::{ErrorKind, prelude::*, test::World};

use crate::functions::{days, leaf, slow};

/// Seeds of the runs behind a server.
const SEEDS: std::ops::Range<u64> = 0..6;

/// Runs a program under a crash at every step, and behind a server where much goes wrong.
fn survives<F, Fut>(program: F)
where
    F: Fn(Abide) -> Fut + Clone + 'static,
    Fut: Future<Output = Result<()>> + 'static,
{
    let report = World::new().crash_at_every_step().run(program.clone());
    assert_eq!(report.crashes, report.runs - 1, "{report}");
    assert!(report.runs > 6, "{report}");
    let world = World::new().seeds(SEEDS).workers(2).crash_randomly(0.05).freeze_randomly(0.02);
    world.lose_requests(0.02).lose_messages(0.1).repeat_messages(0.1).run(program);
}

#[durable]
async fn detaches() -> Result<u32> {
    slow(1, 9).detach();
    let awaited = slow(2, 3).detach();
    let sum = leaf(5).await? + awaited.await?;
    slow(3, 1).detach();
    Ok(sum)
}

#[test]
fn detached_calls_are_there_when_their_caller_has_ended() {
    survives(|abide| async move {
        assert_eq!(abide.run("detaches", detaches()).await?, 7);
        for (child, gives) in [(1, 1), (2, 2), (4, 3)] {
            assert_eq!(abide.get::<u32>(&format!("detaches:{child}")).await?, gives);
        }
        Ok(())
    });
}

#[durable]
async fn brief(n: u32, minutes: u64) -> Result<u32> {
    sleep(Duration::from_secs(60 * minutes)).await?;
    leaf(n).await
}

#[durable]
async fn shares(n: u32) -> Result<u32> {
    let (a, b) = try_join!(brief(n, 2).id("shared/a"), brief(n, 2).id("shared/a"))?;
    let c = brief(4, 1).id("shared/b").on("default").await?;
    leaf(1).id("shared/c").detach();
    Ok(a + b + c)
}

#[test]
fn calls_with_one_id_are_one_execution() {
    survives(|abide| async move {
        let (one, two) = (abide.run("one", shares(3)), abide.run("two", shares(3)));
        assert_eq!(futures_util::future::try_join(one, two).await?, (10, 10));
        assert_eq!(abide.get::<u32>("shared/a").await?, 3);
        // The child is there when its caller has ended; it sees to it that the execution is, too.
        assert_eq!(abide.get::<u32>("one:4").await?, 1);
        assert_eq!(abide.get::<u32>("shared/c").await?, 1);
        let error = abide.run("three", shares(5)).await.unwrap_err();
        assert_eq!(error.code(), "id_in_use", "{error}");
        Ok(())
    });
}

#[durable]
async fn forever(n: u32) -> Result<u32> {
    let below = nobody_answers(n).on("default").spawn();
    Ok(nobody_answers(n).await? + below.await?)
}

#[durable]
async fn nobody_answers(n: u32) -> Result<u32> {
    Ok(n + promise::<u32>().await?)
}

#[durable]
async fn cancels() -> Result<u32> {
    let raced = select! {
        n = forever(1).on("default").cancel_on_drop() => n?,
        n = slow(2, 1) => n?,
    };
    let spawned = forever(3).spawn();
    let local = select! {
        n = forever(4).cancel_on_drop() => n?,
        () = async { sleep(days(1)).await.unwrap() } => 1,
    };
    spawned.cancel();
    let unanswered = promise::<u32>().cancel_on_drop();
    let told = leaf(unanswered.id().len() as u32).await?;
    Ok(raced + local + u32::from(told > 0) + leaf(1).await?)
}

#[test]
fn canceled_calls_end_with_all_that_is_below_them() {
    survives(|abide| async move {
        assert_eq!(abide.run("cancels", cancels()).await?, 5);
        // The remote race, what was spawned, the local race, and the promise.
        let mut canceled = 0;
        for child in 1..=8 {
            let id = format!("cancels:{child}");
            match abide.get::<serde_json::Value>(&id).status().await {
                Ok(_) => {}
                Err(error) if error.code() == "not_found" => continue,
                Err(error) => return Err(error),
            }
            let ended = abide.get::<serde_json::Value>(&id).await;
            if ended.is_err_and(|error| error.kind() == ErrorKind::Canceled) {
                canceled += 1;
                for below in 1..=2 {
                    let ended = abide.get::<u32>(&format!("{id}.{below}")).await;
                    match ended.unwrap_err() {
                        error if error.code() == "not_found" => {}
                        error => assert_eq!(error.kind(), ErrorKind::Canceled),
                    }
                }
            }
        }
        assert_eq!(canceled, 4);
        Ok(())
    });
}
