//! Opening the data.

use std::{path::Path, sync::Arc, time::Duration};

use abide_node::{Config, Node, OpenError, Timing};
use abide_store::{Delay, Error, MemoryStore, Store};
use abide_store_fjall::FjallStore;

use crate::{BindError, Data, Options};

pub(crate) async fn node(options: &Options) -> Result<Node, BindError> {
    let retry_interval = options.retry_interval.as_millis().try_into().unwrap_or(i64::MAX);
    if retry_interval == 0 {
        return Err(BindError::Option("the retry interval must be at least 1 ms".into()));
    }
    let config = Config {
        timing: Timing { retry_interval, extensions: options.extensions(), ..Timing::default() },
        debug: options.debug,
        ..Config::default()
    };
    let delay = options.sync_delay;
    let node = match &options.data {
        Data::Memory => Node::open(delayed(MemoryStore::new(), delay), config).await,
        Data::Directory(path) => {
            let path = path.clone();
            Node::open_with(move || directory(&path, delay), config).await
        }
    };
    node.map_err(|error| match error {
        OpenError::Store(Error::Unavailable(text)) => BindError::Open(text),
        error => BindError::Open(error.to_string()),
    })
}

/// Opens a directory, at the start and again whenever it has failed.
fn directory(path: &Path, delay: Duration) -> Result<Arc<dyn Store>, Error> {
    let store = FjallStore::open(path, abide_store_fjall::Options::default())
        .map_err(|error| Error::Unavailable(error.to_string()))?;
    Ok(delayed(store, delay))
}

fn delayed(store: impl Store, delay: Duration) -> Arc<dyn Store> {
    if delay.is_zero() { Arc::new(store) } else { Arc::new(Delay::new(store, delay)) }
}
