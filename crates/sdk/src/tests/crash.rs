//! A crash with every single write, and with all of them.

use std::time::Duration;

use super::{
    link::{Process, engine},
    programs::{APPROVALS, EVERYTHING, RUNS, everything},
};

/// Nothing here takes as long as this.
const STUCK: Duration = Duration::from_secs(60);

/// Runs the program in a process that dies with one of its writes; true if it lived.
async fn live(node: &abide_node::Node, id: &str, writes: i64, carried_out: bool) -> bool {
    let Process { abide, link } = Process::start(node, writes, carried_out).await;
    let settle = async {
        loop {
            let approvals = std::mem::take(&mut *APPROVALS.lock().unwrap());
            for id in approvals {
                // Of a run that has crashed before the promise existed.
                let _ = abide.get(&id).resolve(&7_u32).await;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let run = async {
        tokio::select! {
            result = abide.run(id, everything()) => {
                assert_eq!(result.unwrap(), EVERYTHING);
                true
            }
            () = link.dead.notified() => false,
            () = settle => unreachable!("it goes on for ever"),
        }
    };
    let lived = tokio::time::timeout(STUCK, run).await;
    lived.unwrap_or_else(|_| panic!("{id} is stuck after {writes} writes"))
}

#[tokio::test]
async fn a_crash_with_any_write_and_with_every_one() {
    // Without a crash: each leaf runs once.
    let node = engine().await;
    assert!(live(&node, "fine", i64::MAX, true).await);
    let fine = RUNS.lock().unwrap().take().unwrap();
    assert!(fine.values().all(|runs| *runs == 1), "{fine:?}");

    for carried_out in [true, false] {
        for writes in 1.. {
            let (node, id) = (engine().await, format!("once-{carried_out}-{writes}"));
            if live(&node, &id, writes, carried_out).await {
                RUNS.lock().unwrap().take();
                break;
            }
            assert!(live(&node, &id, i64::MAX, true).await);
            let runs = RUNS.lock().unwrap().take().unwrap();
            // The same calls under the same ids, and only what was interrupted runs again.
            assert_eq!(runs.len(), fine.len(), "{runs:?}");
            let again: u32 = runs.values().map(|runs| runs - 1).sum();
            assert!(again <= 4, "{again} leaves ran again: {runs:?}");
        }
    }

    let node = engine().await;
    let mut crashes = 0;
    // The first write is the attempt to start it.
    while !live(&node, "always", 2, true).await {
        crashes += 1;
        assert!(crashes < 1_000);
    }
    assert!(crashes > 20, "{crashes}");
    let runs = RUNS.lock().unwrap().take().unwrap();
    assert_eq!(runs.len(), fine.len(), "{runs:?}");
}
