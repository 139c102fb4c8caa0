//! `GET /health` and `GET /ready`.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use crate::{
    app::App,
    reply::{self, Whole},
};

/// The process is there.
pub(crate) async fn health() -> http::Response<Whole> {
    reply::json(StatusCode::OK, br#"{"status":"ok"}"#.to_vec())
}

/// The server takes requests and can make them durable.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> http::Response<Whole> {
    if *app.closing.borrow() {
        return unready("the server is ending");
    }
    if !app.node.is_ready() {
        return unready("storage cannot commit");
    }
    reply::json(StatusCode::OK, br#"{"status":"ready"}"#.to_vec())
}

fn unready(reason: &str) -> http::Response<Whole> {
    let body = serde_json::json!({ "status": "unready", "reason": reason });
    reply::json(StatusCode::SERVICE_UNAVAILABLE, body.to_string().into_bytes())
}
