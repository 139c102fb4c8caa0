//! Runs the real binary: as a server on a free port, and as a command.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

const BINARY: &str = env!("CARGO_BIN_EXE_abide");

/// How long anything may take before the test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A command with an environment of its own.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ABIDE_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// How a run ended and what it said.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// The only line of JSON that was printed.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The lines of JSON that were printed.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// Fails the test unless stdout holds this text.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "{text:?} is not in {self:#?}");
        self
    }

    /// Fails the test unless stderr holds this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in {self:#?}");
        self
    }
}

/// Runs a command to its end.
pub fn run(args: &[&str]) -> Run {
    finish(command(args))
}

/// Runs a command to its end, with these environment variables.
pub fn run_with(args: &[&str], env: &[(&str, &str)]) -> Run {
    let mut command = command(args);
    command.envs(env.iter().copied());
    finish(command)
}

fn finish(mut command: Command) -> Run {
    let output = command.stdin(Stdio::null()).output().expect("the binary runs");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("stdout is text"),
        stderr: String::from_utf8(output.stderr).expect("stderr is text"),
    }
}

/// A running server. It is killed when it is dropped.
pub struct Abide {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Abide {
    /// A server with its data in memory.
    pub fn dev() -> Self {
        Abide::start(&["dev", "--port", "0", "--metrics-port", "off"])
    }

    /// A server with its data in a directory.
    pub fn serve(data: &Path) -> Self {
        Abide::serve_on(data, 0)
    }

    /// A server with its data in a directory, on a port.
    pub fn serve_on(data: &Path, port: u16) -> Self {
        Abide::serve_with(data, port, &[])
    }

    /// A server with its data in a directory, on a port, with further options.
    pub fn serve_with(data: &Path, port: u16, options: &[&str]) -> Self {
        let (data, port) = (data.to_str().expect("the path is text"), port.to_string());
        let args = ["serve", "--data", data, "--port", &port, "--metrics-port", "off"];
        Abide::start(&[&args, options].concat())
    }

    /// A server with these arguments; it has said where it listens.
    #[track_caller]
    pub fn start(args: &[&str]) -> Self {
        let mut command = command(args);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut line = String::new();
        let mut before = String::new();
        let url = loop {
            line.clear();
            if stderr.read_line(&mut line).expect("stderr is text") == 0 {
                let status = child.wait().expect("it ended");
                panic!("the server ended ({status}) and said: {before}");
            }
            before.push_str(&line);
            if let Some((_, rest)) = line.split_once("listens on ") {
                break rest.split([',', '\n']).next().expect("there is one").to_owned();
            }
        };
        let said = Arc::new(Mutex::new(before));
        let keep = said.clone();
        thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                keep.lock().expect("nobody panics with it").push_str(&line);
                line.clear();
            }
        });
        Abide { child, url, said }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        let port = self.url.rsplit(':').next().expect("a URL has a port");
        port.parse().expect("a port is a number")
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("nobody panics with it").clone()
    }

    /// Runs a command against it.
    pub fn run(&self, args: &[&str]) -> Run {
        run_with(args, &[("ABIDE_URL", &self.url)])
    }

    /// Starts a command against it, with its output piped.
    pub fn spawn(&self, args: &[&str]) -> Running {
        let mut command = command(args);
        command.env("ABIDE_URL", &self.url).stdin(Stdio::null());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the binary runs");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Running { child, stdout }
    }

    /// Kills it at once: kill -9.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    /// Asks it to end and waits until it has; the exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(status.success(), "the server had ended: {}", self.said());
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status.code();
            }
            assert!(since.elapsed() < PATIENCE, "it does not end: {}", self.said());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Abide {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the server said: {}", self.said());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that runs. It is killed when it is dropped.
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Waits for a line of output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("stdout is text");
        line
    }

    /// Waits for its end; stdout lacks the lines that were taken.
    pub fn finish(mut self) -> Run {
        let mut stderr = self.child.stderr.take().expect("stderr is piped");
        let talk = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("stderr is text");
            text
        });
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).expect("stdout is text");
        let status = self.child.wait().expect("it ends");
        let stderr = talk.join().expect("the reader ends");
        Run { code: status.code().unwrap_or(-1), stdout, stderr }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tries until it is so.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
