use std::{convert::Infallible, sync::Arc};

use abide_protocol::{Extensions, Response, Status};
use axum::{Router, body::Body, extract::Request, routing::get};
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper_util::service::TowerToHyperService;

use crate::{
    app::App,
    extensions,
    head::To,
    health,
    intake::Intake,
    poll, posted,
    reply::{self, Whole},
};

/// What a connection sends back: most answers are there as a whole, a stream is not.
pub(crate) type Answer = http::Response<Either<Whole, Body>>;

/// All routes of a port.
pub(crate) struct Routes {
    /// What is posted to `/` goes here and past the router, which would box the body, the future
    /// and the answer of each request.
    pub(crate) app: Option<Arc<App>>,
    router: TowerToHyperService<Router>,
}

impl Routes {
    /// The routes of the API.
    pub(crate) fn api(app: Arc<App>) -> Self {
        let router = Router::new()
            .route("/poll/{group}/{id}", get(poll::handle))
            // A client whose URL ends in a slash asks for this.
            .route("//poll/{group}/{id}", get(poll::handle))
            .route("/health", get(health::health))
            .route("/ready", get(health::ready))
            .fallback(nowhere)
            .method_not_allowed_fallback(not_so);
        // A plain server does not tell that there is anything to offer.
        let router = match app.extensions {
            none if none == Extensions::none() => router,
            _ => router.route("/extensions", get(extensions::list)),
        };
        let router = router.with_state(app.clone());
        Routes { app: Some(app), router: TowerToHyperService::new(router) }
    }

    /// The routes of another port.
    pub(crate) fn other(router: Router) -> Self {
        Routes { app: None, router: TowerToHyperService::new(router) }
    }

    /// Answers a request.
    pub(crate) async fn answer(
        self: Arc<Self>,
        intake: Intake,
        request: http::Request<Incoming>,
    ) -> Result<Answer, Infallible> {
        let Some(app) = &self.app else { return self.routed(request).await };
        let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
            return self.dispatch(app, &intake, request).await;
        };
        if !app.cors.allows(&origin) {
            let text = format!("pages of the origin {origin:?} may not use this server");
            return Ok(reply::plain_error(StatusCode::FORBIDDEN, &text).map(Either::Left));
        }
        let mut answer = if request.method() == Method::OPTIONS {
            app.cors.preflight().map(Either::Left)
        } else {
            self.dispatch(app, &intake, request).await?
        };
        app.cors.allow(&mut answer, origin);
        Ok(answer)
    }

    async fn dispatch(
        &self,
        app: &App,
        intake: &Intake,
        request: http::Request<Incoming>,
    ) -> Result<Answer, Infallible> {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/") => {
                Ok(posted::answer(app, intake, To::Call, request).await.map(Either::Left))
            }
            (_, "/") => Ok(only_posted("requests are posted to /").map(Either::Left)),
            (method, "/batch") if app.extensions.batch() => Ok(match *method {
                Method::POST => posted::answer(app, intake, To::Batch, request).await,
                _ => only_posted("batches are posted to /batch"),
            }
            .map(Either::Left)),
            _ => self.routed(request).await,
        }
    }

    async fn routed(&self, request: http::Request<Incoming>) -> Result<Answer, Infallible> {
        let answer = hyper::service::Service::call(&self.router, request).await?;
        Ok(answer.map(Either::Right))
    }
}

fn only_posted(text: &str) -> http::Response<Whole> {
    let mut answer = reply::plain_error(StatusCode::METHOD_NOT_ALLOWED, text);
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    answer
}

async fn nowhere(request: Request) -> http::Response<Whole> {
    let path = request.uri().path();
    let text = format!("there is nothing at {path}: requests are posted to /");
    reply::error(&Response::error(Status::NotFound, text))
}

async fn not_so(request: Request) -> http::Response<Whole> {
    let text = format!("{} is not served at {}", request.method(), request.uri().path());
    reply::plain_error(StatusCode::METHOD_NOT_ALLOWED, &text)
}
