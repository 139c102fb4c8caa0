use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use abide_client::HttpLink;
use rustix::process::{Pid, Signal, kill_process};

use super::{PATIENCE, usage};

/// How a server is started over a directory of data.
#[derive(Clone, Debug)]
pub struct Serve {
    binary: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl Serve {
    /// `abide serve` of this binary over this directory, with the debug requests. Port 0 takes any
    /// free one.
    pub fn new(binary: &Path, data: &Path, port: u16) -> Self {
        let mut serve =
            Serve { binary: binary.to_owned(), arguments: Vec::new(), environment: Vec::new() };
        serve.arguments.extend(["serve".into(), "--data".into(), data.into()]);
        let port = port.to_string();
        serve.options(&["--port", &port, "--metrics-port", "off", "--debug"])
    }

    /// With further options.
    #[must_use]
    pub fn options(mut self, options: &[&str]) -> Self {
        self.arguments.extend(options.iter().map(OsString::from));
        self
    }

    /// With these variables in its environment.
    #[must_use]
    pub fn environment<'a>(
        mut self,
        variables: impl IntoIterator<Item = (&'a str, OsString)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value));
        self.environment.extend(variables);
        self
    }

    fn spawn(&self) -> Child {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ABIDE_")) {
            command.env_remove(name);
        }
        command.args(&self.arguments).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()))
    }

    /// Starts it; it has said where it listens.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn start(&self) -> Server {
        self.try_start().unwrap_or_else(|said| panic!("the server ended and said: {said}"))
    }

    /// Starts it; it has said where it listens, or what it said when it ended instead.
    ///
    /// # Errors
    /// What it said.
    pub fn try_start(&self) -> Result<Server, String> {
        let mut child = self.spawn();
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut said = String::new();
        let url = loop {
            let begin = said.len();
            if stderr.read_line(&mut said).expect("stderr is text") == 0 {
                let status = child.wait().expect("it ended");
                return Err(format!("{said}({status})"));
            }
            if let Some((_, rest)) = said[begin..].split_once("listens on ") {
                break rest.split([',', '\n']).next().expect("there is one").to_owned();
            }
        };
        let said = Arc::new(Mutex::new(said));
        let keep = said.clone();
        thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                keep.lock().expect("nobody panics with it").push_str(&line);
                line.clear();
            }
        });
        Ok(Server { child, url, said })
    }

    /// Starts it and kills it before it can have said anything, or soon after.
    pub fn start_in_vain(&self, life: std::time::Duration) {
        let mut child = self.spawn();
        thread::sleep(life);
        child.kill().expect("it was not waited for");
        child.wait().expect("it ended");
    }
}

/// A running server. It is killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A link of one's own to it.
    pub fn link(&self) -> HttpLink {
        HttpLink::new(&self.url).expect("the server says a URL")
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

    /// What the system says of it.
    pub fn usage(&self) -> usage::Usage {
        usage::Usage::of(self.child.id())
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it has not been waited for");
    }

    /// Kills it at once: kill -9.
    pub fn kill(&mut self) {
        self.child.kill().expect("it has not been waited for");
        self.child.wait().expect("it ended");
    }

    /// Asks it to end and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let since = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "it does not end: {}", self.said());
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it can be asked")
    }

    /// Checks that no thread of it has panicked.
    ///
    /// # Panics
    /// When one has.
    pub fn assert_calm(&self) {
        let said = self.said();
        assert!(!said.contains("panicked") && !said.contains("invariant"), "{said}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the server said: {}", self.said());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
