use std::{path::PathBuf, pin::Pin, time::Duration};

use abide_node::{Limits, Timing};
use abide_protocol::{Extensions, Millis, Request, Response};

use super::{http, inline, node};

/// Something that answers requests.
pub(super) trait Contender {
    /// Carries out requests in their order, all at this time.
    fn ask(&mut self, requests: Vec<Request>, now: Millis) -> Doing<'_, Vec<Response>>;

    /// Ends it and begins again with what is stored.
    fn restart(&mut self) -> Doing<'_, ()>;

    /// Ends it.
    fn end(self: Box<Self>) -> Doing<'static, ()>;
}

/// Something that takes a while.
pub(super) type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What a contender is made of.
pub(super) struct Setting {
    /// What is offered beyond the protocol.
    pub(super) extensions: Extensions,
    /// Where its files go.
    pub(super) home: PathBuf,
}

type Make = fn(Setting) -> Doing<'static, Box<dyn Contender>>;

/// All of them. The first one is what the others are compared with: no threads, no time, no disk.
pub(super) const CONTENDERS: &[(&str, Make)] = &[
    ("inline", inline::make),
    ("node in memory", |setting| node::memory(setting, Limits::default(), Duration::ZERO)),
    ("node with tiny limits", |setting| node::memory(setting, tiny(), Duration::ZERO)),
    ("node on a slow disk", |setting| node::memory(setting, tiny(), Duration::from_micros(300))),
    ("node on files", |setting| node::files(setting, Limits::default())),
    ("node on files with tiny limits", |setting| node::files(setting, tiny())),
    ("server in memory", http::memory),
    ("server on files", http::files),
];

/// The timing of all.
pub(super) fn timing(extensions: Extensions) -> Timing {
    Timing { extensions, ..Timing::default() }
}

/// Limits so small that everything is evicted, paged, trimmed and cut.
fn tiny() -> Limits {
    Limits {
        batch_steps: 1,
        cache_bytes: 0,
        timers: 4,
        window: 1,
        page: 1,
        in_flight: 1,
        ..Limits::default()
    }
}
