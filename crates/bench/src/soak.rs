//! A worker that executes very much: does it grow?

use std::{collections::BTreeSet, ops::Range, sync::Arc, time::Duration};

use abide::{ErrorKind, prelude::*};
use abide_client::{HttpLink, Link};
use abide_protocol::{Request, TaskGet, TaskRelease, TaskState};
use clap::Args;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    Fault, processes,
    server::{self, Server},
    units,
};

/// What is asked of the worker.
#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    /// How many executions
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    executions: u32,
    #[command(flatten)]
    server: server::Options,
}

/// How many executions are in flight.
const AT_A_TIME: u32 = 64;

/// How often it is looked at.
const LOOKS: u32 = 20;

/// Suspended executions that are kept in memory: fewer than there are, so that some are replayed.
const WARM: usize = 16;

/// Every so manieth execution loses its task in the middle.
const LOST: u32 = 500;

/// The group of the worker.
const GROUP: &str = "soak";

#[durable]
async fn varied(n: u32) -> Result<u32> {
    match n % 7 {
        _ if n.is_multiple_of(LOST) => Ok(slow(n).await? + leaf(n).await?),
        0 => leaf(n).await,
        1 => sleep(Duration::from_millis(20)).await.map(|()| n),
        2 => leaf(n).on(GROUP).await,
        3 => {
            let (here, there) = join!(leaf(n), leaf(n).on(GROUP));
            Ok(here? + there?)
        }
        4 => Err(Error::permanent("it fails")),
        5 => slow(n).timeout(Duration::from_millis(2)).await.or(Ok(n)),
        _ => Ok(leaf(n).await? + leaf(n + 1).await?),
    }
}

#[durable]
async fn leaf(n: u32) -> Result<u32> {
    Ok(n)
}

#[durable]
async fn slow(n: u32) -> Result<u32> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(n)
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Fault> {
    let data = tempfile::tempdir()?;
    let mut server = Server::start(&arguments.server, data.path()).await?;
    let url = server.url();
    let link = Arc::new(HttpLink::new(&url)?);
    let abide = Abide::connect(&url).await.map_err(fault)?.group(GROUP).warm(WARM);
    println!("{} executions by one worker, {AT_A_TIME} in flight", arguments.executions);
    println!("\n| executions | a second | worker | server |\n|--:|--:|--:|--:|");
    let (mut done, mut most) = (0, [0u64; 2]);
    for look in 1..=LOOKS {
        let until = u64::from(arguments.executions) * u64::from(look) / u64::from(LOOKS);
        let (until, begun) = (until as u32, Instant::now());
        execute(&abide, &link, done..until).await?;
        let rate = f64::from(until - done) / begun.elapsed().as_secs_f64();
        done = until;
        let worker = memory(std::process::id());
        let half = &mut most[usize::from(2 * look > LOOKS)];
        *half = worker.max(*half);
        let (worker, server) = (mib(worker), mib(memory(server.pid())));
        println!("| {done} | {rate:.0} | {worker} | {server} |");
    }
    let [first, second] = most.map(mib);
    println!("\nmost memory of the worker: {first} in the first half, {second} in the second");
    abide.close().await;
    server.end().await?;
    Ok(())
}

fn memory(pid: u32) -> u64 {
    processes::memory(&BTreeSet::from([pid]))
}

fn mib(bytes: u64) -> String {
    units::bytes(bytes as f64)
}

async fn execute(abide: &Abide, link: &Arc<HttpLink>, numbers: Range<u32>) -> Result<(), Fault> {
    let mut tasks = JoinSet::new();
    for first in 0..AT_A_TIME {
        let (abide, link, numbers) = (abide.clone(), link.clone(), numbers.clone());
        tasks.spawn(async move {
            for n in numbers.skip(first as usize).step_by(AT_A_TIME as usize) {
                let id = format!("soak-{n}");
                let lost =
                    n.is_multiple_of(LOST).then(|| tokio::spawn(lose(link.clone(), id.clone())));
                let result = persist(&abide, &id, n).await;
                if result.is_err() != (!n.is_multiple_of(LOST) && n % 7 == 4) {
                    return Err(format!("{id} gave {result:?}"));
                }
                if let Some(lost) = lost {
                    lost.await.map_err(|error| error.to_string())??;
                }
            }
            Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

/// Runs one. On a machine that is busy with other things the server may take longer than a client
/// waits; running it again attaches to it.
async fn persist(abide: &Abide, id: &str, n: u32) -> Result<u32> {
    loop {
        match abide.run(id, varied(n)).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => eprintln!("{id}: {error}"),
            result => return result,
        }
    }
}

/// Takes the task of a running execution away, as if its lease had run out.
async fn lose(link: Arc<HttpLink>, id: String) -> Result<(), String> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    let get = Request::TaskGet(TaskGet { id: id.as_str().into() });
    let answer = link.call(get).await.map_err(|error| error.to_string())?;
    // On a busy machine it may not have begun.
    let Some(task) = answer.task().filter(|task| task.state == TaskState::Acquired) else {
        return Ok(());
    };
    let (id, version) = (task.id.clone(), task.version);
    let release = Request::TaskRelease(TaskRelease { id, version });
    link.call(release).await.map(drop).map_err(|error| error.to_string())
}

fn fault(error: abide::Error) -> Fault {
    error.to_string().into()
}
