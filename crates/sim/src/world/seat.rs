use abide_protocol::Millis;

use crate::{actor::Actor, chance::Chance};

/// An actor, and what the world knows of its process.
pub(crate) struct Seat {
    pub(crate) actor: Box<dyn Actor>,
    pub(crate) name: String,
    /// Where messages are posted to it, if they are.
    pub(crate) address: Option<String>,
    /// Counts its processes: what is meant for an earlier one is lost.
    pub(crate) life: u64,
    pub(crate) alive: bool,
    /// Until when it stands still.
    pub(crate) stopped: Millis,
    /// Until when nothing reaches it, nor does it reach anything.
    pub(crate) cut_off: Millis,
    /// How wrong its clock is.
    pub(crate) skew: Millis,
    pub(crate) chance: Chance,
    pub(crate) last_call: u64,
    /// Its connection.
    pub(crate) stream: Option<u64>,
}

/// Whoever takes part.
pub(crate) struct Member {
    pub(crate) actor: Box<dyn Actor>,
    pub(crate) name: String,
    pub(crate) address: Option<String>,
}

impl Seat {
    pub(crate) fn new(member: Member, skew: Millis, chance: Chance) -> Self {
        let Member { actor, name, address } = member;
        Seat {
            actor,
            name,
            address,
            life: 0,
            alive: false,
            stopped: 0,
            cut_off: 0,
            skew,
            chance,
            last_call: 0,
            stream: None,
        }
    }
}
