//! The connections to a server that are kept open.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use http::Uri;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    answer::Answer,
    connection::{Connection, Failure},
    connector::{self, Connector, Stream},
    lookout::Lookout,
    route::Route,
};

/// How long an unused connection is kept. Servers and balancers close idle connections after a
/// minute or so; giving up first avoids sending into a connection that is just being closed.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// How many unused connections are kept.
const POOL_SIZE: usize = 256;

/// A pool of connections to one server. Whoever makes a request takes one out, or makes one, and
/// drives it: an exchange takes no task but the caller's.
pub(crate) struct Pool {
    connector: Connector,
    server: Uri,
    kept: Mutex<Kept>,
    lookout: Lookout,
}

#[derive(Default)]
struct Kept {
    /// The one that was used last is the last, and is used next.
    connections: Vec<(Connection<Stream>, Instant)>,
    /// Whether a task watches over them.
    watched: bool,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// No connection could be made.
    Unreachable(String),
    /// It is unknown what the server has made of the request.
    Interrupted(String),
    /// Nor is it after all the time that there was.
    Late,
}

impl Pool {
    pub(crate) fn new(connector: Connector, server: Uri) -> Self {
        Pool { connector, server, kept: Mutex::default(), lookout: Lookout::new() }
    }

    /// Makes a request, and reads its answer.
    ///
    /// Like every HTTP client it uses another connection if it turns out that the one it had kept
    /// was closed before anything was sent. Nothing is sent twice.
    pub(crate) async fn exchange<T>(
        self: &Arc<Self>,
        route: &Route,
        body: &[u8],
        time: Duration,
        read: impl FnOnce(Answer<'_>) -> T,
    ) -> Result<T, Lost> {
        let now = Instant::now();
        let until = now + time;
        loop {
            let kept = self.take(now);
            let fresh = kept.is_none();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.connect(until).await?,
            };
            let head = |out: &mut Vec<u8>| route.write_head(body.len(), out);
            let answer = match self.lookout.wait(connection.exchange(head, body, until)).await {
                Ok(answer) => answer,
                Err(Failure::Unsent(_)) if !fresh => continue,
                Err(Failure::Unsent(error)) => return Err(Lost::Interrupted(error.to_string())),
                Err(Failure::Broken(reason)) => return Err(Lost::Interrupted(reason)),
                Err(Failure::Late) => return Err(Lost::Late),
            };
            let keeps = answer.keeps;
            let read = read(answer);
            if keeps {
                self.keep(connection);
            }
            return Ok(read);
        }
    }

    async fn connect(&self, until: Instant) -> Result<Connection<Stream>, Lost> {
        let connecting = connector::connect(self.connector.clone(), self.server.clone());
        match timeout_at(until, connecting).await {
            Ok(Ok(stream)) => Ok(Connection::new(stream, until)),
            Ok(Err(reason)) => Err(Lost::Unreachable(reason)),
            Err(_) => Err(Lost::Late),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that can still be used, as far as is known.
    fn take(&self, now: Instant) -> Option<Connection<Stream>> {
        let mut kept = self.kept();
        while let Some((mut connection, since)) = kept.connections.pop() {
            if now.duration_since(since) < POOL_IDLE && connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(self: &Arc<Self>, connection: Connection<Stream>) {
        let mut kept = self.kept();
        if kept.connections.len() == POOL_SIZE {
            return;
        }
        kept.connections.push((connection, Instant::now()));
        if !std::mem::replace(&mut kept.watched, true) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }
}

/// Closes what has not been used for long, until there is nothing left to close.
async fn watch(pool: Weak<Pool>) {
    loop {
        sleep(POOL_IDLE).await;
        let Some(pool) = pool.upgrade() else { return };
        let now = Instant::now();
        let mut kept = pool.kept();
        let is_fresh = |(connection, since): &mut (Connection<Stream>, Instant)| {
            now.duration_since(*since) < POOL_IDLE && connection.is_quiet()
        };
        kept.connections.retain_mut(is_fresh);
        kept.watched = !kept.connections.is_empty();
        if !kept.watched {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
