use abide_protocol::{Body, FenceAction, FencedAction, Kind, RecordAction, TaskFence};

use super::promise;
use crate::Outcome;
use crate::moment::{Moment, Verdict, done};

pub(super) fn fence(at: &Moment, data: &TaskFence) -> Verdict {
    at.need_held(&data.id, data.version)?;
    let (kind, corr_id, verdict) = match &data.action {
        FenceAction::Create(action) => {
            (Kind::PromiseCreate, &action.corr_id, promise::create(at, &action.create))
        }
        FenceAction::Settle(action) => {
            (Kind::PromiseSettle, &action.corr_id, promise::settle(at, &action.settle))
        }
        FenceAction::Record(RecordAction { corr_id, create, settle }) => {
            if at.promise(&create.id).is_some() && !fault!(RecordedAnew) {
                (Kind::PromiseSettle, corr_id, promise::settle(at, settle))
            } else if create.timeout_at <= at.now {
                (Kind::PromiseCreate, corr_id, promise::create(at, create))
            } else {
                // Whoever asked knows what is there now: it need not be said.
                return done(Body::Empty {}, promise::record(at, create, settle));
            }
        }
    };
    // The guard held, so the fence succeeds even where its action is refused.
    let Outcome { response, effects, .. } = verdict.unwrap_or_else(Outcome::answer);
    let response = Box::new(response.expect("a request is answered"));
    let action = FencedAction { kind, corr_id: corr_id.clone(), response };
    done(Body::Fenced { action, preload: Vec::new() }, effects)
}
