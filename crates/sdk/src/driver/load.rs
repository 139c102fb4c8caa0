//! Loading the records of a scope, page by page.

use std::sync::Arc;

use abide_protocol::{Body, Id, PromiseRecord, PromiseSearch, Request, Status, Tags, limit, tag};
use futures_util::FutureExt;

use super::{Done, Driver};
use crate::{
    core::{event::Event, fault::Fault, intent::Op, wake::ScopeKey},
    wire,
    worker::{Lost, Worker},
};

/// Records that one function may have. Beyond that, a replay would take longer than anybody would
/// wait.
const RECORDS: usize = 1_000_000;

impl Driver {
    /// Sets about loading the records of a scope.
    pub(super) fn load(&mut self, scope: ScopeKey, parent: Arc<str>) {
        let worker = self.worker.clone();
        let origin = self.held.origin.clone();
        let done = async move {
            let promises = match children(&worker, &origin, &parent).await {
                Ok(promises) => promises,
                Err(done) => return done,
            };
            // Whoever canceled them may have crashed before it came to what is below them.
            for canceled in promises.iter().filter(|promise| wire::canceled(promise).is_some()) {
                if let Err(error) = worker.sweep(canceled).await {
                    return Done::Lost(error.to_string());
                }
            }
            Done::Loaded { scope, parent, promises }
        };
        self.ops.push(done.boxed());
    }

    /// Tells the core of the records of a scope.
    pub(super) fn loaded(
        &mut self,
        scope: ScopeKey,
        parent: &Arc<str>,
        promises: &[Arc<PromiseRecord>],
    ) {
        let mut records = Vec::with_capacity(promises.len());
        for promise in promises {
            let record = match wire::record(&self.held.layers, promise, parent) {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(why) => {
                    let at = promise.id.to_string();
                    return self.execution.stop(Fault::Unreadable { at, why });
                }
            };
            self.know(Op { scope, ordinal: record.ordinal }, promise);
            records.push(record);
        }
        self.execution.handle(Event::Loaded { scope, records });
    }
}

/// All children of a promise.
pub(super) async fn children(
    worker: &Worker,
    origin: &str,
    parent: &str,
) -> Result<Vec<Arc<PromiseRecord>>, Done> {
    let prefix = format!("{parent}{}", Id::separator(parent));
    let tags = [(tag::ORIGIN, origin), (tag::PARENT, parent)];
    let mut found = Vec::new();
    let mut cursor = Some(prefix.clone());
    while let Some(after) = cursor {
        let request = Request::PromiseSearch(PromiseSearch {
            state: None,
            tags: Tags::from_iter(tags),
            limit: Some(limit::PAGE),
            cursor: Some(after),
        });
        let answer = worker.call(request, worker.settings.lease).await;
        let response = answer.map_err(|Lost(error)| Done::Lost(error.to_string()))?.response;
        let refused = |why: &str| Done::Refused { at: parent.to_owned(), why: why.to_owned() };
        let (promises, next) = match (response.status, response.body) {
            (Status::Ok, Body::Promises { promises, cursor }) => (promises, cursor),
            (_, Body::Error(why)) => return Err(refused(&why)),
            _ => return Err(refused("the answer to a search is something else")),
        };
        found.extend(promises);
        if found.len() > RECORDS {
            return Err(refused("it has too many records"));
        }
        // The ids of the children lie together; what comes after them is none of ours.
        cursor = next.filter(|next| next.starts_with(&prefix));
    }
    Ok(found)
}
