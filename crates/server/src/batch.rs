//! `POST /batch`: envelopes in, envelopes out, carried out in their order.

use std::{borrow::Cow, time::Instant};

use abide_protocol::{Kind, Response, batch};
use http::StatusCode;
use hyper::body::Incoming;

use crate::{
    api,
    app::App,
    reply::{self, Whole},
};

/// One member of a batch.
struct Member {
    /// The kind as written, and what it is if it is one.
    name: Cow<'static, str>,
    kind: Option<Kind>,
    corr_id: String,
    /// The answer, as soon as there is one.
    response: Option<Response>,
}

/// Answers what is posted.
pub(crate) async fn answer(app: &App, request: http::Request<Incoming>) -> http::Response<Whole> {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let bytes = match api::read(app, body).await {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    let envelopes = match batch::requests(&bytes) {
        Ok(envelopes) => envelopes,
        Err(text) => return api::refuse(app, text),
    };
    let mut members = Vec::with_capacity(envelopes.len());
    let mut requests = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let (member, request) = match envelope {
            Ok(mut envelope) => {
                let kind = envelope.request.kind();
                let corr_id = std::mem::take(&mut envelope.head.corr_id);
                let name = Cow::Borrowed(kind.as_str());
                let (response, request) = match api::admit(app, &parts.headers, envelope) {
                    Ok(request) => (None, Some(request)),
                    Err(response) => (Some(response), None),
                };
                (Member { name, kind: Some(kind), corr_id, response }, request)
            }
            Err(refused) => {
                app.metrics.unreadable.add(1);
                let (name, corr_id) = (Cow::Owned(refused.kind), refused.corr_id);
                (Member { name, kind: None, corr_id, response: Some(refused.response) }, None)
            }
        };
        members.push(member);
        requests.extend(request);
    }
    // The records keep copies of what they need; the text need not live while the calls wait.
    drop(bytes);
    app.metrics.batches.add(1);
    let answers = app.node.call_all(requests).await;
    let open = members.iter_mut().filter(|member| member.response.is_none());
    for (member, answer) in open.zip(answers) {
        member.response = Some(answer);
    }
    reply::json(StatusCode::OK, write(app, started, &members))
}

/// Writes the answers, and counts them.
fn write(app: &App, started: Instant, members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    for Member { name, kind, corr_id, response } in members {
        let response = response.as_ref().expect("the node answers each");
        if let Some(kind) = kind {
            api::record(app, *kind, response, started);
        }
        out.push(if out.is_empty() { b'[' } else { b',' });
        response.append_json(name, corr_id, &mut out);
    }
    out.push(b']');
    out
}
