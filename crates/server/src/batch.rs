//! `POST /batch`: envelopes in, envelopes out, carried out in their order.

use std::{fmt, time::Instant};

use abide_protocol::{Envelope, Kind, Response};
use http::StatusCode;
use hyper::body::Incoming;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    api,
    app::App,
    reply::{self, Whole},
};

/// How many requests one message may hold.
pub(crate) const MAX_REQUESTS: usize = 1_024;

/// One member of a batch.
struct Member {
    /// The kind as written, and what it is if it is one.
    name: String,
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
    let envelopes = match envelopes(&bytes) {
        Ok(envelopes) => envelopes,
        Err(text) => return api::refuse(app, text),
    };
    let mut members = Vec::with_capacity(envelopes.len());
    let mut requests = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let (member, request) = match Envelope::from_json(envelope.get().as_bytes()) {
            Ok(envelope) => {
                let kind = envelope.request.kind();
                let (name, corr_id) = (kind.as_str().to_owned(), envelope.head.corr_id.clone());
                let (response, request) = match api::admit(app, &parts.headers, envelope) {
                    Ok(request) => (None, Some(request)),
                    Err(response) => (Some(response), None),
                };
                (Member { name, kind: Some(kind), corr_id, response }, request)
            }
            Err(refused) => {
                app.metrics.unreadable.add(1);
                let (name, corr_id) = (refused.kind, refused.corr_id);
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
        out.extend_from_slice(&response.to_json(name, corr_id));
    }
    out.push(b']');
    out
}

/// The members of a batch, unread; or why it is none.
fn envelopes(bytes: &[u8]) -> Result<Vec<&RawValue>, String> {
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return Err("the body must be a JSON array of envelopes".into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let envelopes = json.deserialize_seq(Members).and_then(|members| {
        json.end()?;
        Ok(members)
    });
    let envelopes = envelopes.map_err(|error| format!("the batch cannot be read: {error}"))?;
    match envelopes.len() {
        0 => Err(format!("a batch holds 1 to {MAX_REQUESTS} requests, not none")),
        _ => Ok(envelopes),
    }
}

/// Reads an array, but not beyond what a batch may hold.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of envelopes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = seq.next_element()? {
            if members.len() == MAX_REQUESTS {
                let text = format!("it holds more than {MAX_REQUESTS} requests");
                return Err(A::Error::custom(text));
            }
            members.push(member);
        }
        Ok(members)
    }
}
