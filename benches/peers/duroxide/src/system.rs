//! Duroxide, running.

use std::sync::Arc;

use duroxide::{
    Client,
    runtime::{Runtime, RuntimeOptions},
};
use peer::Rendezvous;

use crate::{
    store::Store,
    workflows::{activities, orchestrations},
};

/// Duroxide, running in this process.
pub(crate) struct System {
    pub(crate) client: Client,
    pub(crate) store: Store,
    pub(crate) runtime: Arc<Runtime>,
    /// Where a workflow that waits for a signal says so.
    pub(crate) waiting: Rendezvous<()>,
}

impl System {
    /// Starts it on this store.
    pub(crate) async fn start(store: Store, options: RuntimeOptions) -> Self {
        let waiting = Rendezvous::default();
        let provider = store.provider.clone();
        let runtime = Runtime::start_with_options(
            provider.clone(),
            activities(),
            orchestrations(waiting.clone()),
            options,
        )
        .await;
        System { client: Client::new(provider), store, runtime, waiting }
    }
}
