//! What was asked for and what was acknowledged, and whether the store agrees.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use abide_client::{HttpLink, Link};
use abide_protocol::{Message, PromiseState};

use super::{
    PATIENCE,
    apart::Others,
    book::{Book, advance},
    clock::now,
    count::Count,
    ears::Ears,
    load::Load,
    model::Entries,
    script::{LATE, ROOT, Script, Step},
    snapshot,
};

/// How many connections load a server.
const CONNECTIONS: usize = 6;

/// The books of all connections to one store.
pub(crate) struct Ledger {
    books: Vec<Book>,
    /// Steps whose fate was open when the server was killed: found undone, found done.
    doubts: (usize, usize),
}

impl Ledger {
    /// Empty books, for payloads of these sizes.
    pub(crate) fn new(fillers: &'static [usize], rng: &mut fastrand::Rng) -> Self {
        let book = |number| Book {
            name: format!("c{number}"),
            begun: 0,
            open: Vec::new(),
            finished: Vec::new(),
            fillers,
            rng: rng.fork(),
        };
        Ledger { books: (0..CONNECTIONS).map(book).collect(), doubts: (0, 0) }
    }

    /// Puts the connections to work.
    pub(crate) fn load(&mut self, link: impl Fn() -> HttpLink) -> Load {
        Load::start(std::mem::take(&mut self.books), link)
    }

    pub(crate) fn take_back(&mut self, books: Vec<Book>) {
        self.books = books;
    }

    fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.books.iter().flat_map(|book| book.open.iter().chain(&book.finished))
    }

    /// Checks that the store holds exactly what was acknowledged, give or take the steps of each
    /// script that were in doubt: of these, some first ones must be done wholly and the others not
    /// at all. What the server still owes, such as a resume, may take a moment.
    pub(crate) async fn check(&mut self, link: &HttpLink, others: Others<'_>) {
        self.pass_deadlines().await;
        let since = Instant::now();
        loop {
            let mut found = snapshot::read(link).await;
            let mut wrong = Vec::new();
            for other in others.iter_mut() {
                wrong.extend(other.take(&mut found));
            }
            wrong.extend(self.compare(&mut found));
            if wrong.is_empty() {
                break;
            }
            assert!(since.elapsed() < PATIENCE, "{}", wrong.join("\n"));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for book in &mut self.books {
            book.open.iter_mut().for_each(|script| script.doubt = 0);
            let (finished, open) =
                std::mem::take(&mut book.open).into_iter().partition(Script::is_finished);
            book.open = open;
            let finished: Vec<Script> = finished;
            book.finished.extend(finished);
        }
    }

    /// What differs. A script whose steps in doubt are found done goes on after them.
    fn compare(&mut self, found: &mut Entries) -> Vec<String> {
        let mut wrong = Vec::new();
        for script in
            self.books.iter_mut().flat_map(|book| book.open.iter_mut().chain(&mut book.finished))
        {
            let mut own = Entries::new();
            for id in script.ids() {
                own.extend(found.remove_entry(&id));
            }
            let done = |more: &usize| own == script.expected(script.done + more);
            match (0..=script.doubt).find(done) {
                Some(more) => {
                    self.doubts.0 += script.doubt - more;
                    self.doubts.1 += more;
                    script.done += more;
                    // What comes after may yet turn out to be done: nothing has changed then, so
                    // that a listener, which leaves no trace in the entries, is asked for again.
                    script.doubt = 0;
                }
                None => {
                    let expected = script.expected(script.done);
                    wrong.push(format!("{script:#?}\nexpected {expected:#?}\nfound {own:#?}"));
                }
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
    pub(crate) async fn hear(&self, ears: &Ears, link: &HttpLink) {
        let since = Instant::now();
        let mut owed = self.settlements();
        while !owed.is_empty() {
            owed.retain(|id, entry| match ears.heard(id) {
                Some(promise) => {
                    assert_eq!(promise.state, entry.state, "{promise:?}");
                    let value = promise.value.data.as_deref().map(super::model::brief);
                    assert_eq!(value, entry.value, "{promise:?}");
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
    pub(crate) async fn finish(&mut self, link: &HttpLink) {
        for book in &mut self.books {
            for mut script in book.open.drain(..) {
                while !script.is_finished() {
                    assert!(advance(&mut script, 1, link).await, "the server is gone");
                }
                book.finished.push(script);
            }
        }
    }

    /// Connects a worker to the group whose tasks have waited all the time: each is offered, at
    /// the version it was left at, and can be carried out.
    pub(crate) async fn serve_what_waits(&mut self, link: &HttpLink) -> usize {
        let mut waiting: BTreeMap<String, &mut Script> = self
            .books
            .iter_mut()
            .flat_map(|book| &mut book.finished)
            .filter(|script| script.steps == [Step::CreateWithTask])
            .map(|script| (script.id(ROOT), script))
            .collect();
        let offered = waiting.len();
        let mut messages = link.connect(LATE, "worker");
        while !waiting.is_empty() {
            let message = tokio::time::timeout(PATIENCE, messages.next()).await;
            let Ok(Some(message)) = message else { panic!("never offered: {waiting:#?}") };
            let Message::Execute { id, version } = message else { panic!("{message:?}") };
            let Some(script) = waiting.remove(id.as_str()) else { continue };
            assert_eq!(version, 0, "{id}");
            script.steps.extend([Step::Acquire, Step::Fulfill]);
            while !script.is_finished() {
                assert!(advance(script, 1, link).await, "the server is gone");
            }
        }
        offered
    }

    /// What was done.
    pub(crate) fn count(&self) -> Count {
        Count {
            scripts: self.scripts().count(),
            acknowledged: self.scripts().map(|script| script.done).sum(),
            listeners: self.scripts().map(|script| script.listened.len()).sum(),
            found_undone: self.doubts.0,
            found_done: self.doubts.1,
        }
    }
}
