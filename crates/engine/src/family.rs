use std::sync::Arc;

use abide_protocol::Address;

use crate::io::{Addresses, Range, Receiver};

/// The addresses that one window of messages is offered to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// Any member of this group.
    Any(Arc<str>),
    /// Exactly the member of this address.
    Uni(Arc<str>),
    /// Everything that is posted to.
    Http,
}

impl Family {
    /// The families that a receiver takes messages for.
    pub(crate) fn of_receiver(receiver: &Receiver) -> Vec<Family> {
        match receiver {
            Receiver::Member { group, id } => {
                let address = format!("poll://uni@{group}/{id}");
                vec![Family::Any(group.clone()), Family::Uni(address.into())]
            }
            Receiver::Http => vec![Family::Http],
        }
    }

    /// The family of an address.
    pub(crate) fn of_address(address: &Arc<str>) -> Option<Family> {
        match Address::parse(address).ok()? {
            Address::Any { group, .. } => Some(Family::Any(group.into())),
            Address::Uni { .. } => Some(Family::Uni(address.clone())),
            Address::Http(_) => Some(Family::Http),
        }
    }

    /// The ranges of addresses that the family is made of.
    pub(crate) fn segments(&self) -> Vec<Addresses> {
        match self {
            Family::Any(group) => vec![
                Addresses::Exact(format!("poll://any@{group}").into()),
                Addresses::Prefix(format!("poll://any@{group}/").into()),
            ],
            Family::Uni(address) => vec![Addresses::Exact(address.clone())],
            Family::Http => vec![Addresses::Prefix("http".into())],
        }
    }
}

/// Which of a family's two windows is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Pending tasks.
    Execute,
    /// Stored messages.
    Unblock,
}

impl Kind {
    /// The range of the store in which this kind waits at some addresses.
    pub(crate) fn range(self, addresses: Addresses) -> Range {
        match self {
            Kind::Execute => Range::Ready(addresses),
            Kind::Unblock => Range::Unblocks(addresses),
        }
    }
}
