//! Programs over a server that is killed again and again, and by workers that are, too: the results
//! are right, and what was done is done again only where a worker died in the middle of it.

mod functions;
mod log;
pub mod worker;

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use abide::{Abide, Handle, Result};
use rustix::process::{Pid, Signal, kill_process};

use self::{
    functions::{counted, spread},
    log::Log,
};
use super::{PATIENCE, Trial, server::Serve, summary::Summary};

/// The group of the workers.
const GROUP: &str = "programs";

/// How many worker processes there are.
const WORKERS: usize = 2;

/// How many executions go on at a time.
const AT_ONCE: usize = 6;

/// How many rounds a loop goes, and how wide a fan-out is.
const LOOP: u64 = 12;
const WIDTH: u64 = 8;

/// The longest life of a server, in milliseconds.
const LONGEST_LIFE: u64 = 300;

/// How long a stopped worker stands still, at most, in milliseconds. Its lease is a second.
const LONGEST_STOP: u64 = 2_000;

/// Kills a server so many times, and some of the workers.
///
/// # Panics
/// When a result is wrong or does not come, or something was done again without need.
pub async fn run(trial: &Trial, rounds: u64) -> Summary {
    let mut rng = trial.rng();
    let directory = trial.directory();
    let data = directory.path().join("data");
    let serve = |port| Serve::new(&trial.binary, &data, port).options(&["--retry-interval", "1s"]);
    let mut server = serve(0).start();
    let workers = Workers { url: server.url().to_owned(), log: directory.path().join("log") };
    let mut running: Vec<Worker> = (0..WORKERS).map(|_| workers.start()).collect();
    let client = Abide::connect(server.url()).await.expect("the server is there");
    let mut executions: Vec<Execution> = Vec::new();
    let (mut begun, mut ended) = (0, 0);
    let (mut killed, mut stopped) = (0, 0);
    for round in 0..rounds {
        while executions.len() < AT_ONCE {
            executions.push(Execution::start(&client, begun).await.expect("it is started"));
            begun += 1;
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(1..LONGEST_LIFE))).await;
        server.kill();
        match rng.u8(..8) {
            0 => {
                let worker = rng.choice(&mut running).expect("there are some");
                *worker = workers.start();
                killed += 1;
            }
            1 => {
                let worker = rng.choice(&running).expect("there are some");
                worker.freeze(Duration::from_millis(rng.u64(..LONGEST_STOP)));
                stopped += 1;
            }
            _ => {}
        }
        server = serve(server.port()).start();
        server.assert_calm();
        let mut still = Vec::new();
        for execution in executions {
            match execution.finished().await {
                Ok(()) => ended += 1,
                Err(execution) => still.push(execution),
            }
        }
        executions = still;
        if round % 20 == 19 {
            trial.progress(&format!("{} of {rounds} kills: {ended} executions", round + 1));
        }
    }
    for execution in executions {
        execution.result().await;
        ended += 1;
    }
    assert_eq!(ended, begun);
    let log = Log::read(&workers.log);
    let disturbed = killed + stopped;
    // Whoever is disturbed may be in the middle of one attempt of each execution.
    let allowed = disturbed * AT_ONCE as u64 * WIDTH;
    assert!(log.repeated <= allowed, "{log:?} with {disturbed} workers disturbed");
    log.assert_complete(begun);
    drop(running);
    assert!(server.stop().success(), "{}", server.said());
    Summary::new("programs")
        .line(format!(
            "{rounds} servers killed under {WORKERS} worker processes, of which {killed} were \
             killed and {stopped} stopped for up to twice their lease"
        ))
        .line(format!("{ended} executions ended, wrong 0, missing 0"))
        .line(format!(
            "{} attempts at steps, of which {} were repeated (at most {allowed})",
            log.attempts, log.repeated
        ))
}

/// An execution and what must come of it.
struct Execution {
    handle: Handle<u64>,
    expected: u64,
}

impl Execution {
    /// Starts one: every second is a loop with save points, the others are fan-outs.
    async fn start(client: &Abide, number: u64) -> Result<Self> {
        let id = format!("execution-{number}");
        let (handle, steps) = if number.is_multiple_of(2) {
            (client.start(&id, counted(number, LOOP).on(GROUP)).await?, LOOP)
        } else {
            (client.start(&id, spread(number, WIDTH).on(GROUP)).await?, WIDTH)
        };
        Ok(Execution { handle, expected: (0..steps).map(|step| step * step).sum() })
    }

    /// Takes its result if it has ended.
    async fn finished(self) -> std::result::Result<(), Self> {
        if !self.handle.is_settled().await.expect("the server answers in the end") {
            return Err(self);
        }
        self.result().await;
        Ok(())
    }

    async fn result(self) {
        let id = self.handle.id().to_owned();
        let result = tokio::time::timeout(PATIENCE * 2, self.handle).await;
        let result = result.unwrap_or_else(|_| panic!("{id} does not end"));
        assert_eq!(result.expect("it does not fail"), self.expected, "{id}");
    }
}

/// How workers are started: this very program, with another command.
struct Workers {
    url: String,
    log: PathBuf,
}

/// A worker process; killed when it is dropped.
struct Worker(Child);

impl Workers {
    fn start(&self) -> Worker {
        let program = std::env::current_exe().expect("the system knows");
        let mut command = Command::new(program);
        command.arg("worker").arg(&self.url).arg(GROUP).arg(&self.log);
        Worker(command.stdin(Stdio::null()).spawn().expect("this program can be started again"))
    }
}

impl Worker {
    /// Stops it for so long.
    fn freeze(&self, span: Duration) {
        let process = Pid::from_child(&self.0);
        kill_process(process, Signal::STOP).expect("it has not been waited for");
        std::thread::spawn(move || {
            std::thread::sleep(span);
            // It may have been killed meanwhile.
            let _ = kill_process(process, Signal::CONT);
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
