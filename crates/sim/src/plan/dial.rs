use crate::chance::Chance;

/// Something that a run may have more or less of, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum Dial {
    /// The process of the node is killed.
    Crash,
    /// The power is lost, and with it what was not synced.
    Power,
    /// Another node takes the shard over while the old one lives on.
    TakeOver,
    /// A write to the disk fails in the middle.
    DiskWrite,
    /// A sync fails, and with it nobody knows what.
    DiskSync,
    /// A read from the disk fails.
    DiskRead,
    /// Requests, answers and posted messages are lost.
    Drop,
    /// Requests and posted messages arrive twice.
    Repeat,
    /// Some messages take much longer than others.
    Delay,
    /// Somebody cannot reach the node for a while, nor the node them.
    Partition,
    /// A stream of messages breaks.
    Cut,
    /// The node's clock jumps forwards.
    ClockForward,
    /// The node's clock jumps backwards.
    ClockBack,
    /// Clients' clocks are wrong.
    Skew,
    /// Receivers of posted messages refuse them.
    Refuse,
    /// The process of a client or worker is killed.
    ActorCrash,
    /// A client or worker stands still for a while.
    Stop,
    /// The node has room for little.
    Tiny,
    /// Clients that create, settle and await promises.
    Authors,
    /// Workers that acquire tasks and carry them out.
    Laborers,
    /// Clients that listen to promises.
    Listeners,
    /// Clients that make schedules.
    Schedulers,
    /// Clients that search.
    Searchers,
    /// Clients that halt, continue and cancel.
    Governors,
    /// Processes of the SDK that execute random programs.
    Workers,
}

impl Dial {
    /// Every dial.
    pub const ALL: [Dial; 25] = [
        Dial::Crash,
        Dial::Power,
        Dial::TakeOver,
        Dial::DiskWrite,
        Dial::DiskSync,
        Dial::DiskRead,
        Dial::Drop,
        Dial::Repeat,
        Dial::Delay,
        Dial::Partition,
        Dial::Cut,
        Dial::ClockForward,
        Dial::ClockBack,
        Dial::Skew,
        Dial::Refuse,
        Dial::ActorCrash,
        Dial::Stop,
        Dial::Tiny,
        Dial::Authors,
        Dial::Laborers,
        Dial::Listeners,
        Dial::Schedulers,
        Dial::Searchers,
        Dial::Governors,
        Dial::Workers,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Dial::Crash => "crash",
            Dial::Power => "power",
            Dial::TakeOver => "take-over",
            Dial::DiskWrite => "disk-write",
            Dial::DiskSync => "disk-sync",
            Dial::DiskRead => "disk-read",
            Dial::Drop => "drop",
            Dial::Repeat => "repeat",
            Dial::Delay => "delay",
            Dial::Partition => "partition",
            Dial::Cut => "cut",
            Dial::ClockForward => "clock-forward",
            Dial::ClockBack => "clock-back",
            Dial::Skew => "skew",
            Dial::Refuse => "refuse",
            Dial::ActorCrash => "actor-crash",
            Dial::Stop => "stop",
            Dial::Tiny => "tiny",
            Dial::Authors => "authors",
            Dial::Laborers => "laborers",
            Dial::Listeners => "listeners",
            Dial::Schedulers => "schedulers",
            Dial::Searchers => "searchers",
            Dial::Governors => "governors",
            Dial::Workers => "workers",
        }
    }

    /// The dial of that name.
    pub fn named(name: &str) -> Option<Self> {
        Dial::ALL.into_iter().find(|dial| dial.name() == name)
    }

    /// How strong it is in a run: a rate in a thousand, a number of times, or of actors.
    pub(crate) fn choose(self, chance: &mut Chance) -> u32 {
        let of: &[u32] = match self {
            Dial::Crash | Dial::TakeOver | Dial::Power => &[0, 0, 0, 1, 2, 4],
            Dial::DiskWrite | Dial::DiskSync => &[0, 0, 0, 0, 10, 60],
            Dial::DiskRead => &[0, 0, 0, 0, 5, 30],
            Dial::Drop | Dial::Repeat => &[0, 0, 0, 10, 50, 200],
            Dial::Delay => &[0, 0, 0, 20, 100],
            Dial::Partition | Dial::Cut => &[0, 0, 0, 1, 3, 6],
            Dial::ClockForward | Dial::ClockBack => &[0, 0, 0, 1, 3],
            Dial::Skew | Dial::Tiny => &[0, 0, 1],
            Dial::Refuse => &[0, 0, 100, 500],
            Dial::ActorCrash | Dial::Stop => &[0, 0, 0, 1, 3, 6],
            Dial::Authors => &[0, 1, 2, 3],
            Dial::Laborers => &[0, 1, 2, 3],
            Dial::Listeners => &[0, 1, 2],
            Dial::Schedulers | Dial::Searchers => &[0, 0, 1],
            Dial::Governors => &[0, 1],
            Dial::Workers => &[0, 0, 0, 0, 0, 0, 0, 1, 2, 3],
        };
        *chance.one_of(of)
    }
}
