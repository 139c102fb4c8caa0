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
