//! A generator of steps. It turns choices (small numbers, from a property test or a seeded source)
//! into the next thing to do, and looks at the model so that most of what it does hits something.

mod requests;

use abide_protocol::{Id, Millis};

use super::Model;
use crate::{Internal, Step, Unblock};

/// A source of choices. When it runs out, every choice is the first, which is the simplest.
pub struct Choices<'a>(std::slice::Iter<'a, u16>);

impl<'a> Choices<'a> {
    /// Choices made by these numbers.
    pub fn new(numbers: &'a [u16]) -> Self {
        Choices(numbers.iter())
    }

    /// One of `count` possibilities.
    pub fn pick(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |&number| usize::from(number) % count)
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

/// Both id dialects, two trees, few enough that steps meet.
const IDS: &[&str] = &["a", "a.1", "a:1", "a:1.2", "b", "b:1", "a.1.2"];
const ADDRESSES: &[&str] = &["poll://any@w", "poll://uni@w/1", "http://worker/"];
const SCHEDULES: &[&str] = &["s", "t.u"];
const SPANS: &[Millis] = &[0, 1, 10, 50, 300, 1_500];

/// How much time passes, and the step that is taken then.
pub fn choose(model: &Model, choices: &mut Choices) -> (Millis, Step) {
    let span = choices.one_of(SPANS);
    let step = if choices.rarely(4) {
        Step::Internal(internal(model, choices))
    } else {
        Step::Request(requests::request(model, model.now().saturating_add(span), choices))
    };
    (span, step)
}

fn id(choices: &mut Choices) -> Id {
    Id::from(choices.one_of(IDS))
}

/// A step that is due, or one that may well not be.
fn internal(model: &Model, choices: &mut Choices) -> Internal {
    let due = model.due(model.now());
    match choices.pick(8) {
        0 => Internal::Deadline { id: id(choices) },
        1 => Internal::Callback { awaited: id(choices), awaiter: id(choices) },
        2 => Internal::Listener { id: id(choices), address: choices.one_of(ADDRESSES).into() },
        3 => Internal::Lease { id: id(choices) },
        4 => Internal::Dispatch { id: id(choices) },
        5 => Internal::Offer { id: id(choices) },
        6 => Internal::Delivered(Unblock {
            address: choices.one_of(ADDRESSES).into(),
            promise: id(choices),
        }),
        _ if due.is_empty() => {
            Internal::Occurrence { id: choices.one_of(SCHEDULES).into(), promise: id(choices) }
        }
        _ => choices.one_of(&due),
    }
}
