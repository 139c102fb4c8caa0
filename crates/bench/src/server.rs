//! The server as a process over data of its own.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use clap::Args;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStderr, Command},
};

use crate::Fault;

/// How the server is started.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// The server's binary [default: abide beside this one]
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// Added by the server to each sync of the disk
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = humantime::parse_duration)]
    sync_delay: Duration,
    /// Keep the data in memory: what the server costs without a disk
    #[arg(long)]
    memory: bool,
}

impl Options {
    pub(crate) fn durability(&self) -> String {
        if self.memory {
            return "none: data in memory".to_owned();
        }
        let mut words = "fdatasync before each answer; waiting commits share one".to_owned();
        if !self.sync_delay.is_zero() {
            let delay = humantime::format_duration(self.sync_delay);
            words.push_str(&format!("; {delay} added to each"));
        }
        words
    }

    fn binary(&self) -> Result<PathBuf, Fault> {
        let path = match &self.server {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("abide"),
        };
        if path.exists() {
            return Ok(path);
        }
        let text = "does not exist: build it with `cargo build --release -p abide-cli`, or name another by --server";
        Err(format!("{} {text}", path.display()).into())
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first answer.
    pub(crate) start_up: Duration,
    options: Options,
    data: PathBuf,
    child: Child,
    // Whoever closes the other end of its stderr makes a process that writes there fail.
    _stderr: tokio::io::Lines<BufReader<ChildStderr>>,
}

impl Server {
    /// Starts a server over what is in a directory.
    pub(crate) async fn start(options: &Options, data: &Path) -> Result<Self, Fault> {
        let path = options.binary()?;
        let mut command = Command::new(&path);
        match options.memory {
            false => command.arg("serve").arg("--data").arg(data),
            true => command.arg("dev"),
        };
        command.args(["--port", "0", "--metrics-port", "off", "--log", "warn"]);
        if !options.sync_delay.is_zero() {
            let delay = humantime::format_duration(options.sync_delay).to_string();
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
        answers(address).await?;
        let start_up = started.elapsed();
        let (options, data) = (options.clone(), data.to_owned());
        Ok(Server { address, start_up, options, data, child, _stderr: stderr })
    }

    /// Ends this server and starts another one over the same data.
    pub(crate) async fn restart(&mut self) -> Result<(), Fault> {
        self.end().await?;
        *self = Self::start(&self.options, &self.data).await?;
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it is waited for only at the end")
    }

    /// The size of the data on disk, in bytes: the blocks that are in use.
    pub(crate) fn disk(&self) -> io::Result<u64> {
        disk(&self.data)
    }

    /// Whether a restart finds the data again.
    pub(crate) fn is_durable(&self) -> bool {
        !self.options.memory
    }

    /// Ends the process as an operator does, and says how long that took.
    pub(crate) async fn end(&mut self) -> Result<Duration, Fault> {
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

/// Waits for the first answer.
async fn answers(address: SocketAddr) -> Result<(), Fault> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /ready HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n").await?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await?;
    match &head == b"HTTP/1.1 200" {
        true => Ok(()),
        false => Err(format!("the server is not ready: {}", String::from_utf8_lossy(&head)).into()),
    }
}

/// What the files of a directory take on disk.
#[cfg(unix)]
pub(crate) fn disk(path: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut sum = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Files of a tree come and go while it is compacted.
        let Ok(metadata) = entry.metadata() else { continue };
        sum += if metadata.is_dir() { disk(&entry.path())? } else { metadata.blocks() * 512 };
    }
    Ok(sum)
}
