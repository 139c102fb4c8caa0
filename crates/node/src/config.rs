use abide_engine::Limits;

/// What an operator may choose about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The times of the protocol: how long a pending task waits before it is offered again; and
    /// what is offered beyond the protocol.
    pub timing: abide_machine::Config,
    /// How much of everything is held in memory.
    pub limits: Limits,
    /// Whether the debug surface is served: `debug.*` and a time in the head of a request. It is
    /// for tests; without it, its requests are answered 403 and times in heads are ignored.
    pub debug: bool,
    /// The node's name in the store. A restarted node claims what was its own at once.
    pub name: String,
    /// How many messages wait for one connection at most. A member that does not read is passed
    /// over for another one of its group.
    pub queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            timing: abide_machine::Config::default(),
            limits: Limits::default(),
            debug: false,
            name: "abide".into(),
            queue: 4_096,
        }
    }
}
