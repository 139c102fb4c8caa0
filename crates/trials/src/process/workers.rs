//! Workers that misbehave: late with their heartbeats, dead, or connected and never reading. Their
//! tasks go to others, whoever lost a task is refused, and a stream that nobody reads holds nobody
//! up.

mod actor;
mod mute;

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use abide_client::{HttpLink, Link};
use abide_protocol::{Millis, PromiseCreate, PromiseGet, PromiseState, Request, Status, Tags};

use self::{
    actor::{Actor, Manner, Tally},
    mute::Mute,
};
use super::{PATIENCE, Trial, server::Serve, summary::Summary};

/// The group of all workers.
const GROUP: &str = "workers";

/// How long a task stays with a worker that is not heard of, in milliseconds.
const LEASE: Millis = 300;

/// How many tasks there are in each round.
const TASKS: usize = 30;

/// How many workers do as they should, come late and die.
const GOOD: usize = 2;
const LATE: usize = 2;
const DEAD: usize = 3;

/// How many are connected and never read.
const MUTE: usize = 3;

/// Has so many rounds of tasks carried out.
///
/// # Panics
/// When a task is not carried out, or by somebody who does not hold it.
pub async fn run(trial: &Trial, rounds: u64) -> Summary {
    let mut rng = trial.rng();
    let directory = trial.directory();
    let serve = |port| {
        Serve::new(&trial.binary, directory.path(), port).options(&["--retry-interval", "100ms"])
    };
    let mut server = serve(0).start();
    let mut tally = Tally::default();
    let mut killed = 0;
    for round in 0..rounds {
        let mutes: Vec<Mute> =
            (0..MUTE).map(|number| Mute::connect(server.port(), GROUP, number)).collect();
        let mut actors = Vec::new();
        let manners = [(Manner::Good, GOOD), (Manner::Late, LATE), (Manner::Dead, DEAD)];
        for (manner, number) in manners {
            for number in 0..number {
                let name = format!("{manner:?}-{round}-{number}");
                actors.push(Actor::start(server.link(), manner, name, rng.fork()));
            }
        }
        let tasks: Vec<String> = (0..TASKS).map(|task| format!("task-{round}-{task}")).collect();
        for task in &tasks {
            create(&server.link(), task).await;
        }
        if rng.u8(..3) == 0 {
            server.kill();
            server = serve(server.port()).start();
            killed += 1;
        }
        let done = done(&server.link(), &tasks).await;
        drop(mutes);
        for actor in actors {
            tally += actor.stop().await;
        }
        // Whoever was told that it has fulfilled a task is the one whose value stands.
        for (task, by) in tally.fulfilled.drain(..) {
            assert_eq!(done.get(&task), Some(&by), "{task}");
        }
        server.assert_calm();
        trial.progress(&format!("{} of {rounds} rounds of {TASKS} tasks", round + 1));
    }
    let flood = mute::flood(&server).await;
    assert!(server.stop().success(), "{}", server.said());
    let Tally { good, late, refused, dead, .. } = tally;
    assert!(refused > 0 && dead > 0, "nobody misbehaved: {refused} {dead}");
    Summary::new("workers")
        .line(format!(
            "{} tasks, {} carried out, {killed} servers killed: {good} acquired in time, {late} \
             held too long ({refused} of these refused afterwards), {dead} by workers that died",
            rounds as usize * TASKS,
            rounds as usize * TASKS
        ))
        .line(flood)
}

async fn create(link: &HttpLink, id: &str) {
    let target = format!("poll://any@{GROUP}");
    let create = PromiseCreate {
        id: id.into(),
        timeout_at: i64::MAX,
        param: Arc::default(),
        tags: Arc::new(Tags::from_iter([("resonate:target", target.as_str())])),
    };
    let answer = link.call(Request::PromiseCreate(create)).await.expect("it answers");
    assert_eq!(answer.status, Status::Ok, "{answer:?}");
}

/// Waits until all of these are carried out; by whom.
async fn done(link: &HttpLink, tasks: &[String]) -> BTreeMap<String, String> {
    let mut done = BTreeMap::new();
    let since = Instant::now();
    for task in tasks {
        loop {
            let get = Request::PromiseGet(PromiseGet { id: task.as_str().into() });
            let answer = link.call(get).await.expect("it answers");
            let promise = answer.promise().expect("it is there");
            if promise.state == PromiseState::Resolved {
                done.insert(task.clone(), promise.value.data.clone().unwrap_or_default());
                break;
            }
            assert!(since.elapsed() < PATIENCE, "{task} is not carried out: {promise:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    done
}
