//! A generator of steps. It turns choices (small numbers, from a property test or a seeded source)
//! into the next thing to do, and looks at the model so that most of what it does hits something.

mod requests;

use abide_protocol::{Id, Millis};

use super::Model;
use crate::{Internal, Promise, Step, Unblock, View, is_live};

/// A source of choices. When it runs out, every choice is the first, which is the simplest.
pub struct Choices<'a> {
    numbers: std::slice::Iter<'a, u16>,
    /// The ids that are worth a try.
    ids: Vec<Id>,
}

impl<'a> Choices<'a> {
    /// Choices made by these numbers.
    pub fn new(numbers: &'a [u16]) -> Self {
        Choices { numbers: numbers.iter(), ids: Vec::new() }
    }

    /// One of `count` possibilities.
    pub fn pick(&mut self, count: usize) -> usize {
        self.numbers.next().map_or(0, |&number| usize::from(number) % count)
    }

    /// One of these.
    pub fn one_of<T: Clone>(&mut self, possibilities: &[T]) -> T {
        possibilities[self.pick(possibilities.len())].clone()
    }

    /// True once in `count` times.
    pub fn rarely(&mut self, count: usize) -> bool {
        self.pick(count) == count - 1
    }
}

/// The roots of the trees, in the order in which they are used.
const ROOTS: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h"];
/// What is below the root that is being used, in both id dialects.
const BRANCHES: &[&str] = &["", ".1", ":1", ":1.2"];
/// How often a promise is owned by what it is below: all but the last of these.
const OWNED: usize = 3;
const ADDRESSES: &[&str] = &["poll://any@w", "poll://uni@w/1", "http://worker/"];
const SCHEDULES: &[&str] = &["s", "t.u"];
const SPANS: &[Millis] = &[0, 0, 0, 1, 1, 1, 1, 5, 5, 5, 20, 20, 20, 100, 100, 1_000];

/// How much time passes, and the step that is taken then.
pub fn choose(model: &Model, choices: &mut Choices) -> (Millis, Step) {
    choices.ids = ids(model);
    let span = choices.one_of(SPANS);
    let now = model.now().saturating_add(span);
    let mut due = model.due(now);
    due.extend(messages(model).into_iter().map(Internal::Delivered));
    let step = match choices.pick(8) {
        0..=3 => Step::Request(requests::onward(model, now, choices)),
        4 => Step::Request(requests::any(model, now, choices)),
        5 | 6 if !due.is_empty() => Step::Internal(one_due(&due, choices)),
        _ => Step::Internal(internal(model, choices)),
    };
    (span, step)
}

/// The ids of a tree that has not ended, few enough that steps meet, and two of the next one. An
/// id is used up once its promise has settled, so a script moves from tree to tree.
fn ids(model: &Model) -> Vec<Id> {
    let ended = |root: &&&str| {
        let promise = model.promise(&Id::from(**root));
        promise.is_some_and(|promise| !is_live(&promise.record, model.now()))
    };
    let used = ROOTS.iter().take_while(ended).count().min(ROOTS.len() - 2);
    let (root, next) = (ROOTS[used], ROOTS[used + 1]);
    let tree = BRANCHES.iter().map(|branch| format!("{root}{branch}"));
    tree.chain([next.to_owned(), format!("{next}:1")]).map(Id::from).collect()
}

/// Mostly one of the ids that are worth a try, else any that there is.
fn id(model: &Model, choices: &mut Choices) -> Id {
    let ids = choices.ids.clone();
    if choices.rarely(8) {
        let all: Vec<Id> = model.promises().map(|promise| promise.record.id.clone()).collect();
        return choices.one_of(if all.is_empty() { &ids } else { &all });
    }
    choices.one_of(&ids)
}

/// A step that is due, or a message that is taken: often what is owed to those who wait, since that takes the longest to come
/// about.
fn one_due(due: &[Internal], choices: &mut Choices) -> Internal {
    let owed =
        |step: &&Internal| matches!(step, Internal::Callback { .. } | Internal::Cancel { .. });
    let callbacks: Vec<Internal> = due.iter().filter(owed).cloned().collect();
    let any = callbacks.is_empty() || choices.rarely(4);
    choices.one_of(if any { due } else { &callbacks })
}

/// The messages that a receiver may take.
fn messages(model: &Model) -> Vec<Unblock> {
    model.state().messages().map(|message| Unblock::clone(message)).collect()
}

/// A step that may well not be due.
fn internal(model: &Model, choices: &mut Choices) -> Internal {
    let id = id(model, choices);
    let owed = model.promises().flat_map(Promise::obligations);
    let waiting: Vec<Internal> =
        owed.filter(|step| !matches!(step, Internal::Cascade { .. })).collect();
    let messages = messages(model);
    match choices.pick(10) {
        8 | 9 if !waiting.is_empty() => choices.one_of(&waiting),
        // The end of a cascade is for the driver to take when it is due: see its description.
        0 if choices.rarely(3) => Internal::Cancel { owner: self::id(model, choices), id },
        0 => Internal::Deadline { id },
        1 => Internal::Callback { awaited: id, awaiter: self::id(model, choices) },
        2 => Internal::Listener { id, address: choices.one_of(ADDRESSES).into() },
        3 => Internal::Lease { id },
        4 => Internal::Dispatch { id },
        5 => Internal::Offer { id },
        6 if !messages.is_empty() && !choices.rarely(4) => {
            Internal::Delivered(choices.one_of(&messages))
        }
        6 => {
            let address = choices.one_of(ADDRESSES).into();
            Internal::Delivered(Unblock { address, promise: id })
        }
        _ => Internal::Occurrence { id: choices.one_of(SCHEDULES).into(), promise: id },
    }
}
