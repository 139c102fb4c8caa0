//! Damage: the files of a store with real records lose bits, bytes, sectors, their ends or
//! themselves, or get company. Opening and reading has to say so, with the file, or to give the right
//! answers.

mod base;
mod fault;

use std::{
    fmt,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
};

use abide_store_fjall::{FjallStore, Inspection};
use fastrand::Rng;

use crate::{
    campaign,
    images::{Failure, fresh},
    panics,
};
use base::{Base, OPTIONS};
use fault::Fault;

/// How many images one store is good for.
const PER_STORE: u64 = 500;

/// A campaign of damage.
#[derive(Debug)]
pub struct Campaign {
    stores: campaign::Campaign<Failure>,
    images: u64,
    scratch: PathBuf,
    report: Mutex<Report>,
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

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { images, refused, noticed, harmless } = self;
        write!(
            f,
            "{images} images: {refused} refused at the opening, {noticed} noticed by reading or \
             writing, {harmless} harmless"
        )
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
            stores: campaign::Campaign::new(seed..u64::MAX, None, threads.get()),
            images,
            scratch: scratch.to_owned(),
            report: Mutex::default(),
        }
    }

    /// Runs until there were enough images, or damage was not told or a wrong answer given.
    ///
    /// # Errors
    /// The failure.
    pub fn run(&self, progress: impl Fn(&Report)) -> Result<Report, Failure> {
        let trial = |thread, seed| self.store(thread, seed);
        let told = self.stores.run(trial, || progress(&self.report()));
        told.map(|()| self.report()).map_err(|(_, failure)| failure)
    }

    fn report(&self) -> Report {
        *self.report.lock().expect("no panic")
    }

    fn store(&self, thread: usize, seed: u64) -> Result<(), Failure> {
        let scratch = self.scratch.join(format!("thread-{thread}"));
        let failed = |image: u64, fault: &dyn fmt::Display, reason| Failure {
            seed,
            image: format!("image {image}, {fault}"),
            reason,
            kept: None,
            images: image + 1,
        };
        let nothing = &"nothing was done";
        let base = Base::new(&scratch, seed).map_err(|reason| failed(0, nothing, reason))?;
        for image in 0..PER_STORE {
            if self.stores.is_over() {
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
                .map_err(|error| failed(image, nothing, error.to_string()))?;
            let checked = catch_unwind(AssertUnwindSafe(|| check(&place, &scratch, &base, &fault)));
            let checked =
                checked.unwrap_or_else(|panic| Err(format!("a panic: {}", panics::told(&*panic))));
            let mut report = self.report.lock().expect("no panic");
            match checked {
                Ok(Outcome::Refused) => report.refused += 1,
                Ok(Outcome::Noticed) => report.noticed += 1,
                Ok(Outcome::Harmless) => report.harmless += 1,
                Err(reason) => {
                    let kept = self.scratch.join(format!("failed-{seed}-{image}"));
                    let kept = make(&kept, &mut rng).is_ok().then_some(kept);
                    return Err(Failure { kept, ..failed(image, &fault, reason) });
                }
            }
            report.images += 1;
            if report.images >= self.images {
                self.stores.stop();
            }
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
