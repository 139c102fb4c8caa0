//! What happened, as a hash, and as a story for whoever asks for it.

use std::fmt::Display;

use abide_protocol::{Body, Message, Millis, Response};
use xxhash_rust::xxh3::Xxh3;

/// Everything that has happened in a run.
#[derive(Default)]
pub(crate) struct Trace {
    hash: Xxh3,
    story: Option<Vec<String>>,
}

/// How many lines of a story are kept: the last ones.
const LINES: usize = 20_000;

impl Trace {
    /// A trace that keeps the story, too, if it is asked for.
    pub(crate) fn new(story: bool) -> Self {
        Trace { hash: Xxh3::new(), story: story.then(Vec::new) }
    }

    pub(crate) fn is_told(&self) -> bool {
        self.story.is_some()
    }

    /// Something has happened.
    pub(crate) fn event(&mut self, at: Millis, kind: u8, who: u64, what: u64) {
        let mut bytes = [0; 25];
        bytes[0] = kind;
        bytes[1..9].copy_from_slice(&at.to_le_bytes());
        bytes[9..17].copy_from_slice(&who.to_le_bytes());
        bytes[17..].copy_from_slice(&what.to_le_bytes());
        self.hash.update(&bytes);
    }

    /// Adds text to the hash.
    pub(crate) fn text(&mut self, text: &str) {
        self.hash.update(text.as_bytes());
        self.hash.update(&[0xff]);
    }

    /// Adds a line to the story. The text is made only if the story is kept.
    pub(crate) fn tell<T: Display>(&mut self, at: Millis, line: impl FnOnce() -> T) {
        if let Some(story) = &mut self.story {
            if story.len() == LINES {
                story.remove(0);
            }
            story.push(format!("{:>9.3} {}", at as f64 / 1_000.0, line()));
        }
    }

    /// The hash of everything so far, together with that of what was committed.
    pub(crate) fn finish(&mut self, committed: &Xxh3) -> u64 {
        self.hash.update(&committed.digest().to_le_bytes());
        self.hash.digest()
    }

    pub(crate) fn take_story(&mut self) -> Vec<String> {
        self.story.take().unwrap_or_default()
    }
}

/// A number for what a response says.
pub(crate) fn digest(response: &Response) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&response.status.code().to_le_bytes());
    if let Some(promise) = response.promise() {
        hash.update(promise.id.as_bytes());
        hash.update(promise.state.as_str().as_bytes());
        hash.update(&promise.settled_at.unwrap_or(-1).to_le_bytes());
    }
    if let Some(task) = response.task() {
        hash.update(task.state.as_str().as_bytes());
        hash.update(&task.version.to_le_bytes());
    }
    response.preload().iter().for_each(|promise| hash.update(promise.id.as_bytes()));
    match &response.body {
        Body::Error(text) => hash.update(text.as_bytes()),
        Body::Promises { promises, .. } => {
            promises.iter().for_each(|promise| hash.update(promise.id.as_bytes()));
        }
        Body::Tasks { tasks, .. } => {
            tasks.iter().for_each(|task| hash.update(&task.version.to_le_bytes()));
        }
        _ => {}
    }
    hash.digest()
}

/// A message in a line.
pub(crate) fn line(message: &Message) -> String {
    match message {
        Message::Execute { id, version } => format!("execute {} at version {version}", &**id),
        Message::Unblock { promise } => {
            format!("unblock {}, which is {}", &*promise.id, promise.state.as_str())
        }
    }
}
