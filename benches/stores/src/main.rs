//! Embedded engines side by side, one run, interleaved.
//!
//! `cargo run --release` prints the table of commits; `cargo run --release -- --compile` prints how
//! long each engine takes to build from nothing.

mod compile;
mod engine;
mod machine;
mod workload;

use engine::Engine;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use workload::Workload;

const BATCHES: [usize; 4] = [1, 16, 256, 4096];
/// Engines take turns, so that a disturbance of the machine touches all of them.
const ROUNDS: usize = 4;
const TURN: Duration = Duration::from_millis(1000);

/// Writes in a store before the second table is measured, and how many are written at once.
const GROWN: usize = 1_000_000;
const GROWTH_BATCH: usize = 1024;

/// One engine at one batch size, kept open over all rounds.
struct Lane {
    name: &'static str,
    engine: Box<dyn Engine>,
    directory: tempfile::TempDir,
    workload: Workload,
    latencies: Vec<Duration>,
    cpu: Duration,
    records: usize,
}

impl Lane {
    fn turn(&mut self, batch: usize) {
        let cpu = machine::cpu();
        let mut generating = Duration::ZERO;
        let end = Instant::now() + TURN;
        while Instant::now() < end {
            let start = Instant::now();
            let records = self.workload.batch(batch);
            let built = Instant::now();
            self.engine.commit(&records);
            self.latencies.push(built.elapsed());
            self.records += batch;
            generating += built - start;
        }
        self.cpu += (machine::cpu() - cpu).saturating_sub(generating);
    }

    /// Fills the store before anything is measured.
    fn grow(&mut self, records: usize) {
        let start = Instant::now();
        while self.records < records {
            let records = self.workload.batch(GROWTH_BATCH);
            self.engine.commit(&records);
            self.records += GROWTH_BATCH;
        }
        println!("       {:<8} filled in {:.1} s", self.name, start.elapsed().as_secs_f64());
    }

    /// Prints the row of this lane at this batch size and forgets what it measured.
    fn report(&mut self, batch: usize) {
        let records = (self.latencies.len() * batch) as f64;
        let total: Duration = self.latencies.iter().sum();
        self.latencies.sort();
        let at = |share: f64| self.latencies[((self.latencies.len() - 1) as f64 * share) as usize];
        let (median, p99, worst) = (at(0.5), at(0.99), at(1.0));
        println!(
            "{batch:>6} {:<8} {:>11.0} {:>11.3} {:>9.3} {:>9.1} {:>9.2} {:>9.0} {:>10}",
            self.name,
            records / total.as_secs_f64(),
            median.as_secs_f64() * 1e3,
            p99.as_secs_f64() * 1e3,
            worst.as_secs_f64() * 1e3,
            self.cpu.as_secs_f64() * 1e6 / records,
            machine::disk_bytes(self.directory.path()) as f64 / self.records as f64,
            self.records,
        );
        self.latencies.clear();
        self.cpu = Duration::ZERO;
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "--compile") {
        return compile::report();
    }
    // The temporary directory may be memory; the working directory is on the disk to be measured.
    let home = std::env::var_os("ABIDE_BENCH_DIR").unwrap_or_else(|| "target".into());
    std::fs::create_dir_all(&home).expect("create the bench directory");
    println!("{}", machine::describe());
    println!("\nEmpty stores");
    heading();
    for batch in BATCHES {
        measure(&mut lanes(Path::new(&home)), batch);
    }
    println!("\nStores that hold {GROWN} writes");
    let mut lanes = lanes(Path::new(&home));
    lanes.iter_mut().for_each(|lane| lane.grow(GROWN));
    heading();
    for batch in BATCHES {
        measure(&mut lanes, batch);
    }
}

fn heading() {
    println!(
        "{:>6} {:<8} {:>11} {:>11} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "batch",
        "engine",
        "records/s",
        "median ms",
        "p99 ms",
        "max ms",
        "cpu us/r",
        "disk B/r",
        "records"
    );
}

fn measure(lanes: &mut [Lane], batch: usize) {
    for _ in 0..ROUNDS {
        lanes.iter_mut().for_each(|lane| lane.turn(batch));
    }
    lanes.iter_mut().for_each(|lane| lane.report(batch));
}

fn lanes(home: &Path) -> Vec<Lane> {
    engine::all().into_iter().map(|(name, open)| lane(name, open, home)).collect()
}

fn lane(name: &'static str, open: fn(&Path) -> Box<dyn Engine>, home: &Path) -> Lane {
    let directory = tempfile::tempdir_in(home).expect("create a directory");
    Lane {
        name,
        engine: open(directory.path()),
        directory,
        workload: Workload::new(),
        latencies: Vec::new(),
        cpu: Duration::ZERO,
        records: 0,
    }
}
