use std::{rc::Rc, sync::Arc};

use abide_protocol::{
    Extensions, Id, Millis, PromiseCreate, PromiseSettle, SettleState, Tags, Value, tag,
};

use crate::{chance::Chance, plan::Plan, world::BEGINNING};

/// What is below the root of a tree, in both dialects of ids.
const BELOW: [&str; 6] = ["", "", ":1", ":2", ":1.2", ".1"];

/// How long promises live.
const LIVES: [Millis; 6] = [0, 100, 2_000, 8_000, 20_000, 60_000];

/// What all clients of a run have in common: the ids they meet at, and how fast they are.
#[derive(Clone)]
pub(crate) struct Habits(Rc<Inner>);

struct Inner {
    trees: usize,
    season: Millis,
    pause: Millis,
    targets: Vec<String>,
    listeners: Vec<String>,
    extensions: Extensions,
}

impl Habits {
    pub(crate) fn new(plan: &Plan, targets: Vec<String>, listeners: Vec<String>) -> Self {
        Habits(Rc::new(Inner {
            trees: plan.trees,
            season: plan.season,
            pause: plan.pause,
            targets,
            listeners,
            extensions: plan.config.timing.extensions,
        }))
    }

    pub(crate) fn extensions(&self) -> Extensions {
        self.0.extensions
    }

    /// How long to think.
    pub(crate) fn pause(&self, chance: &mut Chance) -> Millis {
        chance.within(self.0.pause / 2, self.0.pause * 3 / 2)
    }

    /// The root of a tree that is worked on, or was a moment ago.
    pub(crate) fn root(&self, now: Millis, chance: &mut Chance) -> Id {
        let season = (now - BEGINNING).max(0) / self.0.season;
        let season = if chance.once_in(4) { (season - 1).max(0) } else { season };
        format!("t{season}-{}", chance.below(self.0.trees)).into()
    }

    /// A promise of such a tree, whether it exists or not.
    pub(crate) fn id(&self, now: Millis, chance: &mut Chance) -> Id {
        let root = self.root(now, chance);
        format!("{}{}", &*root, chance.one_of(&BELOW)).into()
    }

    /// Where workers are, or may be.
    pub(crate) fn target(&self, chance: &mut Chance) -> String {
        chance.one_of(&self.0.targets).clone()
    }

    /// Where somebody listens, if anybody does.
    pub(crate) fn listener(&self, chance: &mut Chance) -> Option<String> {
        let listeners = &self.0.listeners;
        if listeners.is_empty() { None } else { Some(chance.one_of(listeners).clone()) }
    }

    /// A promise to create.
    pub(crate) fn promise(&self, id: Id, now: Millis, chance: &mut Chance) -> PromiseCreate {
        let timeout_at = now + *chance.one_of(&LIVES);
        let root: Id = id.origin().into();
        let mut tags: Vec<(&str, String)> = Vec::new();
        let branch = if chance.once_in(2) { root.to_string() } else { id.to_string() };
        tags.push((tag::BRANCH, branch));
        match chance.below(8) {
            0..=2 => tags.push((tag::TARGET, self.target(chance))),
            3 => tags.push((tag::TIMER, "true".into())),
            4 => tags.push((tag::EXTERNAL, "true".into())),
            5 if timeout_at > now + 1 => {
                tags.push((tag::TARGET, self.target(chance)));
                let until = chance.within(now, timeout_at - 1);
                tags.push((tag::DELAY, until.to_string()));
            }
            _ => {}
        }
        if id != root && chance.once_in(3) {
            tags.push((tag::OWNER, root.to_string()));
        }
        let param = Arc::new(Value::of(format!("p{}", chance.below(1_000))));
        PromiseCreate { id, timeout_at, param, tags: Arc::new(tags.into_iter().collect()) }
    }

    /// A promise with a task.
    pub(crate) fn work(&self, id: Id, now: Millis, chance: &mut Chance) -> PromiseCreate {
        let mut promise = self.promise(id, now, chance);
        let target = self.target(chance);
        let kept = promise.tags.iter().filter(|(name, _)| ![tag::TIMER, tag::DELAY].contains(name));
        let tags: Tags = kept.chain([(tag::TARGET, &*target)]).collect();
        promise.tags = Arc::new(tags);
        promise
    }

    /// A settlement that nobody else makes like this.
    pub(crate) fn settlement(&self, id: Id, chance: &mut Chance) -> PromiseSettle {
        let states = [SettleState::Resolved, SettleState::Resolved, SettleState::Rejected];
        let state = *chance.one_of(&states);
        let value = Arc::new(Value::of(format!("v{:x}", chance.number())));
        PromiseSettle { id, state, value }
    }
}
