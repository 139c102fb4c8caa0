//! `GET /health` and `GET /ready`.

use std::sync::Arc;

use axum::{extract::State, response::Response as HttpResponse};
use http::StatusCode;

use crate::{app::App, reply};

/// The process is there.
pub(crate) async fn health() -> HttpResponse {
    reply::json(StatusCode::OK, br#"{"status":"ok"}"#.to_vec())
}

/// The server takes requests and can make them durable.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> HttpResponse {
    if *app.closing.borrow() {
        return unready("the server is ending");
    }
    if !app.node.is_ready() {
        return unready("storage cannot commit");
    }
    reply::json(StatusCode::OK, br#"{"status":"ready"}"#.to_vec())
}

fn unready(reason: &str) -> HttpResponse {
    let body = serde_json::json!({ "status": "unready", "reason": reason });
    reply::json(StatusCode::SERVICE_UNAVAILABLE, body.to_string().into_bytes())
}
