//! Promises that somebody outside settles, and calls that somebody else executes.

use std::time::Duration;

use abide::{prelude::*, test::World};

use crate::{
    functions::{leaf, slow},
    survives::survives,
};

#[durable]
async fn approved(n: u32) -> Result<u32> {
    let first = promise::<u32>().named("first");
    let second = promise::<u32>().named("second");
    let (first, n) = try_join!(first, leaf(n))?;
    Ok(100 * n + 10 * first + second.await?)
}

#[test]
fn promises_that_are_settled_from_outside() {
    let approve = |abide: Abide| async move {
        let settle = async |id: &str, value: u32| loop {
            // It comes to exist when the function asks for it.
            match abide.get(id).resolve(&value).await {
                Err(error) if error.code() == "not_found" => {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                done => return done,
            }
        };
        let settle = async { try_join!(settle("approved:3", 5), settle("approved:1", 4)) };
        let (approved, _) = try_join!(abide.run("approved", approved(3)), settle)?;
        assert_eq!(approved, 345);
        Ok(())
    };
    World::new().same_records().crash_at_every_step().run(approve);
    World::new().seeds(0..5).workers(1).crash_randomly(0.1).lose_requests(0.1).run(approve);
}

#[durable]
async fn remote() -> Result<Vec<u32>> {
    let (a, b) = try_join!(slow(1, 2).on("default"), rpc::<u32>("slow", (2, 1)).on("default"))?;
    let spawned = leaf(3).on("default").spawn();
    let won = select! {
        n = slow(4, 9).on("default") => n?,
        n = leaf(5).on("default") => n?,
    };
    Ok(vec![a, b, won, spawned.await?])
}

#[test]
fn calls_to_the_same_group() {
    survives!("remote", remote(), vec![1, 2, 5, 3]);
}

#[durable]
async fn distributed() -> Result<Vec<u32>> {
    let (a, b) = try_join!(slow(1, 2).on("others"), nested_elsewhere(2).on("others"))?;
    Ok(vec![a, b, leaf(3).await?])
}

#[durable]
async fn nested_elsewhere(n: u32) -> Result<u32> {
    Ok(leaf(n).on("default").await? + leaf(n).await?)
}

#[test]
fn calls_to_another_group() {
    let world = || World::new().same_records().group("others", 2);
    let run = |world: World<'_>| {
        world.run(|abide| async move { abide.run("distributed", distributed()).await })
    };
    let report = run(world().crash_at_every_step());
    assert_eq!(report.crashes, report.runs - 1, "{report}");
    run(world().freeze_at_every_step());
    run(world().seeds(0..10).crash_randomly(0.1).lose_messages(0.2).restart_server(0.02));
}
