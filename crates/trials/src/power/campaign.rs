use std::{
    fmt,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use fastrand::Rng;

use super::{
    check,
    recorded::{History, Recorded},
};
use crate::{
    campaign,
    disk::{Disk, Loss},
    images::{Failure, fresh},
    shim::recording::Event,
};

/// How many operations a process carries out.
const OPERATIONS: usize = 50;

/// With how many images a script is to be run again: so many are at least one after every call of
/// both its recordings.
const AGAIN: u64 = 2_000;

/// How large a campaign is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many crash images.
    pub images: u64,
    /// How many of them from one recorded process, after calls that chance picks; one after every
    /// call if not given.
    pub per_recording: Option<u64>,
    /// How long at most.
    pub limit: Option<Duration>,
    /// How many threads.
    pub threads: NonZero<usize>,
}

/// A campaign of power cuts.
#[derive(Debug)]
pub struct Campaign {
    scripts: campaign::Campaign<Failure>,
    size: Size,
    scratch: PathBuf,
    images: AtomicU64,
    report: Mutex<Report>,
}

/// What a campaign has done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Processes that were recorded.
    pub recordings: u64,
    /// Of them, those that began with a crash image.
    pub recoveries: u64,
    /// Calls that were recorded.
    pub calls: u64,
    /// Operations that were acknowledged.
    pub acknowledged: u64,
    /// Journals that were created.
    pub journals: u64,
    /// Tables that were written.
    pub tables: u64,
    /// Calls that were made to fail.
    pub failed: u64,
    /// Images that were opened.
    pub images: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { recordings, recoveries, calls, images, .. } = self;
        let Report { acknowledged, journals, tables, failed, .. } = self;
        write!(
            f,
            "{images} images of {calls} calls by {recordings} processes ({recoveries} of them \
             began with such an image); {acknowledged} operations acknowledged, {journals} \
             journals, {tables} tables, {failed} calls failed"
        )
    }
}

/// What is wrong after so many calls, with a loss as the model draws it.
fn failure(seed: u64, calls: usize, loss: Loss, reason: String) -> Failure {
    let image = format!("cut after {calls} calls, {loss:?}");
    Failure { seed, image, reason, kept: None, images: AGAIN }
}

/// What is wrong with the recording.
fn unrecorded(seed: u64, calls: usize, reason: String) -> Failure {
    failure(seed, calls, Loss { sector: 0, kept: 1.0, ordered: true }, reason)
}

impl Campaign {
    /// A campaign in an empty directory, on a file system in memory if it is to be fast.
    pub fn new(seed: u64, size: Size, scratch: &Path) -> Campaign {
        let limit = size.limit;
        Campaign {
            scripts: campaign::Campaign::new(seed..u64::MAX, limit, size.threads.get()),
            size,
            scratch: scratch.to_owned(),
            images: AtomicU64::new(0),
            report: Mutex::default(),
        }
    }

    /// Runs until enough images were opened, or one fails.
    ///
    /// # Errors
    /// The failure.
    pub fn run(&self, progress: impl Fn(&Report)) -> Result<Report, Failure> {
        let trial = |thread, seed| self.trial(thread, seed);
        let survived = self.scripts.run(trial, || progress(&self.report()));
        survived.map(|()| self.report()).map_err(|(_, failure)| failure)
    }

    fn report(&self) -> Report {
        let report = *self.report.lock().expect("no panic");
        Report { images: self.images.load(Relaxed), ..report }
    }

    /// Records a process and opens its images; then one that begins with such an image.
    fn trial(&self, thread: usize, seed: u64) -> Result<(), Failure> {
        let failed = |reason| unrecorded(seed, 0, reason);
        let scratch = self.scratch.join(format!("thread-{thread}"));
        let data = scratch.join("data");
        fresh(&data).map_err(|error| failed(error.to_string()))?;
        let record = |before| {
            Recorded::run(&scratch, &data, seed, OPERATIONS, before).map_err(|reason| {
                let kept = Some(data.clone());
                Failure { kept, ..failed(reason) }
            })
        };
        let recorded = record(History::default())?;
        let mut rng = Rng::with_seed(seed);
        let history = self.images(&recorded, &scratch, &mut rng)?;
        if self.scripts.is_over() {
            return Ok(());
        }
        // The same script goes on where a power cut has interrupted it.
        let (disk, history) = history;
        fresh(&data)
            .and_then(|()| disk.image(&data, Loss::any(&mut rng), &mut rng))
            .map_err(|error| failed(error.to_string()))?;
        self.images(&record(history)?, &scratch, &mut rng).map(drop)
    }

    /// Opens the images of a recording. Gives the disk, and what was acknowledged, at one of its
    /// calls.
    fn images(
        &self,
        recorded: &Recorded,
        scratch: &Path,
        rng: &mut Rng,
    ) -> Result<(Disk, History), Failure> {
        self.count(recorded);
        let Recorded { seed, script, events, .. } = recorded;
        let mut disk = recorded.disk.clone();
        let mut history = recorded.before.clone();
        let mut model = history.model(script);
        let chosen = rng.usize(..=events.len());
        let mut snapshot = (disk.clone(), history.clone());
        let per_call = match self.size.per_recording {
            Some(images) => images as f64 / (events.len() + 1) as f64,
            None => 1.0,
        };
        for calls in 0..=events.len() {
            let states = model.during(script.operations.get(history.len()));
            let count = per_call as u64 + u64::from(rng.f64() < per_call.fract());
            for _ in 0..count {
                if self.scripts.is_over() {
                    return Ok(snapshot);
                }
                let image = scratch.join("image");
                let (loss, image_seed) = (Loss::any(rng), rng.u64(..));
                let cut = |image: &Path| {
                    let mut rng = Rng::with_seed(image_seed);
                    fresh(image).and_then(|()| disk.image(image, loss, &mut rng)).map(|()| rng)
                };
                let checked = cut(&image)
                    .map_err(|error| error.to_string())
                    .and_then(|mut rng| check::image(&image, script.options, &states, &mut rng));
                if let Err(reason) = checked {
                    let kept = self.scratch.join(format!("failed-{seed}-{calls}"));
                    let kept = cut(&kept).is_ok().then_some(kept);
                    return Err(Failure { kept, ..failure(*seed, calls, loss, reason) });
                }
                if self.images.fetch_add(1, Relaxed) + 1 >= self.size.images {
                    self.scripts.stop();
                }
            }
            let Some(event) = events.get(calls) else { break };
            let failed = |reason| unrecorded(*seed, calls, reason);
            disk.apply(event).map_err(failed)?;
            if let Event::Mark(mark) = event {
                history.extend(mark).map_err(failed)?;
                model = history.model(script);
            }
            if calls == chosen {
                snapshot = (disk.clone(), history.clone());
            }
        }
        Ok(snapshot)
    }

    fn count(&self, recorded: &Recorded) {
        let mut report = self.report.lock().expect("no panic");
        report.recordings += 1;
        report.recoveries += u64::from(recorded.before.len() > 0);
        report.calls += recorded.events.len() as u64;
        report.failed += recorded.failed;
        for event in &recorded.events {
            match event {
                Event::Mark(_) => report.acknowledged += 1,
                Event::Create { path, .. } => {
                    report.journals += u64::from(path.extension().is_some_and(|end| end == "jnl"));
                    let directory = path.parent().and_then(Path::file_name);
                    report.tables += u64::from(directory.is_some_and(|name| name == "tables"));
                }
                _ => {}
            }
        }
    }
}
