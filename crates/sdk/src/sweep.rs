//! Canceling what a canceled promise owns, for engines that do not do that by themselves.
//!
//! The tree is walked from the top down, in the order of the ids: who is canceled cannot write any
//! more, so what is found below it is all there will ever be. Everything here may be done again:
//! after a crash, what is canceled already leads to what is not.

use abide_protocol::{
    Body, Id, PromiseRecord, PromiseSearch, PromiseState, Request, Status, Tags, limit, tag,
};

use crate::{
    core::outcome::Outcome,
    error::Result,
    wire,
    worker::{Lost, Worker, refused},
};

/// Pages of one tree that are looked at; more would take longer than anybody would wait.
const PAGES: usize = 1_000;

impl Worker {
    /// Cancels what is pending below a promise that was canceled, unless it is detached or the
    /// engine does it by itself.
    ///
    /// # Errors
    /// When the engine is out of reach or refuses: then some of it may be left.
    pub(crate) async fn sweep(&self, canceled: &PromiseRecord) -> Result<()> {
        if canceled.state != PromiseState::RejectedCanceled || self.link.extensions().cancel() {
            return Ok(());
        }
        let origin = canceled.tags.get(tag::ORIGIN).unwrap_or(&canceled.id);
        let prefix = format!("{}{}", canceled.id, Id::separator(&canceled.id));
        // From the canceled promise down to what was looked at last.
        let mut above: Vec<Id> = vec![canceled.id.clone()];
        let mut cursor = Some(prefix.clone());
        for _ in 0..PAGES {
            let Some(after) = cursor else { break };
            let (promises, next) = self.page(origin, after).await?;
            for promise in promises.iter().filter(|promise| promise.id.starts_with(&prefix)) {
                while above.last().is_some_and(|id| !is_below(&promise.id, id)) {
                    above.pop();
                }
                if above.last().map(Id::as_str) != promise.tags.get(tag::OWNER) {
                    continue;
                }
                let state = match promise.state {
                    PromiseState::Pending => self.cancel(&promise.id).await?,
                    settled => settled,
                };
                if state == PromiseState::RejectedCanceled {
                    above.push(promise.id.clone());
                }
            }
            cursor = next.filter(|next| next.starts_with(&prefix));
        }
        Ok(())
    }

    async fn page(
        &self,
        origin: &str,
        after: String,
    ) -> Result<(Vec<std::sync::Arc<PromiseRecord>>, Option<String>)> {
        let request = Request::PromiseSearch(PromiseSearch {
            state: None,
            tags: Tags::from_iter([(tag::ORIGIN, origin)]),
            limit: Some(limit::PAGE),
            cursor: Some(after),
        });
        let answer = self.call(request, self.settings.lease).await;
        let response = answer.map_err(|Lost(error)| error)?.response;
        match (response.status, &response.body) {
            (Status::Ok, Body::Promises { promises, cursor }) => {
                Ok((promises.clone(), cursor.clone()))
            }
            _ => Err(refused(&response)),
        }
    }

    /// Cancels one promise, and gives how it ended: it may have been settled meanwhile.
    async fn cancel(&self, id: &Id) -> Result<PromiseState> {
        let settle = wire::settle(&self.settings.layers, id.clone(), &Outcome::Canceled(None));
        let answer = self.call(Request::PromiseSettle(settle), self.settings.lease).await;
        let response = answer.map_err(|Lost(error)| error.of(id))?.response;
        match response.promise() {
            Some(promise) => Ok(promise.state),
            None => Err(refused(&response).of(id)),
        }
    }
}

fn is_below(id: &str, above: &str) -> bool {
    id.strip_prefix(above).is_some_and(|rest| rest.starts_with([':', '.']))
}
