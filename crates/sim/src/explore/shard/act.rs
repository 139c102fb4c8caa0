use super::{
    scope::ShardScope,
    world::{Answer, World},
};
use crate::explore::Action;

/// Something that can happen to a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Somebody asks for this.
    Call(usize),
    /// The store does a read.
    Read(usize),
    /// The shard is told what was read.
    Tell(usize),
    /// The store makes the next commit durable.
    Sync,
    /// The shard is told that the oldest commit is durable.
    Committed,
    /// Time passes, and nobody tells the shard.
    Pass,
    /// The shard is woken.
    Wake,
    /// A receiver connects.
    Connect(usize),
    /// A receiver leaves.
    Disconnect(usize),
    /// A receiver has taken a message.
    Taken(usize),
    /// A receiver has not taken a message.
    Refused(usize),
    /// All is lost but what is durable.
    Crash,
}

impl Act {
    /// The number of the act: its sort, and which.
    pub(super) fn number(self) -> Action {
        let (sort, which) = match self {
            Act::Call(which) => (0, which),
            Act::Read(which) => (1, which),
            Act::Tell(which) => (2, which),
            Act::Sync => (3, 0),
            Act::Committed => (4, 0),
            Act::Pass => (5, 0),
            Act::Wake => (6, 0),
            Act::Connect(which) => (7, which),
            Act::Disconnect(which) => (8, which),
            Act::Taken(which) => (9, which),
            Act::Refused(which) => (10, which),
            Act::Crash => (11, 0),
        };
        sort << 16 | which as Action
    }

    /// The act of this number.
    pub(super) fn of(number: Action) -> Self {
        let which = (number & 0xffff) as usize;
        match number >> 16 {
            0 => Act::Call(which),
            1 => Act::Read(which),
            2 => Act::Tell(which),
            3 => Act::Sync,
            4 => Act::Committed,
            5 => Act::Pass,
            6 => Act::Wake,
            7 => Act::Connect(which),
            8 => Act::Disconnect(which),
            9 => Act::Taken(which),
            10 => Act::Refused(which),
            _ => Act::Crash,
        }
    }

    /// The act in words.
    pub(super) fn text(self, scope: &ShardScope, world: &World) -> String {
        match self {
            Act::Call(which) => format!("call {}", scope.calls[which].text),
            Act::Read(which) => format!("the store reads {:?}", world.reads[which].wanted),
            Act::Tell(which) => format!("told of {:?}", world.reads[which].wanted),
            Act::Sync => format!("batch {} is durable", world.commits[world.synced].batch),
            Act::Committed => format!("told that batch {} is durable", world.commits[0].batch),
            Act::Pass => "time passes".into(),
            Act::Wake => "woken".into(),
            Act::Connect(which) => format!("{:?} connects", scope.receivers[which]),
            Act::Disconnect(which) => format!("{:?} leaves", scope.receivers[which]),
            Act::Taken(which) => format!("taken: {:?}", world.sent[which]),
            Act::Refused(which) => format!("refused: {:?}", world.sent[which]),
            Act::Crash => "crash".into(),
        }
    }
}

/// All that can happen now.
pub(super) fn possible(scope: &ShardScope, world: &World) -> Vec<Act> {
    let mut acts = Vec::new();
    if world.made < scope.most && world.open.len() < scope.open {
        acts.extend((0..scope.calls.len()).map(Act::Call));
    }
    for (which, read) in world.reads.iter().enumerate() {
        acts.push(match read.answer {
            Answer::Awaited => Act::Read(which),
            Answer::Found(_) => Act::Tell(which),
        });
    }
    if world.synced < world.commits.len() {
        acts.push(Act::Sync);
    }
    if world.synced > 0 {
        acts.push(Act::Committed);
    }
    if world.time as usize + 1 < scope.times.len() {
        acts.push(Act::Pass);
    }
    if world.wakes(scope) {
        acts.push(Act::Wake);
    }
    for which in 0..scope.receivers.len() {
        if world.is_connected(which) {
            acts.push(Act::Disconnect(which));
        } else if world.connections < scope.connections {
            acts.push(Act::Connect(which));
        }
    }
    acts.extend((0..world.sent.len()).map(Act::Taken));
    if world.refusals < scope.refusals {
        acts.extend((0..world.sent.len()).map(Act::Refused));
    }
    if world.crashes < scope.crashes {
        acts.push(Act::Crash);
    }
    acts
}
