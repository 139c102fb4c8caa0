//! Where a workflow tells the load that it has come to its waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::oneshot;

/// Who waits to hear what from which workflow. Clones are the same.
#[derive(Debug)]
pub struct Rendezvous<T>(Arc<Mutex<HashMap<String, oneshot::Sender<T>>>>);

impl<T> Rendezvous<T> {
    /// Waits for what the workflow of this name will tell.
    pub fn expect(&self, name: &str) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        self.waiting().insert(name.to_owned(), sender);
        receiver
    }

    /// Tells whoever waits. A workflow that runs again finds nobody.
    pub fn tell(&self, name: &str, value: T) {
        let waiting = self.waiting().remove(name);
        if let Some(sender) = waiting {
            // Whoever has given up does not mind.
            let _ = sender.send(value);
        }
    }

    fn waiting(&self) -> impl std::ops::DerefMut<Target = HashMap<String, oneshot::Sender<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Rendezvous<T> {
    fn clone(&self) -> Self {
        Rendezvous(self.0.clone())
    }
}

impl<T> Default for Rendezvous<T> {
    fn default() -> Self {
        Rendezvous(Arc::default())
    }
}
