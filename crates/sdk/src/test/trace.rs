//! What has happened in a run, to be read by people.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use abide_protocol::{Message, Millis, Request, Response};

use super::{describe, process::Process};

/// Entries that are kept. A failure prints the last [`PRINTED`] of them.
const KEPT: usize = 20_000;

/// Entries that are printed, unless `ABIDE_TEST_TRACE=all` asks for all.
const PRINTED: usize = 80;

/// Something that happened.
pub(super) enum What {
    /// A request was carried out.
    Answered(Request, Response),
    /// A request was not carried out, and why.
    Unanswered(Request, &'static str),
    /// A message was sent, and what became of it.
    Message(Message, &'static str),
    /// Something else.
    Said(String),
}

struct Entry {
    at: Millis,
    process: Option<Arc<Process>>,
    what: What,
    /// The number of the write that it was.
    write: Option<u64>,
}

/// The last of what happened.
pub(super) struct Trace {
    began: Millis,
    entries: VecDeque<Entry>,
    dropped: u64,
}

impl Trace {
    pub(super) fn new(began: Millis) -> Self {
        Self { began, entries: VecDeque::new(), dropped: 0 }
    }

    pub(super) fn add(&mut self, process: Option<&Arc<Process>>, write: Option<u64>, what: What) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.dropped += 1;
        }
        let (at, process) = (crate::clock::now(), process.cloned());
        self.entries.push_back(Entry { at, process, what, write });
    }

    /// All that is to be printed.
    pub(super) fn text(&self) -> String {
        let all = std::env::var("ABIDE_TEST_TRACE").is_ok_and(|value| value == "all");
        let skipped = if all { 0 } else { self.entries.len().saturating_sub(PRINTED) };
        let mut text = String::new();
        let before = self.dropped + u64::try_from(skipped).unwrap_or(u64::MAX);
        if before > 0 {
            text = format!("    … {before} before (ABIDE_TEST_TRACE=all shows the last {KEPT})\n");
        }
        for entry in self.entries.iter().skip(skipped) {
            self.line(&mut text, entry);
        }
        text
    }

    fn line(&self, text: &mut String, entry: &Entry) {
        use std::fmt::Write as _;
        let at = Duration::from_millis(u64::try_from(entry.at - self.began).unwrap_or(0));
        let process = entry.process.as_ref().map_or_else(String::new, ToString::to_string);
        let write = entry.write.map_or_else(String::new, |write| write.to_string());
        let what = match &entry.what {
            What::Answered(request, response) => {
                format!("{} → {}", describe::request(request), describe::response(response))
            }
            What::Unanswered(request, why) => format!("{} ✗ {why}", describe::request(request)),
            What::Message(message, fate) => format!("⇠ {}{fate}", describe::message(message)),
            What::Said(said) => said.clone(),
        };
        let at = format!("+{:.3}s", at.as_secs_f64());
        writeln!(text, "    {at:>12} {process:<9} {write:>4} {what}").expect("a string takes it");
    }
}
