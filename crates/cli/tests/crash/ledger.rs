//! What was asked for and what was acknowledged, and whether the store agrees.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use abide_client::{HttpLink, Link};
use abide_protocol::{Message, PromiseState};

use crate::{
    ears::Ears,
    load::{Book, Load, now, step},
    model::Entries,
    script::{LATE, Script, Step},
    snapshot,
    support::PATIENCE,
};

/// The books of all connections.
pub struct Ledger {
    books: Vec<Book>,
    /// Steps whose fate was open when the server was killed: found undone, found done.
    doubts: (usize, usize),
}

impl Ledger {
    pub fn new(connections: usize, mut rng: fastrand::Rng) -> Self {
        let book = |number| Book {
            name: format!("c{number}"),
            begun: 0,
            open: Vec::new(),
            finished: Vec::new(),
            rng: rng.fork(),
        };
        Ledger { books: (0..connections).map(book).collect(), doubts: (0, 0) }
    }

    /// Puts the connections to work.
    pub fn load(&mut self, runtime: &tokio::runtime::Runtime, link: impl Fn() -> HttpLink) -> Load {
        Load::start(runtime, std::mem::take(&mut self.books), link)
    }

    pub fn take_back(&mut self, books: Vec<Book>) {
        self.books = books;
    }

    fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.books.iter().flat_map(|book| book.open.iter().chain(&book.finished))
    }

    /// Checks that the store holds exactly what was acknowledged, give or take the one step of
    /// each script that was in doubt, which must be done wholly or not at all. What the server
    /// still owes, such as a resume, may take a moment.
    pub async fn check(&mut self, link: &HttpLink) {
        self.pass_deadlines().await;
        let since = Instant::now();
        loop {
            let mut found = snapshot::read(link).await;
            let wrong = self.compare(&mut found);
            if wrong.is_empty() {
                break;
            }
            assert!(since.elapsed() < PATIENCE, "{}", wrong.join("\n"));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for script in self.books.iter_mut().flat_map(|book| &mut book.open) {
            script.doubt = false;
        }
    }

    /// What differs. A script whose step in doubt is found done goes on after it.
    fn compare(&mut self, found: &mut Entries) -> Vec<String> {
        let mut wrong = Vec::new();
        for script in
            self.books.iter_mut().flat_map(|book| book.open.iter_mut().chain(&mut book.finished))
        {
            let mut own = Entries::new();
            for id in [script.root.clone(), script.child()] {
                own.extend(found.remove_entry(&id));
            }
            let acknowledged = script.expected(script.done);
            if own == acknowledged {
                self.doubts.0 += usize::from(script.doubt);
            } else if script.doubt && own == script.expected(script.done + 1) {
                self.doubts.1 += 1;
                script.done += 1;
                script.doubt = false;
            } else {
                wrong.push(format!("{script:#?}\nexpected {acknowledged:#?}\nfound {own:#?}"));
            }
        }
        if !found.is_empty() {
            wrong.push(format!("nobody wrote {found:#?}"));
        }
        wrong
    }

    /// Waits until every deadline has passed, so that all of them count.
    async fn pass_deadlines(&self) {
        let last = self.scripts().filter_map(Script::deadline).max().unwrap_or(0);
        let left = last.saturating_sub(now()).saturating_add(1);
        tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
    }

    /// Checks that every settlement that was listened for is heard of, as it was.
    pub async fn hear(&self, ears: &Ears, link: &HttpLink) {
        let since = Instant::now();
        let mut owed = self.settlements();
        while !owed.is_empty() {
            owed.retain(|id, entry| match ears.heard(id) {
                Some(promise) => {
                    assert_eq!(promise.state, entry.state, "{promise:?}");
                    assert_eq!(promise.value.data, entry.value, "{promise:?}");
                    false
                }
                None => true,
            });
            if since.elapsed() > PATIENCE {
                let stored = snapshot::owed(link, &owed).await;
                let works = ears.hear_anything(link).await;
                panic!("never heard of {owed:#?}\nof these {stored:#?}\nthe stream works: {works}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The settled promises that were listened to, as they must be heard of.
    fn settlements(&self) -> Entries {
        let listened = self.scripts().flat_map(|script| {
            let mut expected = script.expected(script.done);
            expected.retain(|id, entry| {
                script.listened.contains(id) && entry.state != PromiseState::Pending
            });
            expected
        });
        listened.collect()
    }

    /// Carries out what is left of all scripts, undisturbed.
    pub async fn finish(&mut self, link: &HttpLink) {
        for book in &mut self.books {
            for mut script in book.open.drain(..) {
                while script.next().is_some() {
                    assert!(step(&mut script, link).await, "the server is gone");
                }
                book.finished.push(script);
            }
        }
    }

    /// Connects a worker to the group whose tasks have waited all the time: each is offered, at
    /// the version it was left at, and can be carried out.
    pub async fn serve_what_waits(&mut self, link: &HttpLink) {
        let mut waiting: BTreeMap<String, &mut Script> = self
            .books
            .iter_mut()
            .flat_map(|book| &mut book.finished)
            .filter(|script| script.steps == [Step::CreateWithTask])
            .map(|script| (script.root.clone(), script))
            .collect();
        let mut messages = link.connect(LATE, "worker");
        while !waiting.is_empty() {
            let message = tokio::time::timeout(PATIENCE, messages.next()).await;
            let Ok(Some(message)) = message else { panic!("never offered: {waiting:#?}") };
            let Message::Execute { id, version } = message else { panic!("{message:?}") };
            let Some(script) = waiting.remove(id.as_str()) else { continue };
            assert_eq!(version, 0, "{id}");
            script.steps.extend([Step::Acquire, Step::Fulfill]);
            while script.next().is_some() {
                assert!(step(script, link).await, "the server is gone");
            }
        }
    }

    /// What was done, in a line.
    pub fn summary(&self) -> String {
        let scripts = self.scripts().count();
        let steps: usize = self.scripts().map(|script| script.done).sum();
        let listened: usize = self.scripts().map(|script| script.listened.len()).sum();
        let (undone, done) = self.doubts;
        format!(
            "{scripts} scripts, {steps} acknowledged writes, {listened} listeners; in doubt at a \
             crash and found done: {done}, not done: {undone}"
        )
    }

    /// A test that did nothing proves nothing.
    pub fn assert_enough_was_done(&self, rounds: u64) {
        let steps: usize = self.scripts().map(|script| script.done).sum();
        let enough = usize::try_from(rounds).expect("it fits") * 10;
        assert!(steps >= enough, "only {}", self.summary());
    }
}
