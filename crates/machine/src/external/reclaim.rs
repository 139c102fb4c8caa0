use std::collections::BTreeSet;

use abide_protocol::{Body, Id, Millis, Response, TaskReclaim};

use crate::{
    Config, Effect, Key, Outcome, View,
    moment::{Moment, done},
    promise_at,
};

/// Deletes the named promises if the task is held. One of them stays if it is not below the task,
/// not settled, not done with those who wait for it, or if something that is named with it is below
/// it and stays.
pub(crate) fn carry_out(
    view: &dyn View,
    data: &TaskReclaim,
    now: Millis,
    config: &Config,
) -> Outcome {
    let at = &Moment { view, now, config };
    reclaim(at, data).unwrap_or_else(Outcome::answer)
}

fn reclaim(at: &Moment, data: &TaskReclaim) -> Result<Outcome, Response> {
    at.need_held(&data.id, data.version)?;
    let named: BTreeSet<&Id> = data.promises.iter().collect();
    let mut stays: BTreeSet<Id> = BTreeSet::new();
    let mut effects = Vec::new();
    let mut reclaimed = 0;
    // What is below a promise comes after it in order, so it is dealt with first.
    for id in named.into_iter().rev() {
        let Some(promise) = at.view.promise(id) else { continue };
        let below = id.extends(&data.id) || fault!(ReclaimElsewhere);
        if stays.contains(id) || !below || !promise.is_done(at.now) {
            stays.extend(id.ancestors().map(Id::from));
            continue;
        }
        reclaimed += 1;
        effects.push(Effect::Delete(Key::Promise(id.clone())));
        if promise.record.tags.target().is_some() && !fault!(ReclaimKeepsTask) {
            effects.push(Effect::Delete(Key::Task(id.clone())));
        }
    }
    done(Body::Reclaimed { reclaimed }, effects)
}

impl crate::Promise {
    /// Whether nothing can come of this promise any more: it is settled, and everybody who waited
    /// for it has heard. Once it holds it holds for ever.
    pub fn is_done(&self, now: Millis) -> bool {
        (!promise_at(&self.record, now).is_pending() || fault!(ReclaimPending))
            && !self.is_waited_for()
            && (self.unheard.is_empty() || fault!(ReclaimUnheard))
            && !self.cascading
    }
}
