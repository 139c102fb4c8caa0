//! The machine at small scope: every request and every internal step, due or not, in every state,
//! and time passing at any point.

mod cells;
mod effect;
mod scope;
mod scopes;
mod steps;

use std::sync::{Mutex, PoisonError};

use abide_machine::{
    Row,
    testing::{Recorder, State, Tally, Transition},
};
use abide_protocol::Millis;
use xxhash_rust::xxh3::xxh3_128;

pub use scope::Scope;
pub(super) use scopes::scopes;

use self::{
    cells::{Cells, Mirror, SLOTS},
    effect::{Comes, Memo},
};
use super::{Action, Onward, System, Violation, choice::Choice, rows::applied};

/// The machine over the records of a scope.
///
/// A state is small: one number for each key, which names what is stored under it, and the time.
/// What a choice comes to depends only on its footprint, so it is computed once for each pre-state
/// of that. The whole catalogue of properties is checked then, and again, over the whole state, with
/// every transition that leads to a state that is new; with `thorough`, with every transition.
pub struct Machine {
    scope: Scope,
    thorough: bool,
    /// What is to hold beside the catalogue.
    also: Vec<(&'static str, Check)>,
    cells: Cells,
    /// The first is a read.
    choices: Vec<Prepared>,
    tally: Mutex<Tally>,
}

/// Finds out whether a property holds of a transition.
pub type Check = fn(&Transition) -> Result<(), String>;

/// A choice, with the places of the keys it depends on.
struct Prepared {
    choice: Choice,
    footprint: Vec<usize>,
    /// Of these, the keys of promises that must not be pending.
    settled: Vec<usize>,
}

/// What is stored, and when it is.
#[derive(Clone, Copy, Debug)]
pub struct Packed {
    rows: [u32; SLOTS],
    time: u32,
}

/// What a thread keeps while it explores.
pub struct Scratch {
    mirror: Mirror,
    memo: Memo,
    tally: Tally,
}

impl Machine {
    /// The machine in this scope.
    ///
    /// # Panics
    /// If the scope has more keys than a state has room for.
    pub fn new(scope: Scope, thorough: bool) -> Self {
        let cells = Cells::new(scope.choices.iter().flat_map(Choice::keys));
        let prepared = |choice: &Choice| {
            let footprint = choice.step.footprint();
            let keys = footprint.iter().chain(&choice.settled);
            Prepared {
                choice: choice.clone(),
                footprint: keys.map(|key| cells.slot(key)).collect(),
                settled: choice.settled.iter().map(|key| cells.slot(key)).collect(),
            }
        };
        let choices = scope.choices.iter().map(prepared).collect();
        Machine { scope, thorough, also: Vec::new(), cells, choices, tally: Mutex::default() }
    }

    /// The same, with another property to hold of every transition.
    pub fn also(mut self, name: &'static str, check: Check) -> Self {
        self.also.push((name, check));
        self
    }

    /// How often each property of the catalogue could have failed.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self, state: &Packed) -> Millis {
        self.scope.times[state.time as usize]
    }

    /// Takes a step in a state and checks the whole catalogue.
    fn check(
        &self,
        scratch: &mut Scratch,
        state: &Packed,
        prepared: &Prepared,
    ) -> Result<Vec<abide_machine::Effect>, Violation> {
        let now = self.now(state);
        let config = &self.scope.config;
        let rows = scratch.mirror.rows(&state.rows, &self.cells);
        let before = State::new(&rows, now, config);
        let taken = Recorder::new(&before).take(&prepared.choice.step, now, config);
        let after = applied(&rows, &taken.outcome.effects);
        let after = State::new(&after, now, config);
        let at = Transition::new(before, &taken, after);
        let verdict = at.verify(&mut scratch.tally);
        verdict.map_err(|broken| Violation::new(broken.name, broken.why))?;
        for (name, check) in &self.also {
            check(&at).map_err(|why| Violation::new(*name, why))?;
        }
        Ok(taken.outcome.effects)
    }

