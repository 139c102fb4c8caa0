//! Child processes.

use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::{
    child::{DRAIN, GROUP, LEASE, URL},
    log::{FILE, Log, until},
};

/// Worker processes of one group, and what they say.
pub(crate) struct Workers {
    directory: TempDir,
    url: String,
    group: &'static str,
    lease_millis: u64,
    drain_millis: u64,
    pub(crate) log: Log,
}

/// A process; killed when it is dropped.
pub(crate) struct Process(Child);

impl Workers {
    pub(crate) fn new(url: &str, group: &'static str, lease_millis: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = Log(directory.path().join("log"));
        Self { directory, url: url.to_owned(), group, lease_millis, drain_millis: 30_000, log }
    }

    /// The same, with so much time to end.
    pub(crate) fn draining(self, drain_millis: u64) -> Self {
        Self { drain_millis, ..self }
    }

    /// A file that is not there yet.
    pub(crate) fn gate(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// Starts one, and waits until it serves.
    pub(crate) async fn start(&self) -> Process {
        let process = Process::start("child::worker", |command| {
            command
                .env(URL, &self.url)
                .env(GROUP, self.group)
                .env(LEASE, self.lease_millis.to_string())
                .env(DRAIN, self.drain_millis.to_string())
                .env(FILE, &self.log.0);
        });
        self.log.first("serves", &[process.pid()]).await;
        process
    }
}

impl Process {
    /// Starts this program again, as one of its tests.
    pub(crate) fn start(role: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", role, "--nocapture", "--test-threads=1"]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        prepare(&mut command);
        Self(command.spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.pid().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the end of a process", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
