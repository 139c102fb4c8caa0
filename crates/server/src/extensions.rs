//! `GET /extensions`: what is served beyond the protocol.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use crate::{
    app::App,
    reply::{self, Whole},
};

/// The names of the extensions, in order.
pub(crate) async fn list(State(app): State<Arc<App>>) -> http::Response<Whole> {
    let names = serde_json::json!(app.extensions.names());
    reply::json(StatusCode::OK, names.to_string().into_bytes())
}
