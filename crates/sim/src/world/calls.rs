//! Requests on their way to the node, and answers on their way back.

use std::rc::Rc;

use abide_protocol::{Request, Response, Status};

use super::{
    Call, Event, World,
    host::{Accepted, Slot},
};
use crate::{plan::Dial, trace};

/// How long it takes until a caller learns that nobody listens.
const REFUSED: i64 = 5;

impl World {
    /// An actor makes a call.
    pub(super) fn send(&mut self, seat: usize, first: u64, requests: Vec<Request>) {
        self.last_call += 1;
        let call = self.last_call;
        let requests: Rc<[Request]> = requests.into();
        self.counts.requests += requests.len() as u64;
        let name = &self.seats[seat].name;
        for request in &*requests {
            self.trace.tell(self.now - super::BEGINNING, || format!("{name} asks {request:?}"));
        }
        let tick = self.counts.events;
        let ops = requests.iter().map(|request| self.history.begin(request, call, tick)).collect();
        let life = self.seats[seat].life;
        let over = false;
        self.calls.insert(call, Call { seat, life, first, requests, ops, over });
        let patience = self.plan.patience;
        self.after(patience, Event::GiveUp { call });
        self.post_call(seat, call);
    }

    fn post_call(&mut self, seat: usize, call: u64) {
        let travel = self.travel();
        if self.fails(Dial::Repeat) {
            let later = travel + self.chance.within(0, 5_000);
            self.after(later, Event::Arrive { call });
        }
        if self.seats[seat].cut_off <= self.now && !self.fails(Dial::Drop) {
            self.after(travel, Event::Arrive { call });
        }
    }

    /// A call reaches the node. It may reach it again, or after the caller has given up.
    pub(super) fn arrive(&mut self, call: u64) {
        let Some(Call { requests, .. }) = self.calls.get(&call) else { return };
        let requests = requests.clone();
        let Some((host, node)) = self.serving.and_then(|host| Some((host, self.turn(host)?)))
        else {
            return self.after(REFUSED, Event::GiveUp { call });
        };
        let mut answers = Vec::with_capacity(requests.len());
        let mut refused: Option<Response> = None;
        for request in requests.iter() {
            if let Some(refusal) = &refused {
                answers.push(Slot::Ready(refusal.clone()));
                continue;
            }
            let before = answers.iter().rev().find_map(|slot| match slot {
                Slot::Waits(answer) => Some(answer),
                Slot::Ready(_) => None,
            });
            let slot = match node.call(request.clone(), before) {
                Ok(mut answer) => match answer.take() {
                    Some(response) => Slot::Ready(response),
                    None => Slot::Waits(answer),
                },
                Err(refusal) => Slot::Ready(refusal),
            };
            if let Slot::Ready(response) = &slot
                && matches!(response.status, Status::TooManyRequests | Status::Unavailable)
            {
                refused = Some(response.clone());
            }
            answers.push(slot);
        }
        self.hosts[host].calls.push(Accepted { call, answers });
        self.pump(host);
    }

    /// The node answers a call.
    pub(super) fn answer(&mut self, host: usize, call: u64, responses: Vec<Response>) {
        let Some(seat) = self.calls.get(&call).map(|call| call.seat) else { return };
        let lost = self.hosts[host].isolated || self.seats[seat].cut_off > self.now;
        if !lost && !self.fails(Dial::Drop) {
            let travel = self.travel();
            self.after(travel, Event::Reply { call, responses });
        }
    }

    /// A node that ends leaves its callers without an answer.
    pub(super) fn drop_calls(&mut self, host: usize) {
        for accepted in std::mem::take(&mut self.hosts[host].calls) {
            let travel = self.travel();
            self.after(travel, Event::GiveUp { call: accepted.call });
        }
    }

    /// The caller gets its answers.
    pub(super) fn reply(&mut self, call: u64, responses: Vec<Response>) {
        let Some((seat, first)) = self.settle_call(call) else { return };
        let ops = self.calls.get(&call).map(|call| call.ops.clone()).unwrap_or_default();
        for ((op, response), number) in ops.into_iter().zip(responses).zip(first..) {
            self.trace.text(response.message().unwrap_or(""));
            self.trace.event(self.now, 30, seat as u64, trace::digest(&response));
            let name = &self.seats[seat].name;
            self.trace.tell(self.now - super::BEGINNING, || {
                format!("{name} is answered {:?} {:?}", response.status, response.body)
            });
            self.history.end(op, &response, self.counts.events);
            self.act(seat, |actor, world| actor.answered(number, Some(response), world));
        }
    }

    /// The caller gets no answers.
    pub(super) fn give_up(&mut self, call: u64) {
        let Some((seat, first)) = self.settle_call(call) else { return };
        let count = self.calls.get(&call).map_or(0, |call| call.requests.len() as u64);
        let name = &self.seats[seat].name;
        self.trace.tell(self.now - super::BEGINNING, || format!("{name} is not answered"));
        for number in first..first + count {
            self.act(seat, |actor, world| actor.answered(number, None, world));
        }
    }

    /// Notes that a call has come to something for its caller, if it still waits for that. What
    /// was asked may arrive once more.
    fn settle_call(&mut self, call: u64) -> Option<(usize, u64)> {
        let call = self.calls.get_mut(&call).filter(|call| !call.over)?;
        call.over = true;
        let seat = &self.seats[call.seat];
        (seat.life == call.life && seat.alive).then_some((call.seat, call.first))
    }
}
