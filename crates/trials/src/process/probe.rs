//! Requests to a server that cannot commit: whatever it acknowledges all the same must last.

use std::sync::Arc;

use abide_client::{HttpLink, Link};
use abide_protocol::{PromiseCreate, Request, Status};

use super::{apart::Apart, model::Entries};

const PREFIX: &str = "probe-";

/// The promises that were asked for, and whether they were acknowledged.
#[derive(Default)]
pub(crate) struct Probes {
    acknowledged: Vec<bool>,
}

impl Probes {
    /// Asks for one more promise. True when it was acknowledged.
    pub(crate) async fn ask(&mut self, link: &HttpLink) -> bool {
        let create = PromiseCreate {
            id: format!("{PREFIX}{}", self.acknowledged.len()).into(),
            timeout_at: i64::MAX,
            param: Arc::default(),
            tags: Arc::default(),
        };
        let answer = link.call(Request::PromiseCreate(create)).await.expect("it answers");
        let expected = matches!(answer.status, Status::Ok | Status::Unavailable);
        assert!(expected, "{answer:?}");
        if answer.status == Status::Unavailable {
            let text = answer.message().unwrap_or_default();
            assert!(!text.is_empty(), "it does not say why");
        }
        let acknowledged = answer.status == Status::Ok;
        self.acknowledged.push(acknowledged);
        acknowledged
    }

    /// How many were refused.
    pub(crate) fn refused(&self) -> usize {
        self.acknowledged.iter().filter(|acknowledged| !**acknowledged).count()
    }
}

impl Apart for Probes {
    fn take(&mut self, found: &mut Entries) -> Vec<String> {
        let mut wrong = Vec::new();
        for (number, acknowledged) in self.acknowledged.iter().enumerate() {
            let id = format!("{PREFIX}{number}");
            if found.remove(&id).is_none() && *acknowledged {
                wrong.push(format!("{id} was acknowledged and is lost"));
            }
        }
        wrong
    }
}
