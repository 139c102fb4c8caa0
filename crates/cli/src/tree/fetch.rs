//! The promises of a tree, read from the server.

use std::sync::Arc;

use abide_protocol::{Body, PromiseRecord, PromiseSearch, Request, Tags, TaskGet, limit, tag};

use super::forest::{self, Node};
use crate::{
    exit::Exit,
    fault::Fault,
    output::note,
    server::{Server, unexpected},
};

/// The most promises of one tree: beyond it nobody reads the picture, and memory stays bounded.
const MAX_PROMISES: usize = 10_000;

/// The most tasks that are asked for, one request each.
const MAX_TASKS: usize = 200;

/// The tree under this promise, with the tasks of what is still to be done.
pub(crate) async fn tree(server: &Server, id: &str) -> Result<Vec<Node>, Fault> {
    let root = server.promise(id).await?;
    let origin = root.tags.get(tag::ORIGIN).unwrap_or(id).to_owned();
    let mut promises = promises(server, &origin).await?;
    if promises.iter().all(|promise| promise.id != root.id) {
        promises.push(root.clone());
    }
    let mut nodes = forest::under(&root.id, promises);
    let open = nodes
        .iter_mut()
        .filter(|node| node.promise.is_pending() && node.promise.tags.target().is_some());
    for node in open.take(MAX_TASKS) {
        let request = Request::TaskGet(TaskGet { id: node.promise.id.clone() });
        match server.ask(request, "task").await {
            Ok(response) => node.task = response.task().cloned(),
            // The store was emptied, or the record reclaimed, since the search.
            Err(fault) if fault.exit == Exit::NotFound => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(nodes)
}

async fn promises(server: &Server, origin: &str) -> Result<Vec<Arc<PromiseRecord>>, Fault> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let request = Request::PromiseSearch(PromiseSearch {
            state: None,
            tags: Tags::from_iter([(tag::ORIGIN, origin)]),
            limit: Some(limit::PAGE),
            cursor,
        });
        let response = server.ask(request, &format!("tree of {origin:?}")).await?;
        let Body::Promises { promises, cursor: next } = response.body else {
            return Err(unexpected("promises"));
        };
        found.extend(promises);
        if found.len() >= MAX_PROMISES {
            found.truncate(MAX_PROMISES);
            note(&format!("the tree is larger than {MAX_PROMISES} promises: not all are shown"));
            return Ok(found);
        }
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(found),
        }
    }
}
