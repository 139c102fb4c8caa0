//! The programs of a simulation, and the judgement of what they leave behind.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use abide_protocol::{Id, PromiseRecord, Request, Response, tag};

use super::tale::Tale;
use crate::{
    codec::Layers,
    core::{
        ask::Ask,
        fingerprint,
        proof::{
            generate,
            interpret::{self, Env},
            left::Started,
            oracle,
            program::Node,
            random::Random,
        },
    },
    wire,
};

/// The programs of one run, by the ids of their executions.
#[derive(Debug)]
pub struct Programs {
    all: Vec<Program>,
    /// Why an execution was halted.
    halted: Mutex<Option<String>>,
}

struct Program {
    id: Id,
    node: Arc<Node>,
    env: Arc<Env>,
    tale: Mutex<Tale>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.id, self.node)
    }
}

impl Program {
    fn tale(&self) -> MutexGuard<'_, Tale> {
        self.tale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call at the root of the execution.
    fn root(&self) -> Ask {
        let root = interpret::root(&self.env, &self.node);
        let ask = Arc::into_inner(root).expect("nobody else has it");
        // As it is for every call that is made from outside.
        let fingerprint = fingerprint::of_text(&ask.args).unwrap_or_default();
        Ask { fingerprint, ..ask }
    }
}

impl Programs {
    /// Random programs of about so many calls each; their executions have these ids.
    pub fn random(seed: u64, sizes: &[(&str, usize)]) -> Arc<Self> {
        let random = Random::new(seed);
        let program = |&(id, size): &(&str, usize)| Program {
            id: id.into(),
            node: generate::program(&random, size, false).into(),
            env: Env::new(random.next()),
            tale: Mutex::default(),
        };
        let all = sizes.iter().map(program).collect();
        Arc::new(Self { all, halted: Mutex::default() })
    }

    /// The ids of the executions.
    pub fn ids(&self) -> impl Iterator<Item = &Id> {
        self.all.iter().map(|program| &program.id)
    }

    /// The request that begins an execution, by whatever member of a group.
    ///
    /// # Panics
    /// When there is no such program.
    pub fn create(&self, id: &Id, group: &str) -> Request {
        let ask = self.root(id).expect("a program");
        let target = crate::address::group(group);
        Request::PromiseCreate(wire::root(&Layers::default(), id, &ask, &target))
    }

    /// What an answer tells, to whichever process.
    pub fn told(&self, response: &Response) {
        for promise in promises(response) {
            self.saw(promise);
        }
    }

    /// A promise is seen as it is stored.
    pub fn saw(&self, promise: &Arc<PromiseRecord>) {
        if let Some(program) = self.of(promise) {
            program.tale().saw(promise);
        }
    }

    /// No program has an error for which its execution is halted.
    ///
    /// # Errors
    /// Which execution was, and why.
    pub fn halted(&self) -> Result<(), String> {
        let halted = self.halted.lock().unwrap_or_else(PoisonError::into_inner);
        halted.clone().map_or(Ok(()), Err)
    }

    /// Whether an execution is over with all that belongs to it, given all its promises that are
    /// left. A call that was left behind stays as it is, if it would have been executed with its
    /// caller.
    pub fn are_over(promises: &[Arc<PromiseRecord>]) -> bool {
        let is_local = |promise: &PromiseRecord| promise.tags.get(tag::SCOPE) == Some("local");
        !promises.is_empty() && promises.iter().all(|p| !p.is_pending() || is_local(p))
    }

    /// Judges an execution that has ended, given all its promises that are left.
    ///
    /// # Errors
    /// What no run without a crash would have left.
    pub fn check(&self, id: &Id, promises: &[Arc<PromiseRecord>]) -> Result<(), String> {
        let program = self.find(id).ok_or_else(|| format!("there is no program {id}"))?;
        let left = program.tale().left(id, promises)?;
        if left.result.is_none() {
            return Err(format!("{id} has not ended"));
        }
        oracle::check(&left, &program.node).map_err(|why| {
            let records: Vec<_> = left.records.iter().map(|r| format!("  {r:?}")).collect();
            format!("{why}\n{}\n{:#?}", records.join("\n"), program.node)
        })
    }
}

impl Programs {
    fn find(&self, id: &str) -> Option<&Program> {
        self.all.iter().find(|program| program.id.as_str() == id)
    }

    fn of(&self, promise: &PromiseRecord) -> Option<&Program> {
        self.find(promise.tags.get(tag::ORIGIN).unwrap_or(&promise.id))
    }

    /// An execution is halted.
    pub(crate) fn stopped(&self, id: &Id, why: &crate::Error) {
        let mut halted = self.halted.lock().unwrap_or_else(PoisonError::into_inner);
        halted.get_or_insert_with(|| format!("{id} was halted: {why}"));
    }

    pub(super) fn root(&self, id: &str) -> Option<Ask> {
        self.find(id).map(Program::root)
    }

    /// What a promise was created for.
    pub(crate) fn ask(
        &self,
        promise: &PromiseRecord,
        func: &str,
        args: Arc<str>,
    ) -> Option<Arc<Ask>> {
        let program = self.of(promise)?;
        Some(match promise.id == program.id {
            true => interpret::root(&program.env, &program.node),
            false => interpret::remote(&program.env, func, args).into(),
        })
    }

    /// Takes the bodies that were started since the last time. `after` says which turn of a scope
    /// the process knew to be durable.
    pub(super) fn take_started(&self, after: impl Fn(&str) -> Option<(u32, u64)>) {
        for program in &self.all {
            let effects = std::mem::take(
                &mut *program.env.effects.lock().unwrap_or_else(PoisonError::into_inner),
            );
            let started = effects.into_iter().map(|(id, func, args)| {
                let scope = crate::core::proof::left::parent(&id);
                let after = scope.and_then(&after).filter(|_| func != "remote");
                Started { id, func, args, after }
            });
            program.tale().started.extend(started);
        }
    }
}

/// The promises that an answer tells of.
pub(super) fn promises(response: &Response) -> impl Iterator<Item = &Arc<PromiseRecord>> {
    let page = match &response.body {
        abide_protocol::Body::Promises { promises, .. } => promises.as_slice(),
        _ => &[],
    };
    response.promise().into_iter().chain(response.preload()).chain(page)
}