    /// Makes a choice.
    fn choose(
        &self,
        scratch: &mut Scratch,
        state: &Packed,
        (number, prepared): (usize, &Prepared),
        onward: &mut dyn Onward<Packed>,
    ) -> Result<(), Violation> {
        let key = effect::memo_key(number, state, &prepared.footprint);
        if self.is_forbidden(scratch, state, prepared) {
            return Ok(());
        }
        let known = scratch.memo.get(&key).cloned();
        onward.trying(number as Action);
        let fresh = known.is_none();
        let comes = match known {
            Some(comes) => comes,
            None => self.comes(scratch, state, prepared)?,
        };
        if fresh {
            scratch.memo.insert(key, comes.clone());
        }
        let new = match comes {
            Comes::Nothing => false,
            Comes::Out => {
                onward.left();
                false
            }
            Comes::Changes(changes) => {
                let mut next = *state;
                changes.iter().for_each(|(slot, cell)| next.rows[*slot as usize] = *cell);
                onward.reached(next)
            }
        };
        if (new || self.thorough) && !fresh {
            self.check(scratch, state, prepared)?;
        }
        Ok(())
    }

    /// Whether whoever drives the machine does not do this here.
    fn is_forbidden(&self, scratch: &mut Scratch, state: &Packed, prepared: &Prepared) -> bool {
        prepared.settled.iter().any(|slot| {
            let row = scratch.mirror.row(state.rows[*slot], &self.cells);
            matches!(row, Some(Row::Promise(promise)) if promise.record.is_pending())
        })
    }

    /// What a choice comes to.
    fn comes(
        &self,
        scratch: &mut Scratch,
        state: &Packed,
        prepared: &Prepared,
    ) -> Result<Comes, Violation> {
        let effects = self.check(scratch, state, prepared)?;
        if !self.scope.holds(&effects) {
            return Ok(Comes::Out);
        }
        let changes: Vec<(u8, u32)> = effects
            .iter()
            .filter_map(|effect| {
                let key = effect.key()?;
                let slot = self.cells.slot(&key);
                Some((slot as u8, self.cells.of(effect::image(effect))))
            })
            .collect();
        Ok(if changes.is_empty() { Comes::Nothing } else { Comes::Changes(changes.into()) })
    }
}

impl System for Machine {
    type State = Packed;
    type Scratch = Scratch;

    const KEPT: usize = 4_000_000;

    fn scratch(&self) -> Scratch {
        Scratch { mirror: Mirror::default(), memo: Memo::default(), tally: Tally::default() }
    }

    fn initial(&self) -> Packed {
        Packed { rows: [0; SLOTS], time: 0 }
    }

    fn fingerprint(&self, state: &Packed) -> u128 {
        let mut bytes = [0; 4 * (SLOTS + 1)];
        let numbers = state.rows.iter().chain([&state.time]);
        for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        xxh3_128(&bytes)
    }

    fn expand(&self, scratch: &mut Scratch, state: &Packed, onward: &mut dyn Onward<Packed>) {
        for (number, prepared) in self.choices.iter().enumerate() {
            if let Err(violation) = self.choose(scratch, state, (number, prepared), onward) {
                return onward.broken(violation);
            }
        }
        if state.time as usize + 1 < self.scope.times.len() {
            onward.trying(self.choices.len() as Action);
            let later = Packed { time: state.time + 1, ..*state };
            // A read shows the state at its new time to the properties of states.
            if onward.reached(later)
                && let Err(violation) = self.check(scratch, &later, &self.choices[0])
            {
                onward.broken(violation);
            }
        }
    }

    fn describe(&self, path: &[Action]) -> Vec<String> {
        let mut time = 0;
        let mut lines = Vec::new();
        for action in path {
            match self.choices.get(*action as usize) {
                Some(prepared) => {
                    let now = self.scope.times[time];
                    lines.push(format!("at {now}: {}", prepared.choice.text));
                }
                None => time += 1,
            }
        }
        lines
    }

    fn finish(&self, scratch: Scratch) {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).merge(&scratch.tally);
    }
}
