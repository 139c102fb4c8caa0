use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use abide_bench::driver::{Order, Ready, Reply};
use serde::Deserialize;

use super::{candidate::Candidate, syncs::Counter};

/// A system is up within this time, or it has failed.
const START: Duration = Duration::from_secs(180);

/// A job takes this long beyond its load, at most: ten million promises may have to be made first.
const JOB: Duration = Duration::from_secs(3_600);

/// A driver that was told to stop has this long.
const STOP: Duration = Duration::from_secs(60);

/// How much of what a driver said is repeated when it fails.
const TAIL: usize = 400;

/// A driver and its system, up and running.
pub(crate) struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    log: PathBuf,
    pub(crate) ready: Ready,
}

/// What a driver says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Ready {
        ready: Ready,
    },
    /// What the job needs is made.
    Begun {
        #[serde(rename = "begun")]
        _begun: bool,
    },
    Reply(Reply),
}

impl Session {
    /// Starts a system in a new directory.
    pub(crate) fn start(
        candidate: &Candidate,
        directory: &Path,
        counter: Option<&Counter>,
    ) -> Result<Self, String> {
        let program = candidate.program.clone()?;
        let log = directory.with_extension("log");
        let stderr = File::create(&log).map_err(|error| error.to_string())?;
        let mut command = Command::new(&program);
        command.args(&candidate.arguments).arg("--dir").arg(directory);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        if let Some(counter) = counter {
            command.envs(counter.env());
        }
        let mut child = command
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let stdin = child.stdin.take();
        let ready = Ready::new("", "", "");
        let mut session = Session { child, stdin, lines, log, ready };
        match session.listen(START) {
            Ok(Said::Ready { ready }) => {
                session.ready = ready;
                Ok(session)
            }
            Ok(Said::Reply(Reply::Failed(why))) => Err(why),
            Ok(_) => Err("it answers before it is asked".to_owned()),
            Err(why) => Err(why),
        }
    }

    /// Has a job measured. What is to be done when what it needs is made, is done then.
    pub(crate) fn order(&mut self, order: &Order, mut begun: impl FnMut(&Ready)) -> Reply {
        let time = JOB + Duration::from_secs_f64(order.warmup + order.seconds);
        let line = serde_json::to_string(order).expect("an order is JSON");
        let sent = self.stdin.as_mut().map(|stdin| writeln!(stdin, "{line}"));
        if let Some(Err(error)) = sent {
            return Reply::Failed(format!("the driver has gone ({error}): {}", self.tail()));
        }
        let until = Instant::now() + time;
        loop {
            match self.listen(until.saturating_duration_since(Instant::now())) {
                Ok(Said::Reply(reply)) => return reply,
                Ok(Said::Begun { .. }) => begun(&self.ready),
                // Its processes have changed.
                Ok(Said::Ready { ready }) => self.ready = ready,
                Err(why) => return Reply::Failed(why),
            }
        }
    }

    fn listen(&self, time: Duration) -> Result<Said, String> {
        match self.lines.recv_timeout(time) {
            Ok(line) => serde_json::from_str(&line)
                .map_err(|error| format!("{line:?} is not of the driver's protocol: {error}")),
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("it said nothing for {} s: {}", time.as_secs(), self.tail()))
            }
            Err(RecvTimeoutError::Disconnected) => Err(format!("it has ended: {}", self.tail())),
        }
    }

    /// The end of what the driver has said to people, in one line.
    fn tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let skipped = text.chars().count().saturating_sub(TAIL);
        text.chars().skip(skipped).collect()
    }
}

impl Drop for Session {
    /// Has the driver stop what it has started, and ends it if it does not.
    fn drop(&mut self) {
        drop(self.stdin.take());
        let until = Instant::now() + STOP;
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(5)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        eprintln!("the driver of {} does not stop and is killed", self.ready.system);
        let family = crate::processes::family(&[self.child.id()]);
        let pids: Vec<String> = family.iter().map(ToString::to_string).collect();
        let _ = Command::new("kill").arg("-KILL").args(pids).status();
        let _ = self.child.wait();
    }
}
