use std::collections::BTreeMap;

use abide_store::{Claim, Commit, Epoch, Error, Key, Write};
use xxhash_rust::xxh3::Xxh3;

use crate::actor::Broken;

/// No acknowledged write is lost, none is there by half, and nothing is taken from whoever no
/// longer owns the shard.
pub(crate) const ACKNOWLEDGED: &str = "acknowledged writes survive";
/// A commit is there whole or not at all.
pub(crate) const WHOLE: &str = "a commit is atomic";
/// A claim fences all earlier ones.
pub(crate) const FENCED: &str = "a claim fences all before it";

pub(crate) type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the store must hold, by what it has acknowledged.
#[derive(Default)]
pub(crate) struct Ledger {
    contents: Contents,
    /// A commit that failed: it may be there or not.
    unknown: Option<Vec<Commit>>,
    epoch: Option<Epoch>,
    clock: Option<i64>,
    pub(crate) commits: u64,
    pub(crate) fenced: u64,
    /// Of all that was committed.
    pub(crate) hash: Xxh3,
    broken: Option<Broken>,
}

impl Ledger {
    /// What the store must hold.
    pub(crate) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What was found wrong, once.
    pub(crate) fn take_broken(&mut self) -> Option<Broken> {
        self.broken.take()
    }

    fn breaks(&mut self, checker: &'static str, why: String) {
        self.broken.get_or_insert(Broken { checker, why });
    }

    pub(crate) fn claimed(&mut self, claim: &Claim) {
        if self.epoch.is_some_and(|epoch| claim.epoch <= epoch) {
            self.breaks(FENCED, format!("{claim:?} after {:?}", self.epoch));
        }
        if self.clock.is_some_and(|clock| clock > claim.clock_floor) {
            let why = format!("{claim:?}, though a step has run at {:?}", self.clock);
            self.breaks(ACKNOWLEDGED, why);
        }
        self.epoch = Some(claim.epoch);
    }

    pub(crate) fn loaded(&mut self, keys: &[Key], found: &[Option<Vec<u8>>]) {
        for (key, found) in keys.iter().zip(found) {
            if self.contents.get(key.as_bytes()) != found.as_ref() {
                self.breaks(ACKNOWLEDGED, format!("{key:?} is read as {found:?}"));
            }
        }
    }

    pub(crate) fn committed(&mut self, commits: &[Commit], result: &Result<(), Error>) {
        let foreign = commits.iter().any(|commit| Some(commit.epoch) != self.epoch);
        match result {
            Ok(()) if foreign => {
                let epochs: Vec<_> = commits.iter().map(|commit| commit.epoch).collect();
                self.breaks(FENCED, format!("commits of {epochs:?} under {:?}", self.epoch));
            }
            Ok(()) => {
                self.commits += 1;
                self.note(commits);
                apply(&mut self.contents, commits);
                let latest = commits.iter().map(|commit| commit.batch.now).max();
                self.clock = self.clock.max(latest);
            }
            Err(Error::Fenced(_)) => self.fenced += 1,
            // What a store refuses after a failure it has not even looked at.
            Err(Error::Unavailable(_)) if foreign || self.unknown.is_some() => {}
            Err(Error::Unavailable(_)) => self.unknown = Some(commits.to_vec()),
        }
    }

    fn note(&mut self, commits: &[Commit]) {
        for Write { key, value } in commits.iter().flat_map(|commit| commit.batch.writes()) {
            self.hash.update(key);
            self.hash.update(value.unwrap_or(&[]));
        }
    }

    /// The store was opened again and holds this.
    pub(crate) fn reopened(&mut self, contents: Contents) {
        let unknown = self.unknown.take();
        if contents == self.contents {
            return;
        }
        if let Some(commits) = &unknown {
            let mut with = self.contents.clone();
            apply(&mut with, commits);
            if contents == with {
                self.note(commits);
                self.contents = contents;
                return;
            }
        }
        let (checker, why) = self.difference(&contents, unknown.as_deref());
        self.breaks(checker, why);
        self.contents = contents;
    }

    /// What is wrong with what was found.
    fn difference(&self, found: &Contents, unknown: Option<&[Commit]>) -> (&'static str, String) {
        let open = |key: &[u8]| {
            let commits = unknown.iter().copied().flatten();
            commits.flat_map(|commit| commit.batch.writes()).any(|written| written.key == key)
        };
        let keys = self.contents.keys().chain(found.keys());
        let wrong = keys.filter(|key| self.contents.get(*key) != found.get(*key));
        let lost: Vec<_> = wrong.filter(|key| !open(key)).take(3).collect();
        let names: Vec<String> = lost.iter().map(|key| key.escape_ascii().to_string()).collect();
        if names.is_empty() {
            (WHOLE, "a commit that failed is there in part".into())
        } else {
            (ACKNOWLEDGED, format!("not as it was acknowledged: {}", names.join(", ")))
        }
    }
}

fn apply(contents: &mut Contents, commits: &[Commit]) {
    for Write { key, value } in commits.iter().flat_map(|commit| commit.batch.writes()) {
        match value {
            Some(value) => contents.insert(key.to_vec(), value.to_vec()),
            None => contents.remove(key),
        };
    }
}
