//! A server that the driver has started, and ends.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(60);
/// How long a server may take to end once it has been asked to.
const END: Duration = Duration::from_secs(10);
/// How often a server is looked at while it starts or ends.
const LOOK: Duration = Duration::from_millis(20);

/// A running server. Whatever becomes of the driver, it ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a server that writes what it has to say to `log`.
    ///
    /// # Errors
    /// When the log cannot be created or the program cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("create {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("start {}", command.get_program().display()))?;
        Ok(Server { child, log: log.to_owned() })
    }

    /// The id of the server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the server is ready, as `check` tells.
    ///
    /// # Errors
    /// When the server ends or takes too long; the error shows the end of its log.
    pub async fn ready(&mut self, mut check: impl AsyncFnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        while !check().await {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server has ended ({status}): {}", self.last_words());
            }
            if start.elapsed() > START {
                bail!("the server does not answer: {}", self.last_words());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let from = log.len().saturating_sub(2000);
        String::from_utf8_lossy(&log[from..]).into_owned()
    }

    fn end(&mut self) -> std::io::Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        // An interrupt ends Restate in order, and PostgreSQL without waiting for its clients.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::INT)?;
        }
        let start = Instant::now();
        while start.elapsed() < END {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK);
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("server {} may still run: {error}", self.child.id());
        }
    }
}
