use std::{sync::Arc, time::Duration};

use abide_node::Node;
use abide_protocol::{Response, Status};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response as HttpResponse,
    routing::{any, get},
};
use http::{Method, StatusCode};
use tokio::sync::watch;

use crate::{api, auth::Token, cors::Cors, health, metrics::Metrics, options::Limits, poll, reply};

/// How long a request's body may take to arrive.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What every handler shares.
pub(crate) struct App {
    pub(crate) node: Node,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) token: Token,
    pub(crate) cors: Cors,
    pub(crate) limits: Limits,
    pub(crate) url: Arc<str>,
    /// Turns true when the server is asked to end.
    pub(crate) closing: watch::Receiver<bool>,
}

/// The routes of the API.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", any(api::handle))
        .route("/poll/{group}/{id}", get(poll::handle))
        // A client whose URL ends in a slash asks for this.
        .route("//poll/{group}/{id}", get(poll::handle))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .layer(middleware::from_fn_with_state(app.clone(), browsers))
        .with_state(app)
}

/// Answers browsers' questions, refuses pages that are not allowed, and lets all else pass.
async fn browsers(State(app): State<Arc<App>>, request: Request, next: Next) -> HttpResponse {
    let Some(origin) = request.headers().get(http::header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    if !app.cors.allows(&origin) {
        let text = format!("pages of the origin {origin:?} may not use this server");
        return reply::plain_error(StatusCode::FORBIDDEN, &text);
    }
    let mut response = if request.method() == Method::OPTIONS {
        app.cors.preflight()
    } else {
        next.run(request).await
    };
    app.cors.allow(&mut response, origin);
    response
}

async fn nowhere(request: Request) -> HttpResponse {
    let path = request.uri().path();
    let text = format!("there is nothing at {path}: requests are posted to /");
    reply::error("unknown", "0", Response::error(Status::NotFound, text))
}

async fn not_so(request: Request) -> HttpResponse {
    let text = format!("{} is not served at {}", request.method(), request.uri().path());
    reply::plain_error(StatusCode::METHOD_NOT_ALLOWED, &text)
}
