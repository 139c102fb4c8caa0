//! Taking in the answers to a group of requests.

use std::sync::Arc;

use abide_protocol::{Body, PromiseRecord, Response, Status, Value};
use futures_util::FutureExt;

use super::{Done, Driver, End, outgoing::About, perform::find, suspend::Verdict};
use crate::{
    core::{event::Event, intent::Op, outcome::Outcome},
    wire,
    worker::{Answers, Lost},
};

/// Why an answer is not what was asked for.
enum Refused {
    /// The task is not held any more.
    Lost,
    /// The engine will not have it, now or ever.
    Forever(String),
}

impl Driver {
    /// Takes in the answers to a group, in order.
    pub(super) fn answered(
        &mut self,
        about: Vec<About>,
        answers: Result<Answers, Lost>,
    ) -> Option<End> {
        self.landed();
        let Answers { responses, repeated, .. } = match answers {
            Ok(answers) => answers,
            Err(Lost(error)) => return Some(End::Lost(error.to_string())),
        };
        for (about, response) in about.into_iter().zip(responses) {
            if let Err(refused) = self.answer(about, response, repeated) {
                return self.refused(refused);
            }
        }
        None
    }

    /// The same for a group whose first answers were lost. It may have been carried out, and if it
    /// suspends the task, that is suspended and refuses what is repeated. Whether that is so, the
    /// records tell.
    pub(super) async fn answered_again(
        &mut self,
        about: Vec<About>,
        answers: Answers,
    ) -> Option<End> {
        self.landed();
        let suspends = matches!(about.last(), Some(About::Suspend { .. }));
        for (about, response) in about.into_iter().zip(answers.responses) {
            let created = match &about {
                About::Create { id, .. } | About::Record { id, .. }
                    if suspends && response.status == Status::Conflict =>
                {
                    find(&self.worker, id).await
                }
                _ => None,
            };
            if let Some(promise) = created {
                match about {
                    About::Record { op, id, outcome, sent } => {
                        self.recorded(op, &id, outcome, &sent, Some(&promise));
                    }
                    About::Create { op, .. } => self.created(op, &promise),
                    _ => {}
                }
            } else if let Err(refused) = self.answer(about, response, true) {
                return self.refused(refused);
            }
        }
        None
    }

    /// Takes in one answer, or why it is not what was asked for.
    fn answer(
        &mut self,
        about: About,
        response: Response,
        repeated: bool,
    ) -> Result<(), (Arc<str>, Refused)> {
        match about {
            About::Create { op, id } => {
                let promise = fenced(response).map_err(|refused| (id, refused))?;
                self.created(op, &promise);
            }
            About::Settle { op, id, outcome, sent } => match fenced(response) {
                Ok(promise) => {
                    let outcome = wire::settled(&self.held.layers, &promise, &sent, outcome);
                    self.forget(&id);
                    self.execution.handle(Event::Settled { op, outcome });
                }
                Err(refused) => return Err((id, refused)),
            },
            About::Record { op, id, outcome, sent } => match recorded(response) {
                Ok(promise) => self.recorded(op, &id, outcome, &sent, promise.as_ref()),
                Err(refused) => return Err((id, refused)),
            },
            About::Cancel { op, id } => match fenced(response) {
                Ok(promise) => {
                    self.forget(&id);
                    self.sweep(op, promise);
                }
                Err(refused) => return Err((id, refused)),
            },
            // What is still there is only in the way.
            About::Reclaim => {}
            About::Listen => {
                // What cannot be listened to is looked for when the execution is suspended.
                if let Some(promise) = response.promise() {
                    self.arrived(promise);
                }
            }
            About::Suspend { tells } => {
                self.verdict = Some(Verdict { response, tells, repeated });
            }
        }
        Ok(())
    }

    fn created(&mut self, op: Op, promise: &Arc<PromiseRecord>) {
        self.know(op, promise);
        let outcome = wire::outcome(&self.held.layers, promise);
        self.execution.handle(Event::Created { op, outcome });
    }

    /// A child was created and settled at once, unless this tells that it was there before.
    fn recorded(
        &mut self,
        op: Op,
        id: &Arc<str>,
        outcome: Outcome,
        sent: &Arc<Value>,
        promise: Option<&Arc<PromiseRecord>>,
    ) {
        let outcome = match promise {
            Some(promise) => {
                self.created(op, promise);
                wire::settled(&self.held.layers, promise, sent, outcome)
            }
            None => {
                self.execution.handle(Event::Created { op, outcome: None });
                outcome
            }
        };
        self.forget(id);
        self.execution.handle(Event::Settled { op, outcome });
    }

    /// What comes after it in the group is of no interest any more.
    fn refused(&mut self, (id, refused): (Arc<str>, Refused)) -> Option<End> {
        match refused {
            Refused::Lost => Some(End::Lost("the lease is over".to_owned())),
            Refused::Forever(why) => {
                self.execution.refused(id.to_string(), why);
                None
            }
        }
    }
}

impl Driver {
    /// Ends what a canceled child owns, where the engine does not.
    fn sweep(&mut self, op: Op, promise: Arc<PromiseRecord>) {
        let worker = self.worker.clone();
        let sweeping = async move {
            match worker.sweep(&promise).await {
                Ok(()) => Done::Canceled { op },
                Err(error) => Done::Lost(error.to_string()),
            }
        };
        self.ops.push(sweeping.boxed());
    }
}

/// The promise that was there before something was recorded, or whose time was over.
fn recorded(response: Response) -> Result<Option<Arc<PromiseRecord>>, Refused> {
    match response {
        Response { status: Status::Ok, body: Body::Empty {} } => Ok(None),
        response => fenced(response).map(Some),
    }
}

/// The promise in the answer to a fence.
fn fenced(response: Response) -> Result<Arc<PromiseRecord>, Refused> {
    let forever = |why: &str| Refused::Forever(why.to_owned());
    match response.status {
        Status::Ok => {}
        Status::Conflict | Status::NotFound => return Err(Refused::Lost),
        _ => return Err(forever(response.message().unwrap_or_default())),
    }
    match response.body {
        Body::Fenced { action, .. } => match action.response.promise() {
            Some(promise) => Ok(promise.clone()),
            None => Err(forever(action.response.message().unwrap_or_default())),
        },
        _ => Err(forever("the answer to a fence is something else")),
    }
}
