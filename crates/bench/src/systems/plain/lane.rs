use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use abide_bench::driver::{Job, Lane, SUSPENSION, Timing};
use tokio::sync::oneshot;

use super::{connection::Connection, envelopes, mailbox::Mailbox};
use crate::Fault;

/// One execution after the other, over one connection.
pub(crate) struct PlainLane {
    job: Job,
    connection: Connection,
    mailbox: Arc<Mailbox>,
    run: String,
}

impl PlainLane {
    pub(super) fn new(job: Job, connection: Connection, mailbox: Arc<Mailbox>, run: &str) -> Self {
        PlainLane { job, connection, mailbox, run: run.to_owned() }
    }
}

impl Lane for PlainLane {
    async fn operate(&mut self, id: &str) -> Result<Timing, Fault> {
        let (id, begun) = (format!("{}{id}", self.run), Instant::now());
        match self.job {
            Job::Create => self.connection.post(&envelopes::create(&id)).await?,
            Job::Settle => {
                self.connection.post(&envelopes::create(&id)).await?;
                self.connection.post(&envelopes::settle(&id)).await?;
            }
            Job::Delivery => return self.deliver(&id).await,
            _ => {
                let mut held = self.hold(id).await?;
                let since = self.work(&mut held).await?;
                let done = Instant::now();
                self.connection.post(&envelopes::fulfill(&held.id, held.version)).await?;
                match (self.job, since) {
                    (Job::Timer, _) => {
                        return Ok(Timing::Part(begun.elapsed().saturating_sub(SUSPENSION)));
                    }
                    (Job::Late, Some(due)) => return Ok(Timing::Part(done - due)),
                    (_, Some(settled)) => return Ok(Timing::Part(settled.elapsed())),
                    _ => {}
                }
            }
        }
        Ok(Timing::Whole)
    }
}

/// A task that is held.
struct Held {
    id: String,
    version: i64,
}

impl PlainLane {
    /// Holds a new task: as SDKs do that execute what they are called for, or, where the life of a
    /// task is what is measured, by way of the offer that comes to every worker.
    async fn hold(&mut self, id: String) -> Result<Held, Fault> {
        let target = self.mailbox.target();
        if matches!(self.job, Job::Life) {
            let offer = self.mailbox.offer(&id);
            self.connection.post(&envelopes::create_for(&id, &target)).await?;
            return self.acquire(&id, offer).await;
        }
        self.connection.post(&envelopes::begin(&id, &target)).await?;
        Ok(Held { id, version: envelopes::BEGUN })
    }

    /// What the workflow does between taking its task and its end. Gives the moment from which
    /// time counts, if that is not the beginning.
    async fn work(&mut self, held: &mut Held) -> Result<Option<Instant>, Fault> {
        let child = |held: &Held, number: u32| format!("{}:{number}", held.id);
        match self.job {
            Job::Steps { steps } => {
                for number in 1..=steps {
                    let step = child(held, number);
                    self.fence(held, &envelopes::create_step(&held.id, &step)).await?;
                    self.fence(held, &envelopes::settle(&step)).await?;
                }
            }
            Job::Remote => self.call(held, 1).await?,
            Job::Fanout { calls } => self.call(held, calls).await?,
            Job::Timer => {
                let (timer, at) = (child(held, 1), unix_ms()? + SUSPENSION.as_millis() as i64);
                self.fence(held, &envelopes::create_timer(&held.id, &timer, at)).await?;
                self.wait(held, &timer).await?;
            }
            Job::Late => {
                let (timer, at) = (child(held, 1), unix_ms()? + SUSPENSION.as_millis() as i64);
                self.fence(held, &envelopes::create_timer(&held.id, &timer, at)).await?;
                self.wait(held, &timer).await?;
                let due = UNIX_EPOCH + Duration::from_millis(at.unsigned_abs());
                // What is done before it is due counts as not late at all.
                let late = SystemTime::now().duration_since(due).unwrap_or_default();
                return Ok(Instant::now().checked_sub(late));
            }
            Job::Signal => {
                let external = child(held, 1);
                self.fence(held, &envelopes::create_external(&held.id, &external)).await?;
                let offer = self.mailbox.offer(&held.id);
                if self.suspend(held, &external).await? {
                    let settled = Instant::now();
                    self.connection.post(&envelopes::settle(&external)).await?;
                    *held = self.acquire(&held.id, offer).await?;
                    return Ok(Some(settled));
                }
            }
            _ => {}
        }
        Ok(None)
    }

    /// Creates the calls, and then waits for one after the other: a wait for what is settled
    /// already is one request.
    async fn call(&mut self, held: &mut Held, calls: u32) -> Result<(), Fault> {
        let target = self.mailbox.target();
        for number in 1..=calls {
            let call = format!("{}:{number}", held.id);
            self.fence(held, &envelopes::create_call(&held.id, &call, &target)).await?;
        }
        for number in 1..=calls {
            let call = format!("{}:{number}", held.id);
            self.wait(held, &call).await?;
        }
        Ok(())
    }

    async fn fence(&mut self, held: &Held, action: &str) -> Result<(), Fault> {
        let fence = envelopes::fence(&held.id, held.version, action);
        Ok(self.connection.post(&fence).await?)
    }

    async fn wait(&mut self, held: &mut Held, awaited: &str) -> Result<(), Fault> {
        let offer = self.mailbox.offer(&held.id);
        if self.suspend(held, awaited).await? {
            *held = self.acquire(&held.id, offer).await?;
        }
        Ok(())
    }

    /// Whether the task is suspended now; it is not when what it awaits is settled.
    async fn suspend(&mut self, held: &Held, awaited: &str) -> Result<bool, Fault> {
        let suspend = envelopes::suspend(&held.id, held.version, awaited);
        match self.connection.ask(&suspend).await? {
            200 => Ok(true),
            300 => Ok(false),
            status => Err(format!("{} cannot be suspended: {status}", held.id).into()),
        }
    }

    async fn acquire(&mut self, id: &str, offer: oneshot::Receiver<i64>) -> Result<Held, Fault> {
        let version = tokio::time::timeout(PATIENCE, offer)
            .await
            .map_err(|_| format!("{id} is not offered"))??;
        self.connection.post(&envelopes::acquire(id, version)).await?;
        Ok(Held { id: id.to_owned(), version: version + 1 })
    }

    async fn deliver(&mut self, id: &str) -> Result<Timing, Fault> {
        let (target, offer) = (self.mailbox.target(), self.mailbox.offer(id));
        let (create, begun) = (envelopes::create_for(id, &target), Instant::now());
        // Both ends are read at once, so neither waits for the other to be noticed.
        let created = async { self.connection.post(&create).await.map_err(Fault::from) };
        let offered =
            async { offer.await.map(|version| (version, begun.elapsed())).map_err(Fault::from) };
        let ((), (version, elapsed)) = tokio::try_join!(created, offered)?;
        self.connection.post(&envelopes::acquire(id, version)).await?;
        self.connection.post(&envelopes::fulfill(id, version + 1)).await?;
        Ok(Timing::Part(elapsed))
    }
}

/// A task is offered within this time, or the lane has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn unix_ms() -> Result<i64, Fault> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64)
}
