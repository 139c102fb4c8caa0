//! The requests. Each function takes the guards in the documented order; a refusal is an early
//! return.

mod claim;
pub(crate) mod create;
mod fence;
mod promise;
pub(crate) mod reclaim;
mod registration;
mod schedule;
mod suspend;
mod task;

use abide_protocol::{Millis, Request, Response, Status};

use crate::{Config, Outcome, View, moment::Moment};

/// Carries out a request.
pub(crate) fn carry_out(
    view: &dyn View,
    request: &Request,
    now: Millis,
    config: &Config,
) -> Outcome {
    if !config.extensions.contains(request.uses()) {
        return match request.clone().limited_to(config.extensions) {
            Ok(request) => carry_out(view, &request, now, config),
            Err(invalid) => Outcome::answer(invalid.into()),
        };
    }
    match request.validate() {
        Ok(()) => carry_out_checked(view, request, now, config),
        Err(invalid) => Outcome::answer(invalid.into()),
    }
}

/// Carries out a request that is valid and uses nothing that is not offered.
pub(crate) fn carry_out_checked(
    view: &dyn View,
    request: &Request,
    now: Millis,
    config: &Config,
) -> Outcome {
    debug_assert_eq!(request.validate(), Ok(()));
    debug_assert!(config.extensions.contains(request.uses()));
    let at = &Moment { view, now, config };
    let verdict = match request {
        Request::PromiseGet(data) => promise::get(at, data),
        Request::PromiseCreate(data) => promise::create(at, data),
        Request::PromiseSettle(data) => promise::settle(at, data),
        Request::PromiseRegisterCallback(data) => registration::callback(at, data),
        Request::PromiseRegisterListener(data) => registration::listener(at, data),
        Request::TaskGet(data) => task::get(at, data),
        Request::TaskCreate(data) => claim::create(at, data),
        Request::TaskAcquire(data) => claim::acquire(at, data),
        Request::TaskFence(data) => fence::fence(at, data),
        Request::TaskHeartbeat(data) => task::heartbeat(at, data),
        Request::TaskSuspend(data) => suspend::suspend(at, data),
        Request::TaskFulfill(data) => task::fulfill(at, data),
        Request::TaskRelease(data) => task::release(at, data),
        Request::TaskHalt(data) => task::halt(at, data),
        Request::TaskContinue(data) => task::resume(at, data),
        Request::ScheduleGet(data) => schedule::get(at, data),
        Request::ScheduleCreate(data) => schedule::create(at, data),
        Request::ScheduleDelete(data) => schedule::delete(at, data),
        Request::PromiseSearch(_)
        | Request::TaskSearch(_)
        | Request::ScheduleSearch(_)
        | Request::TaskReclaim(_)
        | Request::DebugStart
        | Request::DebugStop
        | Request::DebugReset
        | Request::DebugTick(_)
        | Request::DebugSnap => Err(Response::error(
            Status::NotImplemented,
            format!("{} is not a single step", request.kind()),
        )),
    };
    verdict.unwrap_or_else(Outcome::answer)
}
