//! How long each engine takes to build from nothing.

use std::{process::Command, time::Instant};

pub fn report() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    println!("{:<10} {:>8}", "engine", "seconds");
    for feature in ["", "fjall", "redb", "sqlite"] {
        let target = tempfile::tempdir().expect("create a directory");
        let start = Instant::now();
        let status = Command::new("cargo")
            .args(["build", "--quiet", "--release", "--no-default-features"])
            .args(["--features", feature, "--manifest-path", manifest])
            .env("CARGO_TARGET_DIR", target.path())
            .status()
            .expect("run cargo");
        assert!(status.success(), "the build of {feature:?} failed");
        let name = if feature.is_empty() { "none" } else { feature };
        println!("{name:<10} {:>8.1}", start.elapsed().as_secs_f64());
    }
}
