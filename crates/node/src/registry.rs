use std::{collections::BTreeMap, sync::Arc};

use abide_engine::Receiver;
use abide_protocol::Address;

use crate::{
    letter::Letter,
    push::Push,
    sync::mpsc::{OwnedPermit, Sender},
};

/// Who is connected.
#[derive(Default)]
pub(crate) struct Registry {
    groups: BTreeMap<Arc<str>, Group>,
    /// Whoever posts messages.
    pub(crate) push: Option<Sender<Push>>,
    last: u64,
}

#[derive(Default)]
struct Group {
    /// By the number of the connection, so that taking turns is fair.
    members: BTreeMap<u64, Member>,
    /// Whose turn was last.
    turn: u64,
}

struct Member {
    id: Arc<str>,
    queue: Sender<Letter>,
}

impl Registry {
    /// Adds a connection and numbers it.
    pub(crate) fn join(&mut self, group: &Arc<str>, id: &Arc<str>, queue: Sender<Letter>) -> u64 {
        self.last += 1;
        let member = Member { id: id.clone(), queue };
        self.groups.entry(group.clone()).or_default().members.insert(self.last, member);
        self.last
    }

    /// Removes a connection.
    pub(crate) fn leave(&mut self, group: &Arc<str>, number: u64) {
        if let Some(members) = self.groups.get_mut(group) {
            members.members.remove(&number);
            if members.members.is_empty() {
                self.groups.remove(group);
            }
        }
    }

    /// Removes everybody: their streams end.
    pub(crate) fn close(&mut self) {
        self.groups.clear();
        self.push = None;
    }

    /// Everybody, once for each connection.
    pub(crate) fn receivers(&self) -> Vec<Receiver> {
        let members = self.groups.iter().flat_map(|(group, members)| {
            members
                .members
                .values()
                .map(|member| Receiver::Member { group: group.clone(), id: member.id.clone() })
        });
        members.chain(self.push.iter().map(|_| Receiver::Http)).collect()
    }

    /// A place in the queue of a member that the address names: the preferred one if it is
    /// connected and has room, else whoever's turn it is.
    pub(crate) fn place(&mut self, address: &Address) -> Option<OwnedPermit<Letter>> {
        match *address {
            Address::Uni { group, id } => self.groups.get(group)?.named(id),
            Address::Any { group, id } => {
                let group = self.groups.get_mut(group)?;
                id.and_then(|id| group.named(id)).or_else(|| group.next())
            }
            Address::Http(_) => None,
        }
    }

    /// A place in the queue of what is to be posted.
    pub(crate) fn push_place(&self) -> Option<OwnedPermit<Push>> {
        self.push.clone()?.try_reserve_owned().ok()
    }
}

impl Group {
    fn named(&self, id: &str) -> Option<OwnedPermit<Letter>> {
        let mut members = self.members.values().rev().filter(|member| &*member.id == id);
        members.find_map(Member::place)
    }

    fn next(&mut self) -> Option<OwnedPermit<Letter>> {
        let later = self.members.range(self.turn + 1..);
        let earlier = self.members.range(..=self.turn);
        let (number, place) =
            later.chain(earlier).find_map(|(number, member)| Some((*number, member.place()?)))?;
        self.turn = number;
        Some(place)
    }
}

impl Member {
    fn place(&self) -> Option<OwnedPermit<Letter>> {
        self.queue.clone().try_reserve_owned().ok()
    }
}
