use std::{
    fmt, fs, io,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;

use super::{
    check,
    recorded::{History, Recorded},
};
use crate::{
    disk::{Disk, Loss},
    shim::recording::Event,
};

/// How many operations a process carries out.
const OPERATIONS: usize = 50;

/// How often the campaign says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

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
    seed: u64,
    size: Size,
    scratch: PathBuf,
    begun: Instant,
    next: AtomicU64,
    stopped: AtomicBool,
    failure: Mutex<Option<Failure>>,
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

/// An image that did not hold what it has to.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed of the script.
    pub seed: u64,
    /// After how many calls the power was cut.
    pub calls: usize,
    /// What was lost, as the model draws it.
    pub loss: Loss,
    /// What is wrong.
    pub reason: String,
    /// Where the image is kept, if there is one.
    pub kept: Option<PathBuf>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { seed, calls, loss, reason, kept } = self;
        write!(f, "seed {seed}, cut after {calls} calls, {loss:?}: {reason}")?;
        match kept {
            Some(kept) => write!(f, "\nthe image is kept in {}", kept.display()),
            None => Ok(()),
        }
    }
}

impl Campaign {
    /// A campaign in an empty directory, on a file system in memory if it is to be fast.
    pub fn new(seed: u64, size: Size, scratch: &Path) -> Campaign {
        Campaign {
            seed,
            size,
            scratch: scratch.to_owned(),
            begun: Instant::now(),
            next: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            failure: Mutex::default(),
            images: AtomicU64::new(0),
            report: Mutex::default(),
        }
    }

    /// Runs until enough images were opened, or one fails.
    ///
    /// # Errors
    /// The first failure.
    pub fn run(&self, progress: impl Fn(&Report) + Sync) -> Result<Report, Failure> {
        thread::scope(|scope| {
            for number in 0..self.size.threads.get() {
                scope.spawn(move || {
                    while !self.is_over() {
                        let seed = self.seed + self.next.fetch_add(1, Relaxed);
                        if let Err(failure) = self.trial(number, seed) {
                            self.stopped.store(true, Relaxed);
                            self.failure.lock().expect("no panic").get_or_insert(failure);
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
        match self.failure.lock().expect("no panic").take() {
            Some(failure) => Err(failure),
            None => Ok(self.report()),
        }
    }

    fn report(&self) -> Report {
        let report = *self.report.lock().expect("no panic");
        Report { images: self.images.load(Relaxed), ..report }
    }

    fn is_over(&self) -> bool {
        self.stopped.load(Relaxed)
            || self.images.load(Relaxed) >= self.size.images
            || self.size.limit.is_some_and(|limit| self.begun.elapsed() > limit)
    }

    /// Records a process and opens its images; then one that begins with such an image.
    fn trial(&self, thread: usize, seed: u64) -> Result<(), Failure> {
        let failed = |reason: String| {
            let loss = Loss { sector: 0, kept: 1.0, ordered: true };
            Failure { seed, calls: 0, loss, reason, kept: None }
        };
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
        if self.is_over() {
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
                if self.is_over() {
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
                    return Err(Failure { seed: *seed, calls, loss, reason, kept });
                }
                self.images.fetch_add(1, Relaxed);
            }
            let Some(event) = events.get(calls) else { break };
            let failed = |reason| {
                let loss = Loss { sector: 0, kept: 1.0, ordered: true };
                Failure { seed: *seed, calls, loss, reason, kept: None }
            };
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

/// Makes an empty directory.
fn fresh(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(directory)
}
