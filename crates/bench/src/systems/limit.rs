//! The limit: nothing but appending and syncing.
//!
//! One writer takes whatever has been handed to it meanwhile, appends all of it with one call, syncs
//! the file and answers. So its batches are as large as those of a system with as many operations in
//! flight. What it appends is what Abide does for the same operation: so many commits, one after the
//! other, of so many bytes.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use abide_bench::driver::{Job, Lane, Ready, Subject, Timing, Unsupported};
use tokio::sync::oneshot;

use crate::Fault;

/// What Abide's journal takes for a promise with its tags and a hundred bytes of payload. These are
/// what an embedded engine wrote with 64 operations in flight, by its `wchar` in `/proc`, before decision
/// 36; since then each write takes 15 bytes less.
const CREATE: usize = 320;

/// What it takes for a settlement.
const SETTLE: usize = 420;

/// What a task takes that is created with its promise, and the end of both.
const LIFE: [usize; 2] = [800, 450];

/// What a workflow of steps takes at its beginning and at its end.
const WORKFLOW: [usize; 2] = [550, 400];

/// What a step takes: its creation and its settlement, in one commit.
const STEP: usize = 620;

/// A file has its length from the beginning, as a segment of Abide's journal has, so that a sync need
/// not write a new length too. When it is full, another one takes its place.
const FILE: u64 = 64 << 20;

pub(crate) struct Limit {
    writer: mpsc::Sender<Append>,
}

struct Append {
    bytes: usize,
    done: oneshot::Sender<io::Result<()>>,
}

pub(crate) async fn start(path: PathBuf) -> Result<Limit, Fault> {
    let (writer, appends) = mpsc::channel();
    let mut log = Log::create(&path, 0)?;
    thread::spawn(move || log.serve(&appends));
    Ok(Limit { writer })
}

struct Log {
    directory: PathBuf,
    number: u64,
    file: File,
    at: u64,
    buffer: Vec<u8>,
}

impl Log {
    fn create(directory: &Path, number: u64) -> io::Result<Self> {
        let name = directory.join(number.to_string());
        let file = OpenOptions::new().create_new(true).write(true).open(name)?;
        file.set_len(FILE)?;
        file.sync_all()?;
        File::open(directory)?.sync_all()?;
        Ok(Log { directory: directory.to_owned(), number, file, at: 0, buffer: Vec::new() })
    }

    fn serve(&mut self, appends: &mpsc::Receiver<Append>) {
        while let Ok(first) = appends.recv() {
            let batch: Vec<Append> = std::iter::once(first).chain(appends.try_iter()).collect();
            let written = self.append(batch.iter().map(|append| append.bytes).sum());
            for append in batch {
                let outcome = written.as_ref().copied().map_err(|error| error.kind().into());
                // Whoever has gone does not want to know.
                let _ = append.done.send(outcome);
            }
        }
    }

    fn append(&mut self, bytes: usize) -> io::Result<()> {
        if self.at + bytes as u64 > FILE {
            *self = Log::create(&self.directory, self.number + 1)?;
            fs::remove_file(self.directory.join((self.number - 1).to_string()))?;
        }
        self.buffer.resize(bytes.max(self.buffer.len()), 0xA7);
        self.file.write_all(&self.buffer[..bytes])?;
        self.at += bytes as u64;
        self.file.sync_data()
    }
}

impl Subject for Limit {
    type Lane = LimitLane;

    fn ready(&self) -> Ready {
        Ready::new("limit", "append and sync", "fdatasync before each answer; one writer, one file")
            .with("worker", std::process::id())
    }

    async fn lane(&self, job: &Job, _: usize) -> Result<LimitLane, Fault> {
        let commits = match *job {
            Job::Create => vec![CREATE],
            Job::Settle => vec![CREATE, SETTLE],
            Job::Life => LIFE.to_vec(),
            Job::Steps { steps } => {
                let [begin, end] = WORKFLOW;
                [vec![begin], vec![STEP; steps as usize], vec![end]].concat()
            }
            _ => return Err(Unsupported::because("there is nothing to append and sync")),
        };
        Ok(LimitLane { writer: self.writer.clone(), commits })
    }

    async fn stop(self) -> Result<(), Fault> {
        Ok(())
    }
}

pub(crate) struct LimitLane {
    writer: mpsc::Sender<Append>,
    commits: Vec<usize>,
}

impl Lane for LimitLane {
    async fn operate(&mut self, _: &str) -> Result<Timing, Fault> {
        for &bytes in &self.commits {
            let (done, written) = oneshot::channel();
            self.writer.send(Append { bytes, done })?;
            written.await??;
        }
        Ok(Timing::Whole)
    }
}
