//! `POST /batch` and `GET /extensions`, as a client of them.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use abide_protocol::{Extensions, Response, UnreadableResponse, batch};
use http::StatusCode;
use tokio::{runtime::Handle, sync::oneshot};

use crate::{LinkError, bundle::Bundle, http_link::Shared, lanes::Group};

/// Requests that wait for a lane, and who waits for their answers.
pub(crate) struct Waiting {
    bundle: Bundle,
    answer: oneshot::Sender<Outcome>,
}

type Outcome = Result<Answered, LinkError>;

/// What came of a bundle.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    /// The answers, in order.
    Each(Vec<Response>),
    /// The server does not serve `/batch`: nothing was carried out.
    NotServed,
    /// The server refused the message as a whole: nothing was carried out.
    Refused,
}

impl Shared {
    /// Sends bundles, one after the other.
    pub(crate) async fn send_all(self: &Arc<Self>, bundles: Vec<Bundle>) -> Outcome {
        let mut all = Vec::new();
        for bundle in bundles {
            match self.send(bundle).await? {
                Answered::Each(answers) if all.is_empty() => all = answers,
                Answered::Each(answers) => all.extend(answers),
                // What came before is as good as not carried out: it is harmless to repeat.
                other => return Ok(other),
            }
        }
        Ok(Answered::Each(all))
    }

    /// Sends a bundle: at once and on the caller's own task if a lane is free, with others if there
    /// is a crowd.
    async fn send(self: &Arc<Self>, bundle: Bundle) -> Outcome {
        let answered = match self.enter(bundle) {
            Ok(sending) => return sending.await,
            Err(answered) => answered,
        };
        answered.await.unwrap_or_else(|_| Err(self.interrupted("the runtime is ending".into())))
    }

    /// Takes a lane for a bundle, or has it wait for one.
    fn enter(self: &Arc<Self>, bundle: Bundle) -> Result<Sending, oneshot::Receiver<Outcome>> {
        let mut lanes = self.lanes();
        if lanes.take() {
            drop(lanes);
            return Ok(Sending::new(Lane::new(self.clone()), bundle));
        }
        let (answer, answered) = oneshot::channel();
        let (requests, bytes) = (bundle.kinds().len(), bundle.body().len());
        lanes.wait(Group { content: Waiting { bundle, answer }, requests, bytes });
        Err(answered)
    }

    async fn exchange_all(&self, bundle: &Bundle) -> Outcome {
        self.exchange(&self.batches, bundle.body(), |answer| match answer.status {
            StatusCode::OK => {
                let unreadable = |UnreadableResponse(reason)| {
                    let url = self.url.clone();
                    LinkError::Unreadable { url, reason }
                };
                let answers = batch::responses(bundle.kinds(), answer.body);
                answers.map(Answered::Each).map_err(unreadable)
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(Answered::NotServed),
            status if status.is_server_error() => {
                Err(self.interrupted(format!("HTTP status {status}")))
            }
            _ => Ok(Answered::Refused),
        })
        .await?
    }

    /// Asks which extensions the server offers, and notes it.
    pub(crate) async fn negotiate(&self) -> Result<Extensions, LinkError> {
        let offered = self.exchange(&self.offers, b"", |answer| {
            if answer.status.is_server_error() {
                return Err(self.interrupted(format!("HTTP status {}", answer.status)));
            }
            // Whatever else answers is a server that has not heard of extensions.
            let names = (answer.status == StatusCode::OK)
                .then(|| serde_json::from_slice::<Vec<String>>(answer.body));
            Ok(match names {
                Some(Ok(names)) => Extensions::from_names(names),
                _ => Extensions::none(),
            })
        });
        let offered = offered.await??;
        if self.set_extensions(offered) != offered {
            tracing::debug!(url = self.url, ?offered, "the server's extensions");
        }
        Ok(offered)
    }
}

/// A lane that was taken. It is given back, even if nobody is left to send in it.
struct Lane {
    shared: Arc<Shared>,
    /// How many groups are in the message that is sent in it; none once it is given back.
    groups: usize,
}

impl Lane {
    fn new(shared: Arc<Shared>) -> Self {
        Lane { shared, groups: 1 }
    }

    /// What is to be sent next in this lane; it is given back if there is nothing.
    fn done(&mut self) -> Option<Vec<Waiting>> {
        let next = self.shared.lanes().done(self.groups);
        self.groups = next.as_ref().map_or(0, Vec::len);
        next
    }

    /// Sends what has gathered, and after it whatever gathers meanwhile.
    async fn carry(mut self, message: Vec<Waiting>) {
        let mut next = Some(message);
        while let Some(message) = next {
            let (bundle, waiting) = join(message);
            let answered = self.shared.exchange_all(&bundle).await;
            let is_crowd = waiting.len() > 1;
            distribute(answered, waiting);
            if is_crowd {
                // Those who have an answer mostly ask again at once: that is to go in one message.
                give_way().await;
            }
            next = self.done();
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        while self.groups > 0 {
            // Those who wait hear that nobody answers any more.
            drop(self.done());
        }
    }
}

/// A bundle on its way, driven by whoever sends it. If that task stops waiting, what was begun is
/// finished all the same, by another: it has a lane, and the connection is in the middle of it.
struct Sending(Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>);

impl Sending {
    fn new(mut lane: Lane, bundle: Bundle) -> Self {
        Sending(Some(Box::pin(async move {
            let answered = lane.shared.exchange_all(&bundle).await;
            if let Some(message) = lane.done() {
                tokio::spawn(lane.carry(message));
            }
            answered
        })))
    }
}

impl Future for Sending {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let sending = self.0.as_mut().expect("it is not polled after it is done");
        let answered = sending.as_mut().poll(context);
        if answered.is_ready() {
            self.0 = None;
        }
        answered
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(sending) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(sending);
        }
    }
}

/// Lets those have their turn who wait for one already. tokio's `yield_now` has more come first: whoever
/// is woken by what else has arrived meanwhile, so that many messages would leave at one time.
async fn give_way() {
    let mut given = false;
    poll_fn(|context| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// One bundle of several, and for each of them how many requests it has and who waits.
type Waiters = Vec<(usize, oneshot::Sender<Outcome>)>;

fn join(message: Vec<Waiting>) -> (Bundle, Waiters) {
    let mut joint: Option<Bundle> = None;
    let mut waiters = Vec::with_capacity(message.len());
    for Waiting { bundle, answer } in message {
        waiters.push((bundle.kinds().len(), answer));
        match &mut joint {
            Some(joint) => joint.append(&bundle),
            None => joint = Some(bundle),
        }
    }
    (joint.expect("no message is empty"), waiters)
}

/// Gives everyone their share of the answers.
fn distribute(answered: Outcome, waiters: Waiters) {
    let mut answers = match answered {
        Ok(Answered::Each(answers)) => Ok(answers.into_iter()),
        other => Err(other),
    };
    for (requests, answer) in waiters {
        let share = match &mut answers {
            Ok(answers) => Ok(Answered::Each(answers.by_ref().take(requests).collect())),
            Err(other) => other.clone(),
        };
        // Whoever has stopped waiting needs no answer.
        let _ = answer.send(share);
    }
}

#[cfg(test)]
mod tests;
