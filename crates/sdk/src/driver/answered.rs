//! Taking in the answers to a group of requests.

use std::sync::Arc;

use abide_protocol::{Body, PromiseRecord, Response, Status};
use futures_util::FutureExt;

use super::{Done, Driver, End, outgoing::About, perform::find, suspend::Verdict};
use crate::{
    core::{event::Event, intent::Op},
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
    pub(super) async fn answered(
        &mut self,
        about: Vec<About>,
        answers: Result<Answers, Lost>,
    ) -> Option<End> {
        self.landed();
        let Answers { responses, repeated, .. } = match answers {
            Ok(answers) => answers,
            Err(Lost(error)) => return Some(End::Lost(error.to_string())),
        };
        // A group whose answer was lost may have been carried out, and then the task is suspended
        // and refuses what is repeated. Whether that is so, the records tell.
        let suspends = repeated && matches!(about.last(), Some(About::Suspend { .. }));
        for (about, response) in about.into_iter().zip(responses) {
            let refused = match about {
                About::Create { op, id } => {
                    let doubtful = suspends && response.status == Status::Conflict;
                    let found = if doubtful { find(&self.worker, &id).await } else { None };
                    let created = found.map_or_else(|| fenced(response), Ok);
                    created
                        .map(|promise| {
                            self.know(op, &promise);
                            let outcome = wire::outcome(&self.held.layers, &promise);
                            self.execution.handle(Event::Created { op, outcome });
                        })
                        .map_err(|refused| (id, refused))
                }
                About::Settle { op, id, outcome, sent } => fenced(response)
                    .map(|promise| {
                        let outcome = wire::settled(&self.held.layers, &promise, &sent, outcome);
                        self.forget(&id);
                        self.execution.handle(Event::Settled { op, outcome });
                    })
                    .map_err(|refused| (id, refused)),
                About::Cancel { op, id } => fenced(response)
                    .map(|promise| {
                        self.forget(&id);
                        self.sweep(op, promise);
                    })
                    .map_err(|refused| (id, refused)),
                // What is still there is only in the way.
                About::Reclaim => Ok(()),
                About::Listen => {
                    // What cannot be listened to is looked for when the execution is suspended.
                    if let Some(promise) = response.promise() {
                        self.arrived(promise);
                    }
                    Ok(())
                }
                About::Suspend { tells } => {
                    self.verdict = Some(Verdict { response, tells, repeated });
                    Ok(())
                }
            };
            match refused {
                Ok(()) => {}
                Err((_, Refused::Lost)) => return Some(End::Lost("the lease is over".to_owned())),
                Err((id, Refused::Forever(why))) => {
                    // What comes after it in the group is of no interest any more.
                    self.execution.refused(id.to_string(), why);
                    return None;
                }
            }
        }
        None
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
