use std::collections::BTreeSet;

use abide_protocol::{Millis, Response};

use super::{
    Answered, Broken, Choices, Follower, Model, Recorder, State, Taken, Tally, choose, scan,
    verify_rows,
};
use crate::{Config, Effect, Entry, Key, Row, Step, entries};

/// How many numbers a step may use up.
const NUMBERS: usize = 16;

/// A history that one number decides, taken step by step and checked against the whole catalogue.
#[derive(Clone, Debug)]
pub struct Script {
    numbers: Numbers,
    follower: Follower,
    /// Kept as a driver keeps it: by the difference that each step makes.
    index: BTreeSet<Entry>,
    tally: Tally,
}

/// What a step of a script was.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What the generator has chosen: the step, or a request that comes to one.
    pub chosen: Step,
    /// Its time.
    pub now: Millis,
    /// The step of the machine, if it came to one: a search does not.
    pub taken: Option<Taken>,
    /// The whole answer, if it was a request.
    pub response: Option<Response>,
}

impl Script {
    /// The history of this number.
    pub fn new(seed: u64, config: Config) -> Self {
        Script {
            numbers: Numbers::new(seed),
            follower: Follower::new(config, Default::default(), 0),
            index: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    /// The state as it is now.
    pub fn model(&self) -> &Model {
        self.follower.model()
    }

    /// Chooses the next step and takes it.
    ///
    /// # Errors
    /// With the first property that does not hold, and what broke it.
    pub fn advance(&mut self) -> Result<Turn, (Broken, String)> {
        let numbers = [(); NUMBERS].map(|()| self.numbers.next());
        let (span, chosen) = choose(self.model(), &mut Choices::new(&numbers));
        let now = self.model().now().saturating_add(span);
        let mut turn = Turn { chosen, now, taken: None, response: None };
        let Step::Request(request) = &turn.chosen else {
            let step = turn.chosen.clone();
            turn.taken = Some(self.take(&step, now)?);
            return Ok(turn);
        };
        let response = match scan::search(self.model(), request, now) {
            Some(response) => Some(response),
            None => {
                let taken = self.take(&scan::expand(self.model(), request, now), now)?;
                let mut outcome = taken.outcome.clone();
                scan::preload(self.model(), request, &mut outcome, now);
                turn.taken = Some(taken);
                outcome.response
            }
        };
        if let Some(response) = &response {
            let model = self.follower.model();
            let after = State::new(model.rows(), now, model.config());
            let broken = Answered { request, response, after }.broken(&mut self.tally);
            if let Some(broken) = broken.into_iter().next() {
                return Err((broken, format!("request: {request:#?}\nresponse: {response:#?}")));
            }
        }
        turn.response = response;
        Ok(turn)
    }

    fn take(&mut self, step: &Step, now: Millis) -> Result<Taken, (Broken, String)> {
        let model = self.follower.model();
        let taken = Recorder::new(model).take(step, now, model.config());
        let keys = taken.outcome.effects.iter().filter_map(Effect::key);
        let old: Vec<Row> = keys.filter_map(|key| model.rows().get(&key).cloned()).collect();
        self.follower.follow(&taken)?;
        for entry in old.iter().flat_map(entries) {
            self.index.remove(&entry);
        }
        let rows = self.follower.model().rows();
        let keys: Vec<Key> = taken.outcome.effects.iter().filter_map(Effect::key).collect();
        self.index.extend(keys.iter().filter_map(|key| rows.get(key)).flat_map(entries));
        Ok(taken)
    }

    /// Checks the whole state, and the index beside it.
    ///
    /// # Errors
    /// With the first property that does not hold, and the state.
    pub fn check_state(&mut self) -> Result<(), (Broken, String)> {
        let model = self.follower.model();
        let (rows, now) = (model.rows(), model.now());
        let mut broken = model.state().broken(&mut Tally::default());
        broken.extend(verify_rows(rows, &self.index, now, model.config(), &mut self.tally));
        match broken.into_iter().next() {
            Some(broken) => Err((broken, format!("at {now}: {rows:#?}\n{:#?}", self.index))),
            None => Ok(()),
        }
    }

    /// How often each property could have failed so far.
    pub fn tally(&self) -> Tally {
        let mut tally = self.tally.clone();
        tally.merge(self.follower.tally());
        tally
    }
}

/// Marsaglia's xorshift.
#[derive(Clone, Debug)]
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        // Neighbouring seeds are to begin far from each other, and none at nothing.
        Numbers((seed.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as u16
    }
}
