use std::sync::Arc;

use super::Action;

/// How a state was reached.
#[derive(Clone, Default)]
pub(super) struct Way(Option<Arc<Leg>>);

struct Leg {
    before: Way,
    action: Action,
    length: usize,
}

impl Way {
    /// This way and one action more.
    pub(super) fn and(&self, action: Action) -> Self {
        let length = self.length() + 1;
        Way(Some(Arc::new(Leg { before: self.clone(), action, length })))
    }

    /// How many actions it takes.
    pub(super) fn length(&self) -> usize {
        self.0.as_ref().map_or(0, |leg| leg.length)
    }

    /// The actions, in order.
    pub(super) fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::with_capacity(self.length());
        let mut way = self;
        while let Some(leg) = &way.0 {
            actions.push(leg.action);
            way = &leg.before;
        }
        actions.reverse();
        actions
    }
}

/// A way may be so long that dropping it leg by leg, each from within the next, would not fit on
/// the stack.
impl Drop for Way {
    fn drop(&mut self) {
        let mut rest = self.0.take();
        while let Some(mut leg) = rest.and_then(Arc::into_inner) {
            rest = leg.before.0.take();
        }
    }
}
