//! A worker that executes very much: does it grow?

use std::{ops::Range, sync::Arc, time::Duration};

use abide::{ErrorKind, prelude::*};
use abide_client::{HttpLink, Link};
use abide_protocol::{Request, TaskGet, TaskRelease, TaskState};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    Fault,
    arguments::Arguments,
    process::{self, Server},
    report,
};

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

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Fault> {
    let server = Server::start(arguments).await?;
    let url = format!("http://{}", server.address);
    let link = Arc::new(HttpLink::new(&url)?);
    let abide = Abide::connect(&url).await.map_err(fault)?.group(GROUP).warm(WARM);
    println!("{} executions by one worker, {AT_A_TIME} in flight", arguments.soak);
    println!("\n| executions | a second | worker | server |\n|--:|--:|--:|--:|");
    let (mut done, mut memory) = (0, Vec::new());
    for look in 1..=LOOKS {
        let until = (u64::from(arguments.soak) * u64::from(look) / u64::from(LOOKS)) as u32;
        let begun = Instant::now();
        execute(&abide, &link, done..until).await?;
        let rate = f64::from(until - done) / begun.elapsed().as_secs_f64();
        done = until;
        memory.push(process::own_memory()?);
        let (worker, server) =
            (report::mib(memory[memory.len() - 1]), report::mib(server.memory()?));
        println!("| {done} | {rate:.0} | {worker} | {server} |");
    }
    let (first, second) = memory.split_at(memory.len() / 2);
    let most = |half: &[u64]| report::mib(half.iter().copied().max().unwrap_or_default());
    println!(
        "\nmost memory of the worker: {} in the first half, {} in the second\n",
        most(first),
        most(second)
    );
    abide.close().await;
    server.stop().await?;
    Ok(())
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
