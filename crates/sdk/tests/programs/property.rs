//! The property: a durable program gives what it gives as ordinary async code.

use std::collections::BTreeSet;

use abide::{
    Abide, Error, Result,
    test::{Report, Run, World},
};

use crate::{durable, generate, node::Node, plain};

/// How a program ends, if not by a fault of the world.
fn seen(result: Result<u64>) -> Result<Result<u64, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if error.code() == "application" => Ok(Err(error.message().to_owned())),
        Err(error) => Err(error),
    }
}

fn expected(program: &Node) -> Result<u64, String> {
    let expected = std::cell::RefCell::new(Ok(0));
    World::new().run(async |_| {
        *expected.borrow_mut() = seen(plain::run(program).await)?;
        Ok::<_, Error>(())
    });
    expected.into_inner()
}

/// Whatever was done belongs to a record, so that it is not done twice by two.
fn effects_have_owners(run: &Run) {
    let records: BTreeSet<_> = run.records.iter().map(|record| record.id.as_str()).collect();
    for (id, what, _) in run.notes() {
        assert!(records.contains(id), "{what} of {id} belongs to nobody");
    }
}

fn all(groups: bool, worlds: fn(u64) -> World<'static>) -> Report {
    let mut total = Report::default();
    let seeds = || match std::env::var("ABIDE_TEST_SEED") {
        Ok(plan) => {
            let seed = plan.split('/').next().and_then(|seed| seed.parse().ok()).unwrap_or(0);
            seed..seed + 1
        }
        Err(_) => {
            let many = std::env::var("ABIDE_TEST_SEEDS").ok().and_then(|many| many.parse().ok());
            0..many.unwrap_or(100)
        }
    };
    for seed in seeds() {
        let program = generate::program(seed, 2 + seed as usize % 12, groups);
        let expected = expected(&program);
        let report = worlds(seed).check(effects_have_owners).run(move |abide: Abide| {
            let (program, expected) = (program.clone(), expected.clone());
            async move {
                let result = abide.run("program", durable::nested(program.clone())).await;
                assert_eq!(seen(result)?, expected, "{program:?}");
                Ok(())
            }
        });
        total += report;
    }
    println!("{total}");
    total
}

#[test]
fn in_one_process_that_crashes() {
    let report =
        all(false, |seed| World::seed(seed).crash_randomly(0.05 + seed as f64 % 5.0 / 10.0));
    assert!(report.crashes > report.runs, "{report}");
}

#[test]
fn in_many_processes_with_all_that_goes_wrong() {
    let report = all(true, |seed| {
        World::seed(seed)
            .workers(1)
            .group("others", 2)
            .crash_randomly(0.03)
            .freeze_randomly(0.02)
            .lose_requests(0.03)
            .lose_messages(0.1)
            .repeat_messages(0.1)
            .restart_server(0.005)
    });
    assert!(report.crashes > report.runs && report.lost > report.runs, "{report}");
}

#[test]
fn behind_a_plain_server() {
    let report = all(true, |seed| {
        World::seed(seed)
            .behind_a_plain_server()
            .workers(1)
            .group("others", 1)
            .crash_randomly(0.03)
            .freeze_randomly(0.02)
            .lose_requests(0.03)
            .lose_messages(0.1)
            .repeat_messages(0.1)
    });
    assert!(report.crashes > report.runs / 2 && report.lost > report.runs / 2, "{report}");
}

#[test]
fn in_one_process_that_lives() {
    let report = all(false, World::seed);
    assert_eq!(report.crashes, 0, "{report}");
}
