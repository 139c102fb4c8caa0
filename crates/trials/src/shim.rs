//! A library that is preloaded into a process under trial: it records what the process writes
//! below one directory, makes chosen calls fail, and moves its clock.
//!
//! It is written in C (`shim/shim.c`) and compiled when a trial starts, by `cc` or what the
//! environment variable `CC` names. What it does changes at any time, by words in a file that both
//! sides map or write; nothing is asked of the process but to be linked dynamically. Calls that a
//! program makes without its C library go unseen, which [`Recording`](recording::Recording)
//! notices where it matters.
//!
//! ```no_run
//! use abide_trials::shim::{Calls, Fault, Shim};
//!
//! let scratch = std::env::temp_dir();
//! let shim = Shim::build(&scratch)?;
//! let data = scratch.join("data");
//! let server = std::process::Command::new("abide")
//!     .args(["serve", "--data"])
//!     .arg(&data)
//!     .envs(shim.env(&data))
//!     .spawn()?;
//! shim.shift_clock(3_600_000)?;
//! shim.fail(&Fault { calls: Calls::SYNC, after: 100, ..Fault::no_space() })?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod fault;
pub mod recording;
#[cfg(test)]
mod tests;

use std::{
    env,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

pub use fault::{Calls, Fault};

const SOURCE: &str = include_str!("shim/shim.c");

/// How many words of 64 bits the control file has.
const WORDS: u64 = 64;

/// The words of the control file, as in `shim.c`.
#[derive(Clone, Copy)]
enum Word {
    ClockMs,
    Error,
    Calls,
    Skip,
    Times,
    Failed,
    Seen,
    Short,
    SyncUs,
}

/// A compiled shim and its control file: one for each process under trial.
#[derive(Debug)]
pub struct Shim {
    directory: PathBuf,
    library: PathBuf,
    control: File,
}

impl Shim {
    /// Compiles the library into `scratch/shim`, unless it is there, and creates a control file
    /// that lets everything pass.
    ///
    /// # Errors
    /// When the directory cannot be written, or there is no C compiler.
    pub fn build(scratch: &Path) -> io::Result<Shim> {
        let directory = scratch.join("shim");
        fs::create_dir_all(&directory)?;
        let directory = directory.canonicalize()?;
        let library = directory.join("shim.so");
        if !library.try_exists()? {
            compile(&directory, &library)?;
        }
        let control = OpenOptions::new()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(directory.join("control"))?;
        control.set_len(WORDS * 8)?;
        Ok(Shim { directory, library, control })
    }

    /// What a process under trial gets as its environment. `watched` is the directory whose files
    /// may be made to fail; it need not exist yet, but its parent has to.
    ///
    /// # Panics
    /// When the parent does not exist.
    pub fn env(&self, watched: &Path) -> Vec<(&'static str, OsString)> {
        let parent = watched.parent().filter(|parent| *parent != Path::new(""));
        let parent = parent.unwrap_or(Path::new(".")).canonicalize();
        let name = watched.file_name().expect("the watched directory has a name");
        let watched = parent.expect("the parent of the watched directory exists").join(name);
        vec![
            ("LD_PRELOAD", self.library.clone().into()),
            ("ABIDE_SHIM_CONTROL", self.directory.join("control").into()),
            ("ABIDE_SHIM_UNDER", watched.into()),
        ]
    }

    /// [`env`](Self::env) for a process whose writes are recorded, too. Both files are emptied.
    ///
    /// # Errors
    /// When they cannot be.
    pub fn recording_env(
        &self,
        watched: &Path,
    ) -> io::Result<(Vec<(&'static str, OsString)>, PathBuf)> {
        let (log, marks) = (self.directory.join("log"), self.directory.join("marks"));
        File::create(&log)?;
        File::create(&marks)?;
        let mut env = self.env(watched);
        env.push(("ABIDE_SHIM_LOG", log.clone().into()));
        env.push((MARKS, marks.into()));
        Ok((env, log))
    }

    /// Moves the time of day of the process by so many milliseconds, from now on. Elapsed time is
    /// not moved.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn shift_clock(&self, ms: i64) -> io::Result<()> {
        self.set(Word::ClockMs, ms)
    }

    /// Lets calls fail from now on, instead of what failed before.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn fail(&self, fault: &Fault) -> io::Result<()> {
        self.heal()?;
        self.set(Word::Calls, fault.calls.bits())?;
        self.set(Word::Skip, fault.after.try_into().unwrap_or(i64::MAX))?;
        self.set(Word::Times, fault.times.try_into().unwrap_or(i64::MAX))?;
        self.set(Word::Short, fault.short.into())?;
        self.set(Word::Failed, 0)?;
        self.set(Word::Seen, 0)?;
        self.set(Word::Error, fault.errno.into())
    }

    /// Lets all calls pass again. How many have failed remains known.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn heal(&self) -> io::Result<()> {
        self.set(Word::Error, 0)
    }

    /// How many calls have failed since the last [`fail`](Self::fail).
    ///
    /// # Errors
    /// When the control file cannot be read.
    pub fn failed(&self) -> io::Result<u64> {
        self.get(Word::Failed)
    }

    /// How many calls could have failed since the last [`fail`](Self::fail).
    ///
    /// # Errors
    /// When the control file cannot be read.
    pub fn seen(&self) -> io::Result<u64> {
        self.get(Word::Seen)
    }

    /// Makes every sync take so many microseconds longer.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn slow_syncs(&self, us: u32) -> io::Result<()> {
        self.set(Word::SyncUs, us.into())
    }

    fn set(&self, word: Word, value: i64) -> io::Result<()> {
        self.control.write_all_at(&value.to_ne_bytes(), word as u64 * 8)
    }

    fn get(&self, word: Word) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, word as u64 * 8)?;
        Ok(u64::from_ne_bytes(bytes))
    }
}

/// The environment variable that names the file of marks: what a recorded process writes there
/// stands in the recording, in its order among the calls.
pub const MARKS: &str = "ABIDE_SHIM_MARKS";

fn compile(directory: &Path, library: &Path) -> io::Result<()> {
    let source = directory.join("shim.c");
    fs::write(&source, SOURCE)?;
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    // In place by a rename, so that several processes may do this at once.
    let fresh = directory.join(format!("shim.so.{}", std::process::id()));
    let output = Command::new(&compiler)
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .args([&fresh, &source])
        .arg("-ldl")
        .output()
        .map_err(|error| {
            let compiler = compiler.display();
            io::Error::new(
                error.kind(),
                format!("the shim needs a C compiler, {compiler}: {error}"),
            )
        })?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("the shim does not compile: {text}")));
    }
    fs::rename(fresh, library)
}
