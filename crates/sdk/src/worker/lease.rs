//! Heartbeats: one request for all the tasks that are held.

use std::sync::Weak;

use abide_protocol::{Leased, Request, TaskHeartbeat};

use super::Worker;

/// Renews the leases for as long as the worker lives.
pub(super) async fn renew(worker: Weak<Worker>) {
    loop {
        let Some(pause) = worker.upgrade().map(|worker| worker.settings.heartbeat) else { return };
        tokio::time::sleep(pause).await;
        let Some(worker) = worker.upgrade() else { return };
        let held = worker.state().running.held().map(leased).collect::<Vec<_>>();
        // An empty list would mean all that this process ever held.
        if held.is_empty() {
            continue;
        }
        let heartbeat = TaskHeartbeat { pid: worker.pid.clone(), tasks: held };
        let request = worker.link.call(Request::TaskHeartbeat(heartbeat));
        if let Err(error) = request.await {
            tracing::warn!("a heartbeat failed: {error}");
        }
    }
}

fn leased((id, version): (&abide_protocol::Id, i64)) -> Leased {
    Leased { id: id.clone(), version }
}
