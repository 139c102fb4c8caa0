//! A whole comparison, with the one driver that needs nothing else.
#![cfg(target_os = "linux")]

use std::{fs, path::Path, process::Command};

fn compare(docs: &Path, systems: &str) -> (bool, String) {
    let scratch = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_abide-bench"))
        .args(["compare", "--workloads", "create@2,timer@1", "--seconds", "0.1", "--warmup", "0"])
        .args(["--rounds", "2", "--systems", systems])
        .arg("--docs")
        .arg(docs)
        .arg("--scratch")
        .arg(scratch.path())
        .arg("--peers")
        .arg(scratch.path())
        .output()
        .unwrap();
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing is left behind");
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn what_was_measured_is_told_and_written() {
    let docs = tempfile::tempdir().unwrap();
    let (success, table) = compare(docs.path(), "limit");
    assert!(success, "{table}");
    let page = fs::read_to_string(docs.path().join("performance.md")).unwrap();
    assert!(page.contains(table.trim_end()), "{page}");
    let raw = fs::read(docs.path().join("performance/raw.json")).unwrap();
    let raw: serde_json::Value = serde_json::from_slice(&raw).unwrap();
    let samples = raw["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 4);
    let creates = samples.iter().filter(|sample| sample["workload"] == "create@2");
    for create in creates {
        let figures = &create["outcome"]["figures"];
        assert!(figures["operations"].as_f64().unwrap() > 0.0, "{figures}");
        // One writer takes what two lanes have handed to it: one sync for one or for two.
        let syncs = figures["syncs"].as_f64().unwrap();
        assert!((0.4..=1.1).contains(&syncs), "{figures}");
    }
}

#[test]
fn a_system_that_is_not_there_is_told() {
    let docs = tempfile::tempdir().unwrap();
    let (success, table) = compare(docs.path(), "limit,nowhere");
    assert!(!success);
    assert!(table.contains("| nowhere | not started | there is no driver"), "{table}");
    assert_eq!(table.matches("| nowhere | not started").count(), 3, "{table}");
}
