//! The server as a process, and what the system says about it.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{Fault, arguments::Arguments, connection::Connection};

/// The unit in which the system counts processor time, unless it is a very unusual one.
const TICK: Duration = Duration::from_millis(10);

/// A running server with data of its own.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first answer.
    pub(crate) start_up: Duration,
    child: Child,
    data: Option<TempDir>,
    // Whoever closes the other end of its stderr makes a process that writes there fail.
    _stderr: tokio::io::Lines<BufReader<tokio::process::ChildStderr>>,
}

impl Server {
    /// Starts a server over an empty store.
    pub(crate) async fn start(arguments: &Arguments) -> Result<Self, Fault> {
        let data = match &arguments.scratch {
            _ if arguments.memory => None,
            Some(path) => Some(tempfile::tempdir_in(path)?),
            None => Some(tempfile::tempdir()?),
        };
        Self::start_over(arguments, data).await
    }

    /// Ends this server and starts another one over the same store.
    pub(crate) async fn restart(mut self, arguments: &Arguments) -> Result<Self, Fault> {
        let data = self.data.take();
        self.stop().await?;
        Self::start_over(arguments, data).await
    }

    async fn start_over(arguments: &Arguments, data: Option<TempDir>) -> Result<Self, Fault> {
        let path = binary(arguments)?;
        let mut command = Command::new(&path);
        match &data {
            Some(data) => command.arg("serve").arg("--data").arg(data.path()),
            None => command.arg("dev"),
        };
        command.args(["--port", "0", "--metrics-port", "off", "--log", "warn"]);
        if !arguments.sync_delay.is_zero() {
            let delay = humantime::format_duration(arguments.sync_delay).to_string();
            command.arg("--sync-delay").arg(delay);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", path.display()))?;
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let mut said = String::new();
        let address = loop {
            let Some(line) = stderr.next_line().await? else {
                return Err(format!("the server ended at once: {said}").into());
            };
            // "abide listens on http://127.0.0.1:8001, …"
            let url = line.split("http://").nth(1).and_then(|rest| rest.split([',', ' ']).next());
            if let Some(address) = url.and_then(|url| url.parse().ok()) {
                break address;
            }
            said.push_str(&line);
        };
        Connection::open(address).await?.get("/ready").await?;
        let start_up = started.elapsed();
        Ok(Server { address, start_up, child, data, _stderr: stderr })
    }

    /// The processor time used so far.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid()))?;
        // The name, in parentheses, may hold anything; utime and stime are the 14th and 15th.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u32 = fields.skip(11).take(2).filter_map(|text| text.parse::<u32>().ok()).sum();
        Ok(TICK * ticks)
    }

    /// The memory in use right now, in bytes.
    pub(crate) fn memory(&self) -> io::Result<u64> {
        self.status("VmRSS:")
    }

    /// The most memory that was ever in use, in bytes.
    pub(crate) fn peak_memory(&self) -> io::Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> io::Result<u64> {
        status(&self.pid().to_string(), name)
    }

    /// The size of the data on disk, in bytes: the blocks that are in use.
    pub(crate) fn disk(&self) -> io::Result<u64> {
        self.data.as_ref().map_or(Ok(0), |data| size(data.path()))
    }

    fn pid(&self) -> u32 {
        self.child.id().expect("it is waited for only at the end")
    }

    /// Ends the process as an operator does, and says how long that took.
    pub(crate) async fn stop(mut self) -> Result<Duration, Fault> {
        let started = Instant::now();
        let pid = self.pid().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().await?;
        if !killed.success() {
            return Err("the server cannot be ended".into());
        }
        let status = self.child.wait().await?;
        if !status.success() {
            return Err(format!("the server ended with {status}").into());
        }
        Ok(started.elapsed())
    }
}

/// The memory that this very process uses right now, in bytes.
pub(crate) fn own_memory() -> io::Result<u64> {
    status("self", "VmRSS:")
}

fn status(process: &str, name: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kib = line.trim().trim_end_matches(" kB").parse().map_err(io::Error::other)?;
    Ok(u64::checked_mul(kib, 1024).unwrap_or(u64::MAX))
}

fn binary(arguments: &Arguments) -> Result<PathBuf, Fault> {
    let path = match &arguments.server {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("abide"),
    };
    if path.exists() {
        return Ok(path);
    }
    let text = "does not exist: build it with `cargo build --release -p abide-cli`, or name another by --server";
    Err(format!("{} {text}", path.display()).into())
}

#[cfg(unix)]
fn size(path: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut sum = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { size(&entry.path())? } else { metadata.blocks() * 512 };
    }
    Ok(sum)
}
