//! Suspending, and going on.

use std::{sync::Arc, time::Duration};

use abide_protocol::{
    Body, CallbackAction, PromiseGet, PromiseRecord, RegisterCallback, Request, Response, Status,
    TaskSuspend,
};
use futures_util::{FutureExt, StreamExt, future::join_all};

use super::{Done, Driver, End, load::children, outgoing::About, perform::find};
use crate::{
    core::fault::Fault,
    hash::HashSet,
    time,
    worker::{Lost, Note, Travel, Worker},
};

/// Awaited promises that are looked at one by one when the engine does not say what has woken the
/// execution; more are listened to, or found by a search.
const ONE_BY_ONE: usize = 32;

/// Gets in one group.
const GETS: usize = 1_024;

/// How long an execution that awaits many promises stays with its worker after the last news of
/// one, where each suspension has to list them all. In a stream of completions it is suspended
/// once, and not with each of them.
const LINGER: Duration = Duration::from_millis(50);

/// What the engine said to the request to suspend.
pub(super) struct Verdict {
    pub(super) response: Response,
    /// Whether it was asked to tell what is settled.
    pub(super) tells: bool,
    /// Whether an earlier answer may have been lost.
    pub(super) repeated: bool,
}

/// What to do after that.
enum Next {
    GoOn,
    AskAgain,
    End(End),
}

impl Driver {
    /// Suspends the task until something that is awaited is settled, and keeps the execution in
    /// memory.
    pub(super) async fn suspend(&mut self) -> Option<End> {
        self.adopt();
        if self.awaits.is_empty() {
            return None;
        }
        if !self.engine_tells() && self.awaits.len() > ONE_BY_ONE {
            self.listen(Duration::ZERO);
            match self.news(LINGER).await {
                Ok(false) => {}
                Ok(true) => return None,
                Err(end) => return Some(end),
            }
        }
        self.ask_to_suspend();
        // What the program does while it may be suspended already could not be recorded.
        loop {
            self.flush();
            let end = match self.ops.next().await? {
                Done::Group { about, answers: Ok(answers) } if answers.repeated => {
                    self.answered_again(about, answers).boxed().await
                }
                done => self.take(done),
            };
            if let Some(end) = end {
                return Some(end);
            }
            if self.execution.is_over() {
                return None;
            }
            let Some(verdict) = self.verdict.take() else { continue };
            match self.suspended(verdict).await {
                // What was awaited may have settled here meanwhile, and then there is nothing to ask
                // for. Should the task be suspended all the same, its version will tell.
                Next::AskAgain if self.awaits.is_empty() => {
                    self.execution.resume();
                    return None;
                }
                Next::AskAgain => self.ask_to_suspend(),
                Next::GoOn => return None,
                Next::End(end) => return Some(end),
            }
        }
    }

    /// Whether the engine says what has woken a task. It is told apart from one that has just been
    /// replaced by another only where requests travel in groups.
    fn engine_tells(&self) -> bool {
        self.travel != Travel::Alone && self.worker.link.extensions().resumed()
    }

    fn ask_to_suspend(&mut self) {
        let tells = self.engine_tells();
        let again = tells && self.again;
        let listed: Vec<_> = match again {
            true => self.awaits.fresh().to_vec(),
            false => self.awaits.all().cloned().collect(),
        };
        let callback = |awaited: Arc<str>| CallbackAction {
            corr_id: String::new(),
            callback: RegisterCallback {
                awaited: (&*awaited).into(),
                awaiter: self.held.id.clone(),
            },
        };
        let request = Request::TaskSuspend(TaskSuspend {
            id: self.held.id.clone(),
            version: self.held.version,
            actions: listed.into_iter().map(callback).collect(),
            resumed: tells,
            again,
        });
        self.send(request, About::Suspend { tells });
    }

    /// The engine has answered the request to suspend.
    async fn suspended(&mut self, verdict: Verdict) -> Next {
        let Verdict { response, tells, repeated } = verdict;
        let in_doubt = std::mem::take(&mut self.in_doubt) || repeated;
        let ended = match response.status {
            Status::Ok => {
                self.again = tells;
                self.awaits.registered();
                self.park().await
            }
            Status::Redirect => {
                let told = match response.body {
                    Body::Preload { preload, more } if tells && !preload.is_empty() => {
                        // The engine has forgotten what it does not tell.
                        self.again &= !more;
                        Some(preload)
                    }
                    _ => None,
                };
                self.go_on(told).await
            }
            // The engine does not know how any more; or its answer to this was lost, with what it
            // told. It is asked about everything.
            Status::NotImplemented => {
                (self.again, self.in_doubt) = (false, in_doubt);
                return Next::AskAgain;
            }
            // The answer to an earlier attempt was lost: then it is suspended. If it is not, the
            // version will tell.
            Status::Conflict if in_doubt => {
                self.again = false;
                self.park().await
            }
            // What was reclaimed with an abandoned attempt may still be on the list.
            Status::Unprocessable if self.sift() => {
                (self.again, self.in_doubt) = (false, in_doubt);
                return Next::AskAgain;
            }
            Status::Conflict | Status::NotFound => Err(End::Lost("the lease is over".to_owned())),
            _ => {
                let why = response.message().unwrap_or_default().to_owned();
                self.execution.stop(Fault::Refused { at: self.held.id.to_string(), why });
                Ok(())
            }
        };
        ended.map_or_else(Next::End, |()| Next::GoOn)
    }

