//! Random scripts: requests that mostly hit something, batches, time that passes, restarts.

use std::{collections::BTreeMap, fmt};

use abide_machine::{
    Internal, Step as MachineStep,
    testing::{Choices, Model, choose},
};
use abide_protocol::{
    Envelope, Extensions, Head, Id, Millis, PromiseSearch, PromiseState, Request, ScheduleSearch,
    Tags, TaskSearch, TaskState,
};
use fastrand::Rng;

use super::contender::timing;

/// When scripts begin, in Unix milliseconds: long after any clock says that it is, so that only the
/// script moves time.
pub(super) const START: Millis = 4_000_000_000_000;

/// How long a restart takes, in the script's time. A node that begins again lets time go on from
/// where it was until it is told not to; nothing may be due in that while.
pub(super) const RESTART: Millis = 600_000;

/// The longest script.
const TURNS: usize = 80;

/// The longest batch.
const BATCH: usize = 12;

/// Numbers that choose one step. It needs fewer.
const NUMBERS: usize = 64;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// When, in Unix milliseconds.
    pub(super) now: Millis,
    /// What.
    pub(super) step: Step,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Requests; more than one is a batch.
    Ask(Vec<Request>),
    /// Everything that is due fires.
    Tick,
    /// Everybody ends and begins again.
    Restart,
}

/// The script of a seed.
pub(super) fn of(seed: u64, extensions: Extensions) -> Vec<Turn> {
    let mut rng = Rng::with_seed(seed);
    let mut model = Model::of(timing(extensions), BTreeMap::new(), START);
    let mut turns = Vec::new();
    // The time of the model is that of its last step; ticks that fire nothing move this one alone.
    let mut now = START;
    for _ in 0..rng.usize(10..TURNS) {
        if rng.u8(0..6) == 0 && model.due(now.saturating_add(RESTART)).is_empty() {
            now = now.saturating_add(RESTART);
            turns.push(Turn { now, step: Step::Restart });
            continue;
        }
        let batch = if rng.u8(0..5) == 0 { rng.usize(2..BATCH) } else { 1 };
        let mut requests = Vec::new();
        while requests.len() < batch {
            let (span, step) = next(&model, &mut rng);
            if requests.is_empty() {
                now = now.saturating_add(span);
            }
            let MachineStep::Request(request) = step else { break };
            let request = quiet(request);
            // What each is chosen by is what those before it have left.
            model.request(&request, now);
            requests.push(request);
            // What is owed is done beside the requests that follow, so that these may see either.
            if model.due(now).iter().any(is_owed) {
                break;
            }
        }
        model.tick(now);
        let step = if requests.is_empty() { Step::Tick } else { Step::Ask(requests) };
        turns.push(Turn { now, step });
    }
    turns
}

/// Whether everybody has to come to the same with these turns: none of them asks for what may be
/// seen in either of two states, and nothing is due while anybody begins again.
pub(super) fn is_decided(turns: &[Turn], extensions: Extensions) -> bool {
    let mut model = Model::of(timing(extensions), BTreeMap::new(), START);
    turns.iter().all(|turn| match &turn.step {
        Step::Restart => model.due(turn.now).is_empty(),
        Step::Tick => {
            model.tick(turn.now);
            true
        }
        Step::Ask(requests) => {
            let decided = requests.iter().all(|request| {
                let decided = !model.due(turn.now).iter().any(is_owed);
                model.request(request, turn.now);
                decided
            });
            model.tick(turn.now);
            decided
        }
    })
}

/// Whether a step meets what a settled promise owes.
fn is_owed(step: &Internal) -> bool {
    use Internal::{Callback, Cancel, Cascade, Listener};
    matches!(step, Callback { .. } | Listener { .. } | Cancel { .. } | Cascade { .. })
}

/// How much time passes, and what then happens.
fn next(model: &Model, rng: &mut Rng) -> (Millis, MachineStep) {
    if rng.u8(0..12) == 0 {
        return (0, MachineStep::Request(search(model, rng)));
    }
    let numbers: Vec<u16> = std::iter::repeat_with(|| rng.u16(..)).take(NUMBERS).collect();
    choose(model, &mut Choices::new(&numbers))
}

/// The request with an address of members instead of one to post to: a server that begins again
/// offers what is to be posted at once, before it can be told to leave that to the script.
fn quiet(request: Request) -> Request {
    let json = Envelope { head: Head::default(), request }.to_json();
    let json = String::from_utf8_lossy(&json).replace("http://worker/", "poll://any@v/1");
    Envelope::from_json(json.as_bytes()).expect("it was written").request
}

fn search(model: &Model, rng: &mut Rng) -> Request {
    let limit = (rng.u8(0..3) > 0).then(|| rng.i64(1..5));
    let ids: Vec<Id> = model.promises().map(|promise| promise.record.id.clone()).collect();
    let cursor = rng.choice(&ids).filter(|_| rng.bool()).map(|id| id.to_string());
    match rng.u8(0..3) {
        0 => {
            let states = [PromiseState::Pending, PromiseState::Resolved, PromiseState::Rejected];
            let state = rng.choice(states).filter(|_| rng.bool());
            let tags = Tags::default();
            Request::PromiseSearch(PromiseSearch { state, tags, limit, cursor })
        }
        1 => {
            let states = [TaskState::Pending, TaskState::Acquired, TaskState::Suspended];
            let state = rng.choice(states).filter(|_| rng.bool());
            Request::TaskSearch(TaskSearch { state, limit, cursor })
        }
        _ => Request::ScheduleSearch(ScheduleSearch { tags: Tags::default(), limit, cursor }),
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+} ms:", self.now - START)?;
        match &self.step {
            Step::Tick => f.write_str(" tick"),
            Step::Restart => f.write_str(" restart"),
            Step::Ask(requests) => requests.iter().try_for_each(|request| {
                let envelope = Envelope { head: Head::default(), request: request.clone() };
                write!(f, " {}", String::from_utf8_lossy(&envelope.to_json()))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_decided_and_hold_everything() {
        let (mut batches, mut ticks, mut restarts) = (0, 0, 0);
        for seed in 0..20 {
            let turns = of(seed, Extensions::all());
            assert!(is_decided(&turns, Extensions::all()), "seed {seed}");
            assert!(turns.is_sorted_by_key(|turn| turn.now), "seed {seed}");
            for turn in turns {
                match turn.step {
                    Step::Ask(requests) => batches += usize::from(requests.len() > 1),
                    Step::Tick => ticks += 1,
                    Step::Restart => restarts += 1,
                }
            }
        }
        assert!(batches > 20 && ticks > 20 && restarts > 5, "{batches} {ticks} {restarts}");
    }
}
