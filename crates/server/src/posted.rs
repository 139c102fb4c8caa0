//! What is posted, whichever way it has come.

use std::time::{Duration, Instant};

use abide_protocol::{Refused, Response, Status};
use http::{StatusCode, header};
use hyper::body::Incoming;
use tokio::{sync::oneshot, time::timeout};

use crate::{
    api,
    app::App,
    batch,
    body::{self, Unread},
    head::To,
    intake::Intake,
    reply::{self, Whole},
};

/// How long a request's body may take to arrive.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What was posted. It holds copies of what it needs: the text need not live while calls wait.
pub(crate) enum Posted {
    Call(api::Asked),
    Batch(batch::Asked),
    Refused(Box<Refused>),
}

impl Posted {
    /// Reads a body. `bearer` says whether the token in the headers admits it.
    pub(crate) fn read(app: &App, to: To, bearer: bool, bytes: &[u8], started: Instant) -> Self {
        match to {
            To::Call => match api::read(app, bearer, bytes, started) {
                Ok(asked) => Posted::Call(asked),
                Err(refused) => Posted::Refused(refused),
            },
            To::Batch => match batch::read(app, bearer, bytes, started) {
                Ok(asked) => Posted::Batch(asked),
                Err(text) => Posted::refuse(app, text),
            },
        }
    }

    /// What is no request of the protocol.
    fn refuse(app: &App, text: String) -> Self {
        app.metrics.unreadable.add(1);
        tracing::debug!(why = text, "unreadable");
        let response = Response::error(Status::BadRequest, text);
        Posted::Refused(Box::new(Refused { kind: "unknown".into(), corr_id: "0".into(), response }))
    }

    /// A body that has not arrived in time.
    pub(crate) fn late(app: &App) -> Self {
        Posted::refuse(app, format!("the body did not arrive within {BODY_TIMEOUT:?}"))
    }

    /// Carries out what was posted. What is done with the answer may be done by another thread, and
    /// must not block.
    pub(crate) async fn carry_out(
        self,
        app: &App,
        intake: &Intake,
        then: impl FnOnce(Done) + Send + 'static,
    ) {
        match self {
            Posted::Call(api::Asked { admitted, about }) => match admitted {
                Ok((request, debug_time)) => {
                    intake.hand_in(request, debug_time, move |response| {
                        then(Done::Call(about, response));
                    });
                }
                Err(response) => then(Done::Call(about, response)),
            },
            Posted::Batch(batch::Asked { requests, about }) => {
                let then = move |answers| then(Done::Batch(about, answers));
                app.node.call_all_then(requests, then).await;
            }
            Posted::Refused(refused) => then(Done::Refused(refused)),
        }
    }
}

/// What is answered to what was posted.
pub(crate) enum Done {
    Call(api::About, Response),
    Batch(batch::About, Vec<Response>),
    Refused(Box<Refused>),
}

impl Done {
    /// Appends the body of the answer, and counts it.
    pub(crate) fn write(self, app: &App, out: &mut Vec<u8>) -> StatusCode {
        match self {
            Done::Call(about, response) => about.write(app, &response, out),
            Done::Batch(about, answers) => {
                about.write(app, answers, out);
                StatusCode::OK
            }
            Done::Refused(refused) => {
                let Refused { kind, corr_id, response } = *refused;
                response.append_json(&kind, &corr_id, out);
                api::status(response.status)
            }
        }
    }
}

/// Answers what has come through hyper.
pub(crate) async fn answer(
    app: &App,
    intake: &Intake,
    to: To,
    request: http::Request<Incoming>,
) -> http::Response<Whole> {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let bearer = app.token.bears(parts.headers.get(header::AUTHORIZATION).map(|it| it.as_bytes()));
    let limit = app.limits.request_bytes;
    let posted = match timeout(BODY_TIMEOUT, body::read(body, limit)).await {
        Ok(Ok(bytes)) => Posted::read(app, to, bearer, &bytes, started),
        Ok(Err(Unread::TooLong)) => {
            Posted::refuse(app, format!("the request is larger than {limit} bytes"))
        }
        Ok(Err(Unread::Broken)) => Posted::refuse(app, "the body did not arrive whole".into()),
        Err(_) => Posted::late(app),
    };
    let (done, answer) = oneshot::channel();
    posted.carry_out(app, intake, move |answer| drop(done.send(answer))).await;
    let mut out = Vec::new();
    let status = answer.await.expect("each is answered").write(app, &mut out);
    reply::json(status, out)
}
