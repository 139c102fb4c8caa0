//! A node without threads, over a store in memory.

use std::sync::Arc;

use abide_node::{Config, Inline};
use abide_protocol::{Millis, Request, Response};
use abide_store::MemoryStore;

use super::{
    contender::{Contender, Doing, Setting, timing},
    script::START,
};

struct Plain {
    store: Arc<MemoryStore>,
    config: Config,
    node: Inline,
}

pub(super) fn make(setting: Setting) -> Doing<'static, Box<dyn Contender>> {
    let config = Config { timing: timing(setting.extensions), debug: true, ..Config::default() };
    let store = Arc::new(MemoryStore::new());
    let node = Inline::open(store.clone(), &config, START).expect("nobody else has it");
    Box::pin(async move { Box::new(Plain { store, config, node }) as Box<_> })
}

impl Contender for Plain {
    fn ask(&mut self, requests: Vec<Request>, now: Millis) -> Doing<'_, Vec<Response>> {
        let answers = requests.into_iter().map(|request| self.node.call(request, now)).collect();
        Box::pin(async { answers })
    }

    fn restart(&mut self) -> Doing<'_, ()> {
        let again = Inline::open(self.store.clone(), &self.config, START);
        self.node = again.expect("nobody else has it");
        Box::pin(async {})
    }

    fn end(self: Box<Self>) -> Doing<'static, ()> {
        Box::pin(async {})
    }
}
