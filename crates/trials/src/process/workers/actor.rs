use std::{ops::AddAssign, sync::Arc, time::Duration};

use abide_client::{HttpLink, Link, LinkError};
use abide_protocol::{
    Id, Leased, Message, PromiseSettle, Request, Response, SettleAction, SettleState, Status,
    TaskAcquire, TaskFulfill, TaskHeartbeat, Value,
};
use tokio::task::JoinHandle;

use super::{GROUP, LEASE};

/// How long the work on a task takes.
const WORK: Duration = Duration::from_millis(5);

/// How a worker behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// As it should.
    Good,
    /// It takes longer than its lease, and its heartbeat comes afterwards.
    Late,
    /// It takes one task, and is not heard of again.
    Dead,
}

/// What workers did.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Tasks that were acquired by good workers, by late ones and by those that died.
    pub(super) good: u64,
    pub(super) late: u64,
    pub(super) dead: u64,
    /// How often a late one was refused.
    pub(super) refused: u64,
    /// What was fulfilled and acknowledged, and the value.
    pub(super) fulfilled: Vec<(String, String)>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.good += other.good;
        self.late += other.late;
        self.dead += other.dead;
        self.refused += other.refused;
        self.fulfilled.extend(other.fulfilled);
    }
}

/// A worker at work.
pub(super) struct Actor {
    work: JoinHandle<()>,
    told: tokio::sync::mpsc::UnboundedReceiver<Tally>,
}

impl Actor {
    pub(super) fn start(link: HttpLink, manner: Manner, name: String, rng: fastrand::Rng) -> Self {
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        let work = tokio::spawn(async move {
            let mut body = Body { link, manner, name, rng };
            let mut messages = body.link.connect(GROUP, &body.name);
            while let Some(message) = messages.next().await {
                let Message::Execute { id, version } = message else { continue };
                // A server that is killed is no fault of the worker: the task is offered again.
                let tally = body.execute(id, version).await.unwrap_or_default();
                let died = tally.dead > 0;
                // Nobody asks any more in the end.
                let _ = tell.send(tally);
                if died {
                    return;
                }
            }
        });
        Actor { work, told }
    }

    /// Ends it, and says what it did.
    pub(super) async fn stop(mut self) -> Tally {
        self.work.abort();
        match self.work.await {
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => {}
        }
        let mut sum = Tally::default();
        while let Ok(tally) = self.told.try_recv() {
            sum += tally;
        }
        sum
    }
}

struct Body {
    link: HttpLink,
    manner: Manner,
    name: String,
    rng: fastrand::Rng,
}

impl Body {
    async fn execute(&mut self, id: Id, version: i64) -> Result<Tally, LinkError> {
        let mut tally = Tally::default();
        let (pid, ttl) = (self.name.clone(), LEASE);
        let acquire = TaskAcquire { id: id.clone(), version, pid, ttl, resumed: false };
        let answer = self.link.call(Request::TaskAcquire(acquire)).await?;
        match answer.status {
            Status::Ok => {}
            // Somebody else was faster.
            Status::Conflict => return Ok(tally),
            _ => panic!("{answer:?}"),
        }
        let version = version + 1;
        assert_eq!(answer.task().map(|task| task.version), Some(version), "{answer:?}");
        let lease = LEASE.unsigned_abs();
        match self.manner {
            Manner::Dead => {
                tally.dead += 1;
                return Ok(tally);
            }
            Manner::Good => {
                tally.good += 1;
                tokio::time::sleep(WORK).await;
            }
            Manner::Late => {
                tally.late += 1;
                let pause = Duration::from_millis(lease + self.rng.u64(lease / 2..2 * lease));
                tokio::time::sleep(pause).await;
                self.heartbeat(&id, version).await?;
            }
        }
        let (answer, value) = self.fulfill(&id, version).await?;
        match (answer.status, self.manner) {
            (Status::Ok, Manner::Good) => tally.fulfilled.push((id.to_string(), value)),
            (Status::Conflict, Manner::Late) => tally.refused += 1,
            // It was held up here, by another process on this machine.
            (Status::Conflict, Manner::Good) => {}
            _ => panic!("{:?} of {id} at {version}: {answer:?}", self.manner),
        }
        Ok(tally)
    }

    async fn heartbeat(&self, id: &Id, version: i64) -> Result<(), LinkError> {
        let tasks = vec![Leased { id: id.clone(), version }];
        let heartbeat = TaskHeartbeat { pid: self.name.clone(), tasks };
        self.link.call(Request::TaskHeartbeat(heartbeat)).await.map(drop)
    }

    async fn fulfill(&self, id: &Id, version: i64) -> Result<(Response, String), LinkError> {
        let value = self.name.clone();
        let settle = PromiseSettle {
            id: id.clone(),
            state: SettleState::Resolved,
            value: Arc::new(Value::of(value.clone())),
        };
        let action = SettleAction { corr_id: "1".into(), settle };
        let fulfill = TaskFulfill { id: id.clone(), version, action };
        Ok((self.link.call(Request::TaskFulfill(fulfill)).await?, value))
    }
}
