use std::sync::{Arc, PoisonError};

use abide_protocol::Response;

use crate::{sync::Mutex, then::Then};

/// Several that have asked together: when the last of them is answered, all answers go to one place.
pub(crate) struct Group(Mutex<Answers>);

struct Answers {
    all: Vec<Option<Response>>,
    missing: usize,
    then: Option<Then<Vec<Response>>>,
}

impl Group {
    /// A group of so many, at least one.
    pub(crate) fn new(members: usize, then: Then<Vec<Response>>) -> Arc<Self> {
        let all = std::iter::repeat_with(|| None).take(members).collect();
        Arc::new(Group(Mutex::new(Answers { all, missing: members, then: Some(then) })))
    }

    /// One of them is answered, which happens once to each.
    pub(crate) fn answered(&self, place: usize, response: Response) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.all[place] = Some(response);
        answers.missing -= 1;
        if answers.missing > 0 {
            return;
        }
        let all: Vec<_> = std::mem::take(&mut answers.all).into_iter().flatten().collect();
        let then = answers.then.take();
        drop(answers);
        if let Some(then) = then {
            then.carry_out(all);
        }
    }
}
