//! `POST /batch`: envelopes in, envelopes out, carried out in their order.

use std::{borrow::Cow, time::Instant};

use abide_protocol::{Kind, Millis, Request, Response, batch};

use crate::{api, app::App};

/// A batch that has been read.
pub(crate) struct Asked {
    /// What is asked by those members that have no answer yet, in their order.
    pub(crate) requests: Vec<(Request, Option<Millis>)>,
    pub(crate) about: About,
}

/// What the answer says of a batch.
pub(crate) struct About {
    members: Vec<Member>,
    started: Instant,
}

/// One member of a batch.
struct Member {
    /// The kind as written, and what it is if it is one.
    name: Cow<'static, str>,
    kind: Option<Kind>,
    corr_id: String,
    /// The answer, as soon as there is one.
    response: Option<Response>,
}

/// Reads a batch; the error is the text of the refusal. `bearer` says whether the token in the
/// headers admits it.
pub(crate) fn read(
    app: &App,
    bearer: bool,
    bytes: &[u8],
    started: Instant,
) -> Result<Asked, String> {
    let envelopes = batch::requests(bytes)?;
    let mut members = Vec::with_capacity(envelopes.len());
    let mut requests = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let (member, request) = match envelope {
            Ok(mut envelope) => {
                let kind = envelope.request.kind();
                let corr_id = std::mem::take(&mut envelope.head.corr_id);
                let name = Cow::Borrowed(kind.as_str());
                let (response, request) = match api::admit(app, bearer, envelope) {
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
    app.metrics.batches.add(1);
    Ok(Asked { requests, about: About { members, started } })
}

impl About {
    /// Appends the answers, and counts them.
    pub(crate) fn write(self, app: &App, answers: Vec<Response>, out: &mut Vec<u8>) {
        let (mut answers, mut separator) = (answers.into_iter(), b'[');
        for Member { name, kind, corr_id, response } in self.members {
            let response = response.or_else(|| answers.next()).expect("the node answers each");
            if let Some(kind) = kind {
                api::record(app, kind, &response, self.started);
            }
            out.push(std::mem::replace(&mut separator, b','));
            response.append_json(&name, &corr_id, out);
        }
        out.push(b']');
    }
}
