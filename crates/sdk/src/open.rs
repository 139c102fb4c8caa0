//! The engine within this process.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use abide_client::{Link, NodeLink};
use abide_node::{Config, Node};
use abide_protocol::{Body, Request, Status, TaskRelease, TaskSearch, TaskState, limit};
use abide_store::{MemoryStore, Store};
use abide_store_fjall::FjallStore;

use crate::error::{Error, ErrorKind, Result};

/// Opens a directory.
pub(crate) async fn directory(path: &Path) -> Result<(Node, Arc<dyn Link>)> {
    let owned = path.to_owned();
    let node = Node::open_with(move || store(&owned), Config::default());
    let node = node.await.map_err(|error| unopened(path, error))?;
    let link = Arc::new(NodeLink::new(node.clone()));
    release_all(&*link).await?;
    Ok((node, link))
}

fn store(path: &PathBuf) -> std::result::Result<Arc<dyn Store>, abide_store::Error> {
    let store = FjallStore::open(path, abide_store_fjall::Options::default());
    match store {
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(abide_store::Error::Unavailable(error.to_string())),
    }
}

/// An engine that forgets everything.
pub(crate) async fn memory() -> Result<(Node, Arc<dyn Link>)> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let node = Node::open(store, Config::default()).await;
    let node = node.map_err(|error| unopened(Path::new("memory"), error))?;
    Ok((node.clone(), Arc::new(NodeLink::new(node))))
}

fn unopened(path: &Path, error: impl std::fmt::Display) -> Error {
    let text = format!("cannot open {}: {error}", path.display());
    Error::new(ErrorKind::Unavailable, "open", text)
}

/// Takes back the tasks of the process that had the directory before: it is gone, or the lock
/// would not be ours, so nobody has to wait for its leases to run out.
pub(crate) async fn release_all(link: &dyn Link) -> Result<()> {
    let mut cursor = None;
    loop {
        let state = Some(TaskState::Acquired);
        let search = TaskSearch { state, limit: Some(limit::PAGE), cursor };
        let response = link.call(Request::TaskSearch(search)).await.map_err(Error::unavailable)?;
        let Body::Tasks { tasks, cursor: next } = response.body else {
            return Err(crate::worker::refused(&response));
        };
        for task in tasks {
            let release = TaskRelease { id: task.id, version: task.version };
            let response = link.call(Request::TaskRelease(release)).await;
            let response = response.map_err(Error::unavailable)?;
            // It may have ended by its deadline just now.
            if !matches!(response.status, Status::Ok | Status::Conflict) {
                return Err(crate::worker::refused(&response));
            }
        }
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}
