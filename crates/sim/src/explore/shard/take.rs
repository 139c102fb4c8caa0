use std::sync::Arc;

use abide_engine::{Input, Output};
use abide_machine::{
    Unblock,
    testing::{State, Tally, Transition},
};
use abide_protocol::Message;

use super::{
    act::Act,
    check, disk,
    scope::ShardScope,
    world::{Answer, Read, Sent, World},
};
use crate::explore::{Violation, rows::applied};

/// What comes of an act.
pub(super) fn take(
    scope: &ShardScope,
    world: &World,
    act: Act,
    tally: &mut Tally,
) -> Result<World, Violation> {
    let mut next = world.clone();
    let input = next.act(scope, act)?;
    next.tell(scope, input, tally)?;
    Ok(next)
}

impl World {
    /// Has the shard begin: it is told nothing, and wants something all the same.
    pub(super) fn begin(&mut self, scope: &ShardScope) {
        let begun = self.tell(scope, None, &mut Tally::default());
        begun.expect("no step is taken before anything happens");
    }

    /// Does it, and says what the shard is told of it.
    fn act(&mut self, scope: &ShardScope, act: Act) -> Result<Option<Input>, Violation> {
        Ok(match act {
            Act::Call(which) => {
                let taken = |ticket: &u64| !self.open.contains(ticket);
                let ticket = (1..).find(taken).expect("there are numbers enough");
                self.open.insert(ticket);
                // What is not limited is not counted.
                self.made += u32::from(scope.most < u32::MAX);
                let request = scope.calls[which].request.clone();
                Some(Input::Call { ticket, request, debug_time: None })
            }
            Act::Read(which) => {
                let found = disk::read(&self.disk, &self.reads[which].wanted);
                self.reads[which].answer = Answer::Found(found);
                if scope.slow { None } else { World::answer(self.reads.remove(which)) }
            }
            Act::Tell(which) => World::answer(self.reads.remove(which)),
            Act::Sync => {
                let commit = &self.commits[self.synced];
                disk::commit(Arc::make_mut(&mut self.disk), commit)?;
                self.floor = self.floor.max(commit.clock);
                self.synced += 1;
                if scope.slow { None } else { self.committed() }
            }
            Act::Committed => self.committed(),
            Act::Pass => {
                self.time += 1;
                None
            }
            Act::Wake => Some(Input::Tick),
            Act::Connect(which) => {
                self.connected |= 1 << which;
                self.connections += u32::from(scope.connections < u32::MAX);
                self.forget_offers(scope, which);
                Some(Input::Connected { receiver: scope.receivers[which].clone() })
            }
            Act::Disconnect(which) => {
                self.connected &= !(1 << which);
                self.forget_offers(scope, which);
                Some(Input::Disconnected { receiver: scope.receivers[which].clone() })
            }
            Act::Taken(which) => Some(Input::Taken { delivery: self.sent.remove(which).delivery }),
            Act::Refused(which) => {
                self.refusals += 1;
                Some(Input::Refused { delivery: self.sent.remove(which).delivery })
            }
            Act::Crash => {
                self.crash(scope);
                None
            }
        })
    }

    /// Whoever connects is to be offered everything, whatever others were.
    fn forget_offers(&mut self, scope: &ShardScope, receiver: usize) {
        if scope.worker == Some(receiver) {
            self.offered.clear();
        }
    }

    fn committed(&mut self) -> Option<Input> {
        self.synced -= 1;
        let batch = self.commits.pop_front()?.batch;
        Some(Input::Committed { batch })
    }

    /// Loses everything that is not durable. Who had a connection has it no longer.
    fn crash(&mut self, scope: &ShardScope) {
        self.shard = scope.shard(self.floor);
        self.model = self.disk.clone();
        self.crashes += 1;
        self.connected = 0;
        self.synced = 0;
        self.reads.clear();
        self.commits.clear();
        self.open.clear();
        self.sent.clear();
        self.offered.clear();
    }

    /// Tells the shard, takes out what it wants, and lets the model follow.
    fn tell(
        &mut self,
        scope: &ShardScope,
        input: Option<Input>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let now = self.now(scope);
        if let Some(input) = input {
            self.shard.input(input, now);
        }
        while let Some(output) = self.shard.output() {
            self.follow(scope, tally)?;
            self.wanted(scope, output)?;
        }
        self.follow(scope, tally)?;
        self.normalise();
        Ok(())
    }

    fn follow(&mut self, scope: &ShardScope, tally: &mut Tally) -> Result<(), Violation> {
        for taken in self.shard.watched() {
            let after = applied(&self.model, &taken.outcome.effects);
            let state = |rows| State::new(rows, taken.now, &scope.config);
            let verdict = Transition::new(state(&self.model), &taken, state(&after)).verify(tally);
            verdict.map_err(|broken| Violation::new(broken.name, broken.why))?;
            self.model = Arc::new(after);
        }
        Ok(())
    }

    fn wanted(&mut self, scope: &ShardScope, output: Output) -> Result<(), Violation> {
        let read = |number, wanted| Read { number, wanted, answer: Answer::Awaited };
        match output {
            Output::Load { load, keys } => self.reads.push(read(load, disk::Wanted::Rows(keys))),
            Output::Scan { scan, range, after, limit } => {
                self.reads.push(read(scan, disk::Wanted::Page { range, after, limit }));
            }
            Output::Commit(commit) => self.commits.push_back(commit),
            Output::Reply { ticket, response } => {
                if !self.open.remove(&ticket) {
                    let why = format!("{ticket} is answered again: {response:?}");
                    return Err(Violation::new("a call is answered once", why));
                }
                check::response(self, scope, &response)?;
            }
            Output::Deliver { delivery, address, message } => {
                check::message(self, scope, &address, &message)?;
                match (delivery, message) {
                    (None, Message::Execute { id, version }) => {
                        self.offered.insert((id, version));
                    }
                    (Some(delivery), Message::Unblock { promise }) => {
                        let unblock = Unblock { address, promise: promise.id.clone() };
                        self.sent.push(Sent { delivery, unblock });
                    }
                    (_, message) => {
                        let why = format!("{message:?}");
                        return Err(Violation::new("what must not be lost is numbered", why));
                    }
                }
            }
            Output::Reset => unreachable!("nobody asks for it"),
        }
        Ok(())
    }

    /// Names everything as the normalised shard does.
    fn normalise(&mut self) {
        let renamed = self.shard.normalise();
        self.reads.retain_mut(|read| match renamed.read(read.number) {
            Some(number) => {
                read.number = number;
                true
            }
            None => false,
        });
        self.sent.retain_mut(|sent| match renamed.delivery(sent.delivery) {
            Some(delivery) => {
                sent.delivery = delivery;
                true
            }
            None => false,
        });
        self.commits.iter_mut().for_each(|it| it.batch = renamed.batch(it.batch));
        // A task that was offered at a version that it no longer has is of no interest.
        let model = &self.model;
        self.offered.retain(|(id, version)| check::is_version(model, id, *version));
    }
}
