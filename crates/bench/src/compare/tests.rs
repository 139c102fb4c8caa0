//! What a comparison tells, with figures that were made up.

use std::time::Duration;

use abide_bench::driver::{Answer, Ready, Reply};

use super::{
    candidate::Candidate,
    machine::Machine,
    plot,
    results::Results,
    sample::{Cost, Sample, Taken},
    table,
    workload::Workload,
};

fn candidate(name: &str) -> Candidate {
    let (name, program) = (name.to_owned(), Ok("driver".into()));
    Candidate { name, program, arguments: Vec::new() }
}

fn reply(workload: usize, system: usize) -> (Option<Ready>, Reply) {
    let ready = Ready::new("x", format!("1.{system}"), "fsync").with("server", 1);
    let mut answer = Answer { operations: 100, seconds: 1.0, all: 100, ..Answer::default() };
    for millis in 1..=100 {
        answer.latency_us.add(Duration::from_millis(millis));
    }
    answer.figures.insert("disk_bytes".to_owned(), 2_048.0);
    match (workload, system) {
        (_, 2) => (None, Reply::Failed("no port | none".to_owned())),
        (1, 1) => (Some(ready), Reply::Unsupported("it has no timers".to_owned())),
        _ => (Some(ready), Reply::Answer(answer)),
    }
}

fn results() -> Results {
    let workloads = Workload::list("steps-10@64,timer@1,life@64:200,pending-1000@16").unwrap();
    let systems = vec![candidate("one"), candidate("two<"), candidate("three")];
    let mut samples = Vec::new();
    for workload in 0..workloads.len() {
        for system in 0..systems.len() {
            let (ready, reply) = reply(workload, system);
            let cost = Cost::default();
            let taken = Taken { attempts: 1, ready, reply, cost };
            samples.push(Sample { workload, system, round: 0, taken });
        }
    }
    let machine = Machine::here(std::path::Path::new("/"));
    Results { machine, seconds: 1.0, warmup: 0.0, rounds: 1, workloads, systems, samples }
}

#[test]
fn every_system_is_in_every_table() {
    let text = table::all(&results());
    // The table of systems, and one for each workload.
    for name in ["one", "two<", "three"] {
        assert_eq!(text.matches(&format!("\n| {name} |")).count(), 5, "{text}");
    }
    assert_eq!(text.matches("no port \\| none").count(), 1, "{text}");
    assert_eq!(text.matches("| three | not started").count(), 5, "{text}");
    assert_eq!(text.matches("not there: it has no timers").count(), 1, "{text}");
    assert!(text.contains("| one | 100 | 1,000 | 50.3 ms |"), "{text}");
    assert!(text.contains("| 2.0 KiB |"), "{text}");
    assert!(text.contains("| unknown |"), "syncs were not counted: {text}");
}

#[test]
fn plots_show_what_was_measured() {
    let plots = plot::all(&results());
    let [(bars, _, throughput), (curves, _, latency)] = plots.as_slice() else {
        panic!("{plots:?}")
    };
    assert_eq!((*bars, *curves), ("throughput.svg", "latency.svg"));
    assert!(throughput.contains("steps-10@64") && !throughput.contains("life@64:200"));
    assert!(latency.contains("life@64:200") && latency.contains("timer@1"));
    for svg in [throughput, latency] {
        assert!(svg.contains(">one<") && svg.contains(">two&lt;<"), "{svg}");
        assert!(!svg.contains("three") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn raw_data_hold_each_round() {
    let raw = results().raw();
    let samples = raw["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 12);
    assert_eq!(samples[0]["outcome"]["figures"]["rate"], 100.0);
    assert_eq!(samples[2]["outcome"]["failed"], "no port | none");
    assert_eq!(raw["systems"][1]["version"], "1.1");
}

#[test]
fn what_disturbed_a_measurement_is_told() {
    let mut results = results();
    assert!(!table::all(&results).contains("were repeated"));
    for (sample, (attempts, stolen)) in [(4, 0.25), (2, 0.01)].into_iter().enumerate() {
        let taken = &mut results.samples[sample].taken;
        (taken.attempts, taken.cost.stolen) = (attempts, Some(stolen));
    }
    let text = table::all(&results);
    assert!(text.contains("During 2 of the 12 measurements"), "{text}");
    assert!(text.contains("Disturbed each time: 1."), "{text}");
    assert_eq!(results.raw()["samples"][0]["stolen"], 0.25);
    // What failed says so, whatever disturbed it.
    results.samples[2].taken.cost.stolen = Some(0.5);
    assert!(!results.samples[2].taken.disturbed());
}

#[test]
fn the_least_disturbed_measurement_counts() {
    let taken = |stolen| {
        let cost = Cost { stolen: Some(stolen), ..Cost::default() };
        Taken { attempts: 1, ready: None, reply: Reply::Answer(Answer::default()), cost }
    };
    let outcome = |stolen: &[f64]| {
        let mut left = stolen.iter().copied().map(taken);
        let first = left.next().unwrap();
        let it = first.repeated(3, || left.next().unwrap_or_else(|| Taken::failed("x".into())));
        (it.attempts, it.cost.stolen)
    };
    assert_eq!(outcome(&[0.01, 0.0]), (1, Some(0.01)));
    assert_eq!(outcome(&[0.3, 0.02, 0.0]), (2, Some(0.02)));
    assert_eq!(outcome(&[0.3, 0.2, 0.4, 0.0]), (3, Some(0.2)));
    assert_eq!(outcome(&[0.3]), (2, None), "one that failed is told");
}
