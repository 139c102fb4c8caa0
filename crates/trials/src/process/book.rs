use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use abide_client::{HttpLink, Link};
use abide_protocol::{Body, Response, Status};

use super::{
    clock::now,
    script::{Script, Step},
};

/// How many scripts a connection has open at a time.
const OPEN: usize = 4;

/// The most steps that are sent in one message.
const BATCH: usize = 6;

/// The scripts of one connection.
#[derive(Debug)]
pub(crate) struct Book {
    /// Names the scripts.
    pub(crate) name: String,
    /// How many were begun.
    pub(crate) begun: usize,
    /// The scripts that are not finished.
    pub(crate) open: Vec<Script>,
    /// The scripts that are.
    pub(crate) finished: Vec<Script>,
    /// The sizes that payloads may have.
    pub(crate) fillers: &'static [usize],
    pub(crate) rng: fastrand::Rng,
}

impl Book {
    /// Carries scripts out until the server is gone or `stop` is set.
    pub(crate) async fn work(mut self, link: HttpLink, stop: &AtomicBool) -> Self {
        // Until this is answered there are no batches, and that is fine too.
        let _ = link.negotiate().await;
        while !stop.load(Ordering::Relaxed) {
            while self.open.len() < OPEN {
                let root = format!("{}-{}", self.name, self.begun);
                self.begun += 1;
                let filler = *self.rng.choice(self.fillers).expect("there are some");
                self.open.push(Script::draw(root, now(), filler, &mut self.rng));
            }
            let place = self.rng.usize(..self.open.len());
            let most = if self.rng.bool() { 1 } else { self.rng.usize(1..=BATCH) };
            if !advance(&mut self.open[place], most, &link).await {
                break;
            }
            if self.open[place].is_finished() {
                let script = self.open.swap_remove(place);
                self.finished.push(script);
            }
        }
        self
    }
}

/// Takes the next steps of a script, at most so many. False when the server did not answer, or
/// said that it cannot: what was sent is carried out or not.
pub(crate) async fn advance(script: &mut Script, most: usize, link: &HttpLink) -> bool {
    let (steps, mut requests): (Vec<Step>, Vec<_>) = script.next(most).into_iter().unzip();
    if steps.is_empty() {
        return true;
    }
    if steps[0].waits() {
        // It follows a resume, which comes right after the settlement that caused it.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    script.doubt = steps.len();
    let answers = if requests.len() == 1 {
        link.call(requests.remove(0)).await.map(|answer| vec![answer])
    } else {
        link.batch(&requests).await
    };
    let Ok(answers) = answers else { return false };
    assert_eq!(answers.len(), steps.len(), "{script:#?}");
    for (step, answer) in steps.into_iter().zip(answers) {
        match answer.status {
            // It is closing, or cannot commit.
            Status::Unavailable => return false,
            // There was no room for it, nor for what comes after it.
            Status::TooManyRequests => break,
            // Not resumed yet: the same step again, and what relied on it.
            Status::Conflict if step.waits() => break,
            _ => {}
        }
        assert_eq!(answer.status, Status::Ok, "{step:?} of {script:#?}\n{answer:#?}");
        check(script, step, &answer);
        script.done += 1;
        script.doubt -= 1;
        if let Step::Listen(place) = step
            && answer.promise().expect("it answers with it").is_pending()
        {
            script.listened.insert(script.id(place));
        }
    }
    script.doubt = 0;
    true
}

/// Checks what an answer says beyond that it went well.
fn check(script: &Script, step: Step, answer: &Response) {
    match (step, &answer.body) {
        (Step::AcquireResumed(place), Body::Claim { preload, more, .. }) => {
            let told: Vec<&str> = preload.iter().map(|promise| promise.id.as_str()).collect();
            assert!(!more && told == [script.id(place)], "{script:#?}\n{answer:#?}");
        }
        (Step::Reclaim(_), Body::Reclaimed { reclaimed }) => {
            let before = script.expected(script.done).len();
            let after = script.expected(script.done + 1).len();
            assert_eq!(usize::try_from(*reclaimed), Ok(before - after), "{script:#?}");
        }
        (Step::AcquireResumed(_) | Step::Reclaim(_), _) => panic!("{step:?}: {answer:#?}"),
        _ => {}
    }
    if let Some(promise) = answer.promise() {
        assert!(promise.settled_at.is_none_or(|at| at >= promise.created_at), "{promise:#?}");
    }
}
