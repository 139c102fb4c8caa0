//! Damage: the files of a store with real records lose bits, bytes, sectors, their ends or
//! themselves, or get company. Opening and reading has to say so, with the file, or to give the right
//! answers.

mod base;
mod fault;

use std::{
    fmt, fs, io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use abide_store_fjall::{FjallStore, Inspection};
use fastrand::Rng;

use crate::panics;
use base::{Base, OPTIONS};
use fault::Fault;

/// How many images one store is good for.
const PER_STORE: u64 = 500;

/// How often the campaign says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

/// A campaign of damage.
#[derive(Debug)]
pub struct Campaign {
    seed: u64,
    images: u64,
    threads: NonZero<usize>,
    scratch: PathBuf,
    next: AtomicU64,
    stopped: AtomicBool,
    outcomes: Mutex<(Report, Option<Failure>)>,
}

/// What has come of the images so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Images that were opened, or refused.
    pub images: u64,
    /// Refused at the opening.
    pub refused: u64,
    /// Noticed when a record was read.
    pub noticed: u64,
    /// All answers were right.
    pub harmless: u64,
}

/// Damage that was not told, or a wrong answer.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed of the store.
    pub seed: u64,
    /// The number of the image.
    pub image: u64,
    /// What was done.
    pub fault: String,
    /// What is wrong.
    pub reason: String,
    /// Where the image is kept, if it is.
    pub kept: Option<PathBuf>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { seed, image, fault, reason, kept } = self;
        write!(f, "seed {seed}, image {image}, {fault}: {reason}")?;
        match kept {
            Some(kept) => write!(f, "\nthe image is kept in {}", kept.display()),
            None => Ok(()),
        }
    }
}

/// What came of one image.
enum Outcome {
    Refused,
    Noticed,
    Harmless,
}

impl Campaign {
    /// A campaign in an empty directory.
    pub fn new(seed: u64, images: u64, threads: NonZero<usize>, scratch: &Path) -> Campaign {
        Campaign {
            seed,
            images,
            threads,
            scratch: scratch.to_owned(),
            next: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            outcomes: Mutex::default(),
        }
    }

    /// Runs until there were enough images, or one fails.
    ///
    /// # Errors
    /// The first failure.
    pub fn run(&self, progress: impl Fn(&Report) + Sync) -> Result<Report, Failure> {
        thread::scope(|scope| {
            for number in 0..self.threads.get() {
                scope.spawn(move || {
                    while !self.is_over() {
                        let seed = self.seed + self.next.fetch_add(1, Relaxed);
                        if let Err(failure) = self.store(number, seed) {
                            self.stopped.store(true, Relaxed);
                            self.outcomes.lock().expect("no panic").1.get_or_insert(failure);
                        }
                    }
                });
            }
            let mut said = Instant::now();
            while !self.is_over() {
                thread::sleep(Duration::from_millis(100));
                if said.elapsed() > PROGRESS {
                    said = Instant::now();
                    progress(&self.report());
                }
            }
        });
        let failure = self.outcomes.lock().expect("no panic").1.take();
        match failure {
            Some(failure) => Err(failure),
            None => Ok(self.report()),
        }
    }

    fn report(&self) -> Report {
        self.outcomes.lock().expect("no panic").0
    }

    fn is_over(&self) -> bool {
        self.stopped.load(Relaxed) || self.report().images >= self.images
    }

    fn store(&self, thread: usize, seed: u64) -> Result<(), Failure> {
        let scratch = self.scratch.join(format!("thread-{thread}"));
        let failed = |image, fault: String, reason: String| Failure {
            seed,
            image,
            fault,
            reason,
            kept: None,
        };
        let nothing = || "nothing was done".to_owned();
        let base = Base::new(&scratch, seed).map_err(|reason| failed(0, nothing(), reason))?;
        for image in 0..PER_STORE {
            if self.is_over() {
                break;
            }
            let mut rng = Rng::with_seed(seed ^ image << 32);
            let place = scratch.join("image");
            let make = |place: &Path, rng: &mut Rng| {
                fresh(place)?;
                base.image(place, rng)?;
                Fault::strike(place, base.was_closed(image), rng)
            };
            let fault = make(&place, &mut rng.clone())
                .map_err(|error| failed(image, nothing(), error.to_string()))?;
            let checked = catch_unwind(AssertUnwindSafe(|| check(&place, &scratch, &base, &fault)));
            let checked =
                checked.unwrap_or_else(|panic| Err(format!("a panic: {}", panics::told(&*panic))));
            let mut outcomes = self.outcomes.lock().expect("no panic");
            let report = &mut outcomes.0;
            match checked {
                Ok(Outcome::Refused) => report.refused += 1,
                Ok(Outcome::Noticed) => report.noticed += 1,
                Ok(Outcome::Harmless) => report.harmless += 1,
                Err(reason) => {
                    let kept = self.scratch.join(format!("failed-{seed}-{image}"));
                    let kept = make(&kept, &mut rng).is_ok().then_some(kept);
                    return Err(Failure { kept, ..failed(image, fault.to_string(), reason) });
                }
            }
            report.images += 1;
        }
        Ok(())
    }
}

fn check(place: &Path, scratch: &Path, base: &Base, fault: &Fault) -> Result<Outcome, String> {
    let refused = |error: String, outcome| {
        if fault.is_named_in(&error) {
            return Ok(outcome);
        }
        // What the engine says names no file; the command that the message speaks of does.
        let copy = scratch.join("copy");
        fresh(&copy).map_err(|error| error.to_string())?;
        let told = match Inspection::of(place, &copy) {
            Ok(inspection) => {
                let flaws = inspection.flaws.iter().map(ToString::to_string);
                flaws.collect::<Vec<_>>().join("\n")
            }
            Err(error) => error.to_string(),
        };
        if fault.is_named_in(&told) {
            Ok(outcome)
        } else {
            Err(format!("the file is not named: {error}\nnor by an inspection: {told}"))
        }
    };
    let store = match FjallStore::open(place, OPTIONS) {
        Ok(store) => store,
        Err(error) => return refused(error.to_string(), Outcome::Refused),
    };
    match base::read(&store) {
        Ok(entries) => base.compare(&entries)?,
        Err(error) => {
            drop(store);
            return refused(error, Outcome::Noticed);
        }
    }
    // It has to go on, or to say why not; and then the same again.
    let Ok(after) = base.write(&store) else { return Ok(Outcome::Noticed) };
    drop(store);
    let store = match FjallStore::open(place, OPTIONS) {
        Ok(store) => store,
        Err(error) => return refused(error.to_string(), Outcome::Noticed),
    };
    match base::read(&store) {
        Ok(entries) if entries == after => Ok(Outcome::Harmless),
        Ok(_) => Err("the second opening gives other answers".into()),
        Err(error) => {
            drop(store);
            refused(error, Outcome::Noticed)
        }
    }
}

/// Makes an empty directory.
fn fresh(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(directory)
}
