//! Messages that are posted to addresses.

use abide_node::Receipt;
use abide_protocol::{Message, Millis};

use super::{Event, World};
use crate::{plan::Dial, setting::Plant};

/// How long the node waits for a receiver's answer.
const TIMEOUT: Millis = 10_000;

impl World {
    /// Takes out what the node has to post.
    pub(super) fn pushes(&mut self, host: usize) -> bool {
        let mut pushed = Vec::new();
        if let Some(pushes) = &mut self.hosts[host].pushes {
            while let Some(push) = pushes.try_next() {
                pushed.push(push.split());
            }
        }
        let any = !pushed.is_empty();
        for (address, message, receipt) in pushed {
            let to = |address: &str| {
                self.seats.iter().position(|seat| seat.address.as_deref() == Some(address))
            };
            // Nobody is there: the receipt says so when it is dropped.
            let Some(seat) = to(&address) else { continue };
            if !self.offer(&message) {
                continue;
            }
            self.dispatch(host, seat, message, receipt);
        }
        any
    }

    fn dispatch(&mut self, host: usize, seat: usize, message: Message, receipt: Option<Receipt>) {
        let travel = self.travel();
        if self.fails(Dial::Repeat) {
            let (message, receipt) = (message.clone(), None);
            let later = travel + self.chance.within(0, 5_000);
            self.after(later, Event::Post { host, seat, message, receipt });
        }
        let lost = self.hosts[host].isolated || self.seats[seat].cut_off > self.now;
        if lost || self.fails(Dial::Drop) {
            self.report(host, receipt, false, TIMEOUT);
        } else if self.fails(Dial::Refuse) {
            self.report(host, receipt, false, travel);
        } else {
            self.after(travel, Event::Post { host, seat, message, receipt });
        }
    }

    fn report(&mut self, host: usize, receipt: Option<Receipt>, taken: bool, span: Millis) {
        let taken = taken || self.plant == Some(Plant::LostUnblock);
        if let Some(receipt) = receipt {
            self.after(span, Event::Posted { host, receipt, taken });
        }
    }

    /// A posted message comes to an actor.
    pub(super) fn post(
        &mut self,
        host: usize,
        seat: usize,
        message: Message,
        receipt: Option<Receipt>,
    ) {
        if !self.seats[seat].alive || self.seats[seat].cut_off > self.now {
            return self.report(host, receipt, false, TIMEOUT);
        }
        self.told("is posted to", seat, &message);
        self.tell(seat, message);
        let (travel, lost) = (self.travel(), self.fails(Dial::Drop));
        self.report(host, receipt, !lost, if lost { TIMEOUT } else { travel });
    }

    /// The node learns what became of a message.
    pub(super) fn posted(&mut self, host: usize, receipt: Receipt, taken: bool) {
        self.turn(host);
        if taken {
            receipt.taken();
        } else {
            drop(receipt);
        }
        self.pump(host);
    }
}
