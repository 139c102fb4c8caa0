//! The shard at small scope: calls, reads that are done and answered in any order, commits that end
//! and are told of, time, receivers that come and go and take messages or refuse them, and crashes
//! at any point, after which what is durable is opened anew.

mod act;
mod check;
mod disk;
mod rest;
mod scope;
mod scopes;
mod take;
mod world;

use std::sync::{Mutex, PoisonError};

use abide_machine::testing::Tally;

pub use scope::ShardScope;
pub(super) use scopes::scopes;
pub use world::World;

use self::act::Act;
use super::{Action, Onward, System, Violation};

/// A shard with its store and its receivers, in a scope.
///
/// Beside the shard there is a model of the machine over a plain map, which takes every step that
/// the shard takes. Each step is checked against the whole catalogue of properties; nothing may
/// leave that is not durable; and whenever nothing is left to wait for, all calls are answered, what
/// is stored is what the model holds, and everything that is armed has been taken up.
pub struct Shards {
    scope: ShardScope,
    also: Vec<(&'static str, Claim)>,
    tally: Mutex<Tally>,
}

/// Finds out whether something holds of every state.
pub type Claim = fn(&World) -> Result<(), String>;

impl Shards {
    /// The shard in this scope.
    pub fn new(scope: ShardScope) -> Self {
        Shards { scope, also: Vec::new(), tally: Mutex::default() }
    }

    /// The same, with another property to hold of every state.
    pub fn also(mut self, name: &'static str, claim: Claim) -> Self {
        self.also.push((name, claim));
        self
    }

    /// How often each property of the catalogue could have failed.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn checked(&self, world: &World) -> Result<(), Violation> {
        rest::check(&self.scope, world)?;
        self.also
            .iter()
            .try_for_each(|(name, claim)| claim(world).map_err(|why| Violation::new(*name, why)))
    }
}

impl System for Shards {
    type State = World;
    type Scratch = Tally;

    const KEPT: usize = 200_000;

    fn scratch(&self) -> Tally {
        Tally::default()
    }

    fn initial(&self) -> World {
        World::new(&self.scope)
    }

    fn fingerprint(&self, world: &World) -> u128 {
        world.fingerprint()
    }

    fn expand(&self, tally: &mut Tally, world: &World, onward: &mut dyn Onward<World>) {
        for act in act::possible(&self.scope, world) {
            onward.trying(act.number());
            match take::take(&self.scope, world, act, tally) {
                Ok(next) if next.shard.span() > self.scope.span => onward.left(),
                Ok(next) => {
                    let broken = self.checked(&next);
                    if onward.reached(next)
                        && let Err(violation) = broken
                    {
                        return onward.broken(violation);
                    }
                }
                Err(violation) => return onward.broken(violation),
            }
        }
    }

    fn describe(&self, path: &[Action]) -> Vec<String> {
        let mut world = self.initial();
        let mut lines = Vec::new();
        for action in path {
            let act = Act::of(*action);
            lines.push(format!("at {}: {}", world.now(&self.scope), act.text(&self.scope, &world)));
            match take::take(&self.scope, &world, act, &mut Tally::default()) {
                Ok(next) => world = next,
                Err(_) => break,
            }
        }
        lines
    }

    fn finish(&self, tally: Tally) {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).merge(&tally);
    }
}
