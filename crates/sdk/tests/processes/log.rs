//! What the processes say they did, in a file that they share.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Nothing here takes as long as this.
const STUCK: Duration = Duration::from_secs(60);

/// The variable that names the file.
pub(crate) const FILE: &str = "ABIDE_TEST_LOG";

/// Adds a line, with the number of this process.
pub(crate) fn say(what: &str) {
    let path = std::env::var(FILE).expect("a child knows the log");
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    // One write, so that lines of several processes do not mix.
    file.write_all(format!("{what} {}\n", std::process::id()).as_bytes()).unwrap();
}

/// Puts into the log what the SDK tells an operator.
pub(crate) fn trace() {
    let path = std::env::var(FILE).expect("a child knows the log");
    let file = move || OpenOptions::new().append(true).create(true).open(&path).unwrap();
    tracing_subscriber::fmt().with_writer(file).with_ansi(false).init();
}

/// Says so when it is dropped.
pub(crate) struct SayDropped(pub(crate) &'static str);

impl Drop for SayDropped {
    fn drop(&mut self) {
        say(self.0);
    }
}

/// The file, as a test reads it.
pub(crate) struct Log(pub(crate) PathBuf);

impl Log {
    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Whether a process said that.
    pub(crate) fn has(&self, what: &str, pid: u32) -> bool {
        self.lines().contains(&format!("{what} {pid}"))
    }

    /// Waits until an operator was told that.
    pub(crate) async fn told(&self, what: &str) {
        until(what, || self.lines().iter().any(|line| line.contains(what))).await;
    }

    /// Waits until one of these processes says that, and gives it.
    pub(crate) async fn first(&self, what: &str, pids: &[u32]) -> u32 {
        let mut found = None;
        until(what, || {
            found = pids.iter().copied().find(|pid| self.has(what, *pid));
            found.is_some()
        })
        .await;
        found.unwrap()
    }
}

/// Waits until something is the case.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < STUCK, "in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until a file is there.
pub(crate) async fn file(path: &Path) {
    while !path.exists() {
        // Rarely, so that a process is hardly ever stopped just here.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