    /// Waits in memory until the task is acquired again, and goes on.
    async fn park(&mut self) -> Result<(), End> {
        self.permit = None;
        self.worker.park(&self.held.id, self.held.version, self.weight());
        let mut news = false;
        loop {
            match self.notes.recv().await {
                Some(Note::Resume { version, permit, told }) => {
                    self.held.version = version;
                    self.permit = Some(permit);
                    // The engine has forgotten what it does not tell: it is asked about all of it
                    // by the next suspension, whatever is heard until then.
                    self.again &= told.is_some();
                    if told.is_none() && self.awaits.len() > ONE_BY_ONE {
                        // Whoever listens has heard of it, or is about to.
                        news |= self.news(LINGER).await?;
                    }
                    if news && told.is_none() {
                        self.execution.resume();
                        return Ok(());
                    }
                    return self.go_on(told).await;
                }
                Some(note) => {
                    news |= matches!(note, Note::Settled(_));
                    if let Some(end) = self.note(note) {
                        return Err(end);
                    }
                }
                None => return Err(End::Lost("it made room for others".to_owned())),
            }
        }
    }

    /// Waits for news of what is listened to, and takes in all that there are.
    async fn news(&mut self, within: Duration) -> Result<bool, End> {
        let until = time::instant() + within;
        self.flush();
        loop {
            let note = tokio::select! {
                biased;
                note = self.notes.recv() => note,
                Some(done) = self.ops.next(), if !self.ops.is_empty() => {
                    let before = self.awaits.len();
                    if let Some(end) = self.take(done) {
                        return Err(end);
                    }
                    if self.awaits.len() < before {
                        return Ok(true);
                    }
                    continue;
                }
                () = time::sleep_until(until) => return Ok(false),
            };
            let Some(note) = note else {
                return Err(End::Lost("this process gave it up".to_owned()));
            };
            if let Some(end) = self.note(note) {
                return Err(end);
            }
            while let Ok(note) = self.notes.try_recv() {
                if let Some(end) = self.note(note) {
                    return Err(end);
                }
            }
            return Ok(true);
        }
    }

    /// Goes on with what the engine has told, or with what is found when it has not.
    async fn go_on(&mut self, told: Option<Vec<Arc<PromiseRecord>>>) -> Result<(), End> {
        let news = told.is_some_and(|told| {
            told.iter().fold(false, |news, promise| news | self.arrived(promise))
        });
        if !news {
            for promise in self.look().boxed().await? {
                self.arrived(&promise);
            }
        }
        // A resumption without news suspends again.
        self.execution.resume();
        Ok(())
    }

    /// Looks at everything that is awaited.
    async fn look(&mut self) -> Result<Vec<Arc<PromiseRecord>>, End> {
        let ids: Vec<_> = self.awaits.all().cloned().collect();
        match self.travel {
            Travel::Grouped => in_groups(&self.worker, &ids).await,
            Travel::Alone if ids.len() <= ONE_BY_ONE => Ok(one_by_one(&self.worker, &ids).await),
            Travel::Alone => by_search(&self.worker, &self.held.origin, &ids).await,
        }
    }
}

async fn in_groups(worker: &Worker, ids: &[Arc<str>]) -> Result<Vec<Arc<PromiseRecord>>, End> {
    let mut found = Vec::new();
    for ids in ids.chunks(GETS) {
        let get = |id: &Arc<str>| Request::PromiseGet(PromiseGet { id: (&**id).into() });
        let answers = worker.group(ids.iter().map(get).collect(), worker.settings.lease).await;
        let answers = answers.map_err(|Lost(error)| End::Lost(error.to_string()))?;
        found.extend(answers.responses.iter().filter_map(Response::promise).cloned());
    }
    Ok(found)
}

async fn one_by_one(worker: &Worker, ids: &[Arc<str>]) -> Vec<Arc<PromiseRecord>> {
    let found = join_all(ids.iter().map(|id| find(worker, id))).await;
    found.into_iter().flatten().collect()
}

async fn by_search(
    worker: &Worker,
    origin: &str,
    ids: &[Arc<str>],
) -> Result<Vec<Arc<PromiseRecord>>, End> {
    let parent = |id: &Arc<str>| Some(id.rsplit_once(['.', ':'])?.0.to_owned());
    let parents: HashSet<String> = ids.iter().filter_map(parent).collect();
    let mut found = Vec::new();
    for parent in parents {
        let promises = children(worker, origin, &parent).await;
        found.extend(promises.map_err(|done| match done {
            Done::Refused { why, .. } | Done::Lost(why) => End::Lost(why),
            _ => unreachable!("loading fails in no other way"),
        })?);
    }
    Ok(found)
}
