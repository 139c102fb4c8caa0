use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Id, Millis, Tags, Value, object};

/// The state of a promise. All but `Pending` are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseState {
    /// Nobody has settled it yet.
    Pending,
    /// Settled with a value.
    Resolved,
    /// Settled with an error.
    Rejected,
    /// Settled because nobody wants the result any more.
    RejectedCanceled,
    /// Settled by its deadline.
    #[serde(rename = "rejected_timedout")]
    RejectedTimedout,
}

impl PromiseState {
    /// The state's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PromiseState::Pending => "pending",
            PromiseState::Resolved => "resolved",
            PromiseState::Rejected => "rejected",
            PromiseState::RejectedCanceled => "rejected_canceled",
            PromiseState::RejectedTimedout => "rejected_timedout",
        }
    }
}

/// The states that a caller may settle a promise into; a timeout is the server's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettleState {
    /// With a value.
    Resolved,
    /// With an error.
    Rejected,
    /// Without interest in the result.
    RejectedCanceled,
}

impl From<SettleState> for PromiseState {
    fn from(state: SettleState) -> Self {
        match state {
            SettleState::Resolved => PromiseState::Resolved,
            SettleState::Rejected => PromiseState::Rejected,
            SettleState::RejectedCanceled => PromiseState::RejectedCanceled,
        }
    }
}

/// A durable promise as it appears on the wire: a write-once value with an id and a deadline.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromiseRecord {
    /// Its identity.
    pub id: Id,
    /// Its state.
    pub state: PromiseState,
    /// What it was created with.
    #[serde(deserialize_with = "object::arc")]
    pub param: Arc<Value>,
    /// What it settled with; empty while pending and after a timeout.
    #[serde(deserialize_with = "object::arc")]
    pub value: Arc<Value>,
    /// Its tags.
    #[serde(deserialize_with = "object::arc")]
    pub tags: Arc<Tags>,
    /// Its deadline, inclusive.
    pub timeout_at: Millis,
    /// When it was created; its deadline if it was born past it.
    pub created_at: Millis,
    /// When it was settled; its deadline if that settled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Millis>,
}

impl PromiseRecord {
    /// Whether the stored state is pending. Whether the promise *is* pending at a time is what
    /// the machine's projection says.
    pub fn is_pending(&self) -> bool {
        self.state == PromiseState::Pending
    }
}
