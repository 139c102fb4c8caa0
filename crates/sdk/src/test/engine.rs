//! Where the engine of a world is.

use std::sync::Arc;

use abide_node::{Config, Inline, Timing};
use abide_protocol::Extensions;
use abide_store::MemoryStore;

use crate::clock;

/// Where the engine is, as seen by a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Engine {
    /// In the process itself, which is the only one.
    #[default]
    Embedded,
    /// Behind a network.
    Server,
    /// Behind a network, and it knows the plain protocol only.
    PlainServer,
}

impl Engine {
    /// Whether it lives and dies with the process.
    pub(super) fn is_embedded(self) -> bool {
        self == Engine::Embedded
    }

    /// What it offers.
    pub(super) fn extensions(self) -> Extensions {
        match self {
            Engine::Embedded | Engine::Server => Extensions::all(),
            Engine::PlainServer => Extensions::none(),
        }
    }

    /// Starts it over a store.
    pub(super) fn open(self, store: &Arc<MemoryStore>) -> Inline {
        let timing = Timing { extensions: self.extensions(), ..Timing::default() };
        let config = Config { timing, ..Config::default() };
        Inline::open(store.clone(), &config, clock::now()).expect("the store belongs to this world")
    }
}
