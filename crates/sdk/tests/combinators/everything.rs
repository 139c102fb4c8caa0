//! All of it in one program.

use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use abide::{
    prelude::*,
    test::{Run, World},
};

use crate::functions::{days, leaf, slow};

#[durable]
async fn nested_pair(n: u32) -> Result<u32> {
    let a = leaf(n).await?;
    sleep(Duration::from_millis(2)).await?;
    let b = leaf(n + 1).await?;
    Ok(a + b)
}

#[durable]
async fn everything() -> Result<Vec<u32>> {
    let first = leaf(1).await?;
    let spawned = nested_pair(10).spawn();
    let (a, b) = try_join!(leaf(2), nested_pair(20))?;
    let raced = select! {
        n = nested_pair(30) => n?,
        _ = sleep(days(1)) => 0,
    };
    let approval = promise::<u32>().named("approval");
    approve(approval.id().to_owned()).on("approvers").await?;
    let approved = approval.await?;
    let remote = rpc::<u32>("nested_pair", (40,)).on("default").await?;
    let late = slow(50, 3).timeout(days(1)).await.unwrap_or(51);
    Ok(vec![first, a, b, raced, approved, remote, spawned.await?, late])
}

/// Asks somebody, who is the process beside.
#[durable]
async fn approve(id: String) -> Result<()> {
    APPROVALS.with_borrow_mut(|approvals| approvals.insert(id));
    Ok(())
}

thread_local! {
    static APPROVALS: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Approves whatever is to be approved, again and again.
async fn approver(abide: Abide) -> Result<()> {
    let abide = abide.group("approvers");
    let settle = async {
        loop {
            for id in APPROVALS.with_borrow(Clone::clone) {
                match abide.get(&id).resolve(&7_u32).await {
                    Ok(()) => drop(APPROVALS.with_borrow_mut(|approvals| approvals.remove(&id))),
                    // Of a run before this one.
                    Err(error) if error.code() == "not_found" => {}
                    Err(error) => return Err(error),
                }
            }
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
    };
    select! { done = settle => done, done = abide.serve() => done }
}

fn few_leaves_run_again(run: &Run) {
    let again: u64 = run.notes().map(|(_, _, times)| times - 1).sum();
    let most = 4 * (run.crashes + run.freezes);
    assert!(again <= most, "{again} leaves ran again after {} crashes", run.crashes);
}

#[test]
fn everything_at_once() {
    let gives = [1, 2, 41, 61, 7, 81, 21, 51];
    let world = || World::new().process("approver", approver).check(few_leaves_run_again);
    let run = async |abide: Abide| {
        assert_eq!(abide.run("everything", everything()).await?, gives);
        Ok(())
    };
    let report = world().crash_at_every_step().run(run);
    assert!(report.runs > 80, "{report}");
    world().crash_every(5).run(run);
    let all_goes_wrong = world().seeds(0..10).workers(2).crash_randomly(0.05).freeze_randomly(0.02);
    all_goes_wrong.lose_messages(0.1).repeat_messages(0.1).lose_requests(0.02).run(run);
}
