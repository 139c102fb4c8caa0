//! The properties of the fuzz targets, over mutations of their seeds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::{prelude::*, sample::Index};

/// The properties themselves.
#[path = "../../../fuzz/src"]
#[allow(unreachable_pub, reason = "they are public where they come from")]
mod targets {
    pub(super) mod address;
    pub(super) mod answer;
    pub(super) mod batch;
    pub(super) mod conversation;
    pub(super) mod cron;
    pub(super) mod envelope;
    pub(super) mod id;
    pub(super) mod message;
    pub(super) mod record;
}

use targets::{address, answer, batch, conversation, cron, envelope, id, message, record};

/// What mutations put in: what is special to JSON, to the protocol or to integers.
const TOKENS: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-1",
    "1.0",
    "1e999",
    "9223372036854775807",
    "9223372036854775808",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\u{feff}",
    "\u{2028}",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\n",
    "t",
    "t:1",
    "t.1",
    "poll://any@g",
    "resonate:timer",
    "resonate:delay",
    "rejected_timedout",
    "promise.settle",
    "task.fence",
    "\"tags\":null,",
];

/// One change at a place.
#[derive(Clone, Debug)]
enum Mutation {
    Put(Index, &'static str),
    Replace(Index, u8),
    Cut(Index, Index),
    Repeat(Index, Index),
    End(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), prop::sample::select(TOKENS)).prop_map(|(at, text)| Mutation::Put(at, text)),
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        2 => (at(), at()).prop_map(|(from, to)| Mutation::Cut(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
        1 => at().prop_map(Mutation::End),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |index: &Index| index.index(bytes.len() + 1);
        let range = |a: &Index, b: &Index| place(a).min(place(b))..place(a).max(place(b));
        match self {
            Mutation::Put(at, text) => {
                let at = place(at);
                bytes.splice(at..at, text.bytes());
            }
            Mutation::Replace(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Mutation::Cut(from, to) => drop(bytes.drain(range(from, to))),
            Mutation::Repeat(from, to) => {
                let range = range(from, to);
                bytes.splice(range.end..range.end, bytes[range].to_vec());
            }
            Mutation::End(at) => bytes.truncate(place(at)),
        }
    }
}

/// The seeds of a target; those that somebody wrote have an extension.
fn seeds(target: &str) -> Vec<(bool, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).expect("it can be read");
    paths.iter().map(|path| (path.extension().is_some(), read(path))).collect()
}

fn mutated(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let mutations = prop::collection::vec(mutation(), 0..6);
    (prop::sample::select(seeds(target)), mutations).prop_map(|((_, mut bytes), mutations)| {
        mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        bytes
    })
}

#[test]
fn every_written_seed_is_made_of_requests() {
    for target in ["envelope", "conversation"] {
        for (_, seed) in seeds(target).into_iter().filter(|(written, _)| *written) {
            for line in seed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let request = abide_protocol::Envelope::from_json(line);
                assert!(request.is_ok(), "{target}: {request:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn mutated_envelopes(bytes in mutated("envelope")) {
        envelope::check(&bytes);
    }

    #[test]
    fn mutated_answers(bytes in mutated("answer")) {
        answer::check(&bytes);
    }

    #[test]
    fn mutated_messages(bytes in mutated("message")) {
        message::check(&bytes);
    }

    #[test]
    fn mutated_batches(bytes in mutated("batch")) {
        batch::check(&bytes);
    }

    #[test]
    fn mutated_addresses(bytes in mutated("address")) {
        address::check(&bytes);
    }

    #[test]
    fn mutated_ids(bytes in mutated("id")) {
        id::check(&bytes);
    }

    #[test]
    fn mutated_records(bytes in mutated("record")) {
        record::check(&bytes);
    }

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for check in [envelope::check, message::check, batch::check, address::check, id::check] {
            check(&bytes);
        }
        record::check(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mutated_schedules(bytes in mutated("cron")) {
        cron::check(&bytes);
    }

    #[test]
    fn mutated_conversations(bytes in mutated("conversation")) {
        conversation::check(&bytes);
    }
}
