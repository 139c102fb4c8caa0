//! What happens between a process and the engine: loss, repetition, and a server that restarts.

use std::{sync::Arc, time::Duration};

use abide_client::LinkError;
use abide_node::Delivery;
use abide_protocol::Message;

use super::{
    link::Sent,
    sim::{Event, Receipt, State},
    trace::What,
};
use crate::clock;

/// How long a client waits for an answer that does not come.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How late something comes that is late.
const LATE: Duration = Duration::from_secs(20);

/// How long a server that restarts is away.
const AWAY: Duration = Duration::from_secs(30);

fn interrupted() -> LinkError {
    LinkError::Interrupted { url: "world".into(), reason: "the world lost it".into() }
}

fn unreachable() -> LinkError {
    LinkError::Unreachable { url: "world".into(), reason: "the server is restarting".into() }
}

impl State {
    /// Gives the requests back if they arrive as they should.
    pub(super) fn network(&mut self, sent: Sent) -> Option<Sent> {
        if self.away.is_none() && self.happens(self.faults.restart) {
            self.restart();
        }
        if self.away.is_some() {
            let Sent { process, requests, reply } = sent;
            self.unanswered(&process, requests, "the server is away");
            self.answer(reply, Err(unreachable()));
            return None;
        }
        if !self.happens(self.faults.lose_requests) {
            return Some(sent);
        }
        self.counts.lost += 1;
        let Sent { process, requests, reply } = sent;
        // Either the connection breaks, which is noticed at once, or nothing comes back.
        let noticed = if self.rng.bool() { Duration::ZERO } else { TIMEOUT };
        let at = clock::now() + clock::span(noticed) + self.latency();
        self.push(at, Event::Answer(reply, Err(interrupted())));
        match self.rng.u8(0..3) {
            0 => self.unanswered(&process, requests, "lost on its way"),
            1 => {
                self.say(Some(&process), "the next answers are lost");
                self.push(clock::now(), Event::Late(process, requests));
            }
            _ => {
                self.unanswered(&process, requests.clone(), "late");
                let at = clock::now() + self.between(Duration::ZERO, LATE);
                self.push(at, Event::Late(process, requests));
            }
        }
        None
    }

    /// The server restarts: its connections break, and what it had not stored is gone.
    fn restart(&mut self) {
        let until = clock::now() + self.between(Duration::ZERO, AWAY);
        self.say(None, "the server restarts");
        self.away = Some(until);
        self.push(until, Event::Back);
    }

    pub(super) fn back(&mut self) {
        self.say(None, "the server is back");
        self.away = None;
        self.reopen();
        for member in self.members.all.iter().filter(|member| member.reachable) {
            self.node.connect(member.receiver(), clock::now());
        }
        self.post();
    }

    /// Sends the messages that the engine has for its members.
    pub(super) fn post(&mut self) {
        for member in self.members.left() {
            self.node.disconnect(member.receiver(), clock::now());
        }
        loop {
            let deliveries = self.node.deliveries();
            if deliveries.is_empty() {
                return;
            }
            for delivery in deliveries {
                self.route(delivery);
            }
        }
    }

    fn route(&mut self, letter: Delivery) {
        let Delivery { delivery, address, message } = letter;
        let receipt = delivery.map(|delivery| (self.generation, delivery));
        let Some(to) = self.members.place(&address) else { return self.report(receipt, false) };
        if self.happens(self.faults.lose_messages) {
            self.counts.lost += 1;
            self.trace.add(None, None, What::Message(message.clone(), " ✗ lost"));
            // An offer of a task may be lost, and nobody knows. News of a settled promise stays
            // with the engine until it was received.
            return self.report(receipt, matches!(message, Message::Execute { .. }));
        }
        if self.happens(self.faults.repeat_messages) {
            let at = clock::now() + self.between(Duration::ZERO, LATE);
            self.push(at, Event::Message { to, message: message.clone(), receipt: None });
        }
        let at = clock::now() + self.latency();
        self.push(at, Event::Message { to, message, receipt });
    }

    pub(super) fn hand_over(&mut self, to: u64, message: Message, receipt: Receipt) {
        let Some(member) = self.members.numbered(to) else { return self.report(receipt, false) };
        let process = Arc::clone(&member.process);
        let taken = member.queue.try_send(message.clone()).is_ok();
        self.trace.add(Some(&process), None, What::Message(message, ""));
        self.report(receipt, taken);
        self.post();
    }

    fn report(&mut self, receipt: Receipt, taken: bool) {
        if let Some((generation, delivery)) = receipt
            && generation == self.generation
        {
            self.node.report(delivery, taken, clock::now());
        }
    }
}
