//! Worlds: what the kit for tests promises.

use std::time::Duration;

use abide::{
    prelude::*,
    test::{World, note},
};

#[durable]
async fn charge(cents: u64) -> Result<u64> {
    note("charge");
    Ok(cents)
}

#[durable]
async fn order(items: u64) -> Result<u64> {
    let mut sum = 0;
    for n in 1..=items {
        sum += charge(n).await?;
        sleep(Duration::from_secs(3_600)).await?;
    }
    Ok(sum)
}

#[test]
fn a_program_survives_a_crash_at_every_step() {
    let report = World::new()
        .crash_at_every_step()
        .same_records()
        .check(|run| {
            let charges = run.noted("charge");
            assert!((3..=4).contains(&charges), "{charges}");
        })
        .run(|abide| async move { abide.run("order/1", order(3)).await });
    println!("{report}");
    assert!(report.runs > 20, "{report}");
    assert_eq!(report.crashes, report.runs - 1);
}

#[test]
fn a_program_survives_a_server_with_losses() {
    let report = World::new()
        .seeds(0..100)
        .workers(2)
        .crash_randomly(0.05)
        .freeze_randomly(0.02)
        .lose_requests(0.05)
        .lose_messages(0.2)
        .repeat_messages(0.2)
        .restart_server(0.01)
        .same_records()
        .run(|abide| async move { abide.run("order/1", order(3)).await });
    println!("{report}");
    assert_eq!(report.runs, 100);
}

#[durable]
async fn long_sleep(days: u64) -> Result<()> {
    sleep(Duration::from_secs(days * 86_400)).await
}

#[test]
fn a_month_takes_no_time() {
    let report = World::new().run(|abide| async move { abide.run("long", long_sleep(30)).await });
    println!("{report}");
}

#[test]
fn a_seed_decides_everything() {
    let trace = |seed| {
        let trace = std::cell::RefCell::new(String::new());
        World::seed(seed)
            .workers(2)
            .crash_randomly(0.05)
            .freeze_randomly(0.05)
            .lose_requests(0.05)
            .lose_messages(0.1)
            .repeat_messages(0.1)
            .restart_server(0.01)
            .traces()
            .check(|run| drop(trace.replace(run.trace().to_owned())))
            .run(|abide| async move { abide.run("order/1", order(5)).await });
        trace.into_inner()
    };
    for seed in 0..10 {
        let (once, again) = (trace(seed), trace(seed));
        assert!(once.lines().count() > 20, "{once}");
        assert_eq!(once, again);
        assert_ne!(once, trace(seed + 1_000));
    }
}

#[durable]
async fn approved() -> Result<bool> {
    promise::<bool>().await
}

#[test]
#[should_panic(expected = "nothing has changed for 86400s (`patience` raises the limit). What is \
                           pending:\n    approved/1 = approved() (its task is Suspended at version \
                           1)\n    approved/1:1, a promise for somebody outside to settle")]
fn a_run_that_waits_for_ever_is_reported() {
    World::new().run(|abide| async move { abide.run("approved/1", approved()).await });
}

#[durable]
async fn restless() -> Result<()> {
    loop {
        charge(1).await?;
    }
}

#[test]
#[should_panic(expected = "after 1000 requests it has not ended (`steps` raises the limit)")]
fn a_run_that_goes_on_for_ever_is_reported() {
    World::new().steps(1_000).run(|abide| async move { abide.run("r", restless()).await });
}

#[test]
#[should_panic(expected = "is polled again and again and asks for nothing")]
fn a_run_that_spins_is_reported() {
    World::new().run(|_| async move {
        loop {
            tokio::task::yield_now().await;
        }
        #[allow(unreachable_code, reason = "it says what the block gives")]
        Ok(())
    });
}

#[test]
#[should_panic(expected = "it gives 2")]
fn a_result_that_depends_on_crashes_is_reported() {
    let lives = std::cell::Cell::new(0);
    World::new().crash_at(1).run(|abide| {
        lives.set(lives.get() + 1);
        let result = lives.get() / 2;
        async move {
            abide.run("order/1", order(1)).await?;
            Ok(result)
        }
    });
}

#[durable]
async fn fragile() -> Result<u32> {
    note("tried");
    abide::test::crash_once("in the middle").await;
    Ok(1)
}

#[test]
fn a_process_crashes_where_it_is_told_to_once() {
    World::new()
        .seeds(0..3)
        .check(|run| assert_eq!((run.crashes, run.noted("tried")), (1, 2)))
        .run(|abide| async move { abide.run("fragile", fragile()).await });
    World::new()
        .workers(1)
        .check(|run| assert_eq!((run.crashes, run.noted("tried")), (1, 2)))
        .run(|abide| async move { abide.run("fragile", fragile()).await });
}

#[durable]
async fn dated() -> Result<(u64, u64)> {
    let begun = now().await?;
    sleep(Duration::from_secs(1_000)).await?;
    let slept = now().await?.duration_since(begun).unwrap_or_default();
    let since = begun.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok((since.as_secs() / 86_400, slept.as_secs()))
}

#[test]
fn the_time_is_that_of_the_world() {
    World::new().crash_at_every_step().run(|abide| async move {
        let (day, slept) = abide.run("dated", dated()).await?;
        assert_eq!(day, 21_915, "the first of January 2030");
        assert!((1_000..1_002).contains(&slept), "{slept}");
        let passed = abide::test::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert!(passed.as_secs() >= 21_915 * 86_400 + 1_000);
        Ok(())
    });
}
