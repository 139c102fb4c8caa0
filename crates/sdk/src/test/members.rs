//! Who is connected to the engine of a world.

use std::sync::Arc;

use abide_node::Receiver;
use abide_protocol::{Address, Message};
use tokio::sync::mpsc;

use super::process::Process;

/// A member of a group.
pub(super) struct Member {
    pub(super) number: u64,
    pub(super) group: Arc<str>,
    pub(super) id: Arc<str>,
    pub(super) process: Arc<Process>,
    pub(super) queue: mpsc::Sender<Message>,
    /// Whether the engine takes it for connected.
    pub(super) reachable: bool,
}

impl Member {
    pub(super) fn receiver(&self) -> Receiver {
        Receiver::Member { group: self.group.clone(), id: self.id.clone() }
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Members {
    pub(super) all: Vec<Member>,
    last: u64,
    /// Whose turn was last.
    turn: u64,
}

impl Members {
    pub(super) fn join(
        &mut self,
        process: &Arc<Process>,
        group: &str,
        id: &str,
        queue: mpsc::Sender<Message>,
    ) -> Receiver {
        self.last += 1;
        let (number, process) = (self.last, process.clone());
        let member =
            Member { number, group: group.into(), id: id.into(), process, queue, reachable: true };
        let receiver = member.receiver();
        self.all.push(member);
        receiver
    }

    /// Takes out those that have gone by themselves.
    pub(super) fn left(&mut self) -> Vec<Member> {
        self.all.extract_if(.., |member| member.queue.is_closed()).collect()
    }

    /// Takes out all connections of a process.
    pub(super) fn of(&mut self, process: &Arc<Process>) -> Vec<Member> {
        self.all.extract_if(.., |member| Arc::ptr_eq(&member.process, process)).collect()
    }

    pub(super) fn numbered(&self, number: u64) -> Option<&Member> {
        self.all.iter().find(|member| member.number == number)
    }

    /// The member that a message goes to, as the engine chooses: the one that is named, or that is
    /// preferred, or whose turn it is.
    pub(super) fn place(&mut self, address: &str) -> Option<u64> {
        let (group, id, any) = match Address::parse(address).ok()? {
            Address::Uni { group, id } => (group, Some(id), false),
            Address::Any { group, id } => (group, id, true),
            Address::Http(_) => return None,
        };
        let there = |member: &&Member| member.reachable && *member.group == *group;
        let mut members = self.all.iter().filter(there);
        if let Some(named) = id.and_then(|id| members.clone().rev().find(|m| *m.id == *id)) {
            return Some(named.number);
        }
        if !any {
            return None;
        }
        let next = members.clone().find(|member| member.number > self.turn);
        let number = next.or_else(|| members.next())?.number;
        self.turn = number;
        Some(number)
    }
}
