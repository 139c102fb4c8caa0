//! Calls with an id of their own.
//!
//! Such a call is an execution at the root of its own tree, whoever asks for it first. In the tree
//! of the caller it has a child like any other, with a trace; the child's task only waits for that
//! execution and takes over how it ended. See `docs/adr/0011-explicit-ids-and-cancellation.md`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use abide_protocol::{Id, PromiseRecord, Request, tag};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use crate::{
    clock,
    core::{
        ask::{Ask, Body, Deadline, Kind, Options},
        fingerprint,
        outcome::{End, Outcome},
        site::Site,
    },
    error::{Error, ErrorKind, Result},
    retry::Retry,
    start::same,
    time, wire,
    worker::{Lost, Worker, refused},
};

/// The function that the child's task executes; every worker of this SDK knows it.
pub(crate) const FUNCTION: &str = "abide.attach";

/// The tag of the child that names the execution, for people who look at the tree.
const TAG: &str = "abide:attached";

/// How long the child's task waits before it asks again about an execution that is halted, or of an
/// engine that cannot be used.
const AGAIN: Duration = Duration::from_secs(5);

/// What the child's task is told.
#[derive(Serialize, Deserialize)]
struct Attach {
    id: String,
    func: String,
    args: Box<RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// Who executes it, if not the group of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    /// Milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
    /// How the caller wants it retried, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

/// Whether an id may be given to an execution.
pub(crate) fn is_free(id: &str) -> Result<()> {
    let numbers = id.rsplit_once(':').map(|(_, numbers)| numbers);
    let is_childs = |numbers: &str| {
        !numbers.is_empty() && numbers.split('.').all(|n| n.bytes().all(|b| b.is_ascii_digit()))
    };
    let message = match numbers {
        _ if id.is_empty() => "an id must not be empty".to_owned(),
        Some(numbers) if is_childs(numbers) => format!(
            "{id:?} is the form of the ids that Abide gives to the children of an execution; write \
             {:?}, for instance",
            id.replace(':', "/")
        ),
        _ => return Ok(()),
    };
    Err(Error::misuse("bad_id", message))
}

/// What the child asks for, instead of the call with that id itself.
pub(crate) fn child(ask: Ask, id: &Arc<str>) -> Result<Ask> {
    is_free(id)?;
    let args = RawValue::from_string(ask.args.to_string()).expect("arguments are JSON");
    // The same id, function and arguments are the same call. The rest may change.
    let value: serde_json::Value = serde_json::from_str(&ask.args).expect("arguments are JSON");
    let fingerprint = fingerprint::of(&json!([&**id, &*ask.func, value]));
    let retry = ask.options.retry.filter(|_| ask.options.retry_chosen);
    let Options { target, deadline, mut tags, version, cancel_on_drop, .. } = ask.options;
    let timeout = match deadline {
        Some(Deadline::After(timeout)) => u64::try_from(clock::span(timeout)).ok(),
        _ => None,
    };
    let attach = Attach {
        id: id.to_string(),
        func: ask.func.to_string(),
        args,
        version,
        on: target,
        timeout,
        retry: retry.as_ref().map(Retry::encode),
        tags: std::mem::take(&mut tags),
    };
    let args = serde_json::to_string(&[attach]).expect("it is made of JSON");
    let options = Options {
        deadline,
        tags: BTreeMap::from([(TAG.to_owned(), id.to_string())]),
        cancel_on_drop,
        ..Options::default()
    };
    Ok(Ask {
        kind: if ask.kind == Kind::Detached { Kind::Detached } else { Kind::Remote },
        func: FUNCTION.into(),
        args: args.into(),
        fingerprint,
        site: ask.site,
        options,
        body: None,
    })
}

/// What the child's task executes.
pub(crate) fn task(worker: &Arc<Worker>, child: &Arc<PromiseRecord>, args: Arc<str>) -> Ask {
    let (worker, child) = (Arc::downgrade(worker), child.clone());
    let body: Body = {
        let args = args.clone();
        Arc::new(move || {
            let (worker, child, args) = (worker.clone(), child.clone(), args.clone());
            Box::pin(async move {
                let outcome = follow(&worker, &child, &args).await;
                let outcome = outcome.unwrap_or_else(Error::into_outcome);
                End { outcome, permanent: true }
            })
        })
    };
    Ask {
        kind: Kind::Call,
        func: FUNCTION.into(),
        args,
        fingerprint: 0,
        site: Site::recorded(""),
        options: Options::default(),
        body: Some(body),
    }
}

/// Whether this is the child's task, which needs no room: it runs nothing.
pub(crate) fn only_waits(ask: &Ask) -> bool {
    *ask.func == *FUNCTION
}

/// Makes sure that there is the execution, waits for it, and gives how it ended.
async fn follow(worker: &Weak<Worker>, child: &PromiseRecord, args: &str) -> Result<Outcome> {
    let [attach]: [Attach; 1] = serde_json::from_str(args)
        .map_err(|error| Error::payload("cannot decode what to attach to", error))?;
    if child.tags.get(tag::ORIGIN) == Some(&attach.id) {
        let message = format!("{} would wait for itself: it calls this within itself", attach.id);
        return Err(Error::misuse("waits_for_itself", message));
    }
    let id = Id::from(&*attach.id);
    let ask = attach.into_ask()?;
    create(worker, &id, &ask).await?;
    loop {
        let worker = alive(worker)?;
        let outcome = worker.wait(&id).await;
        drop(worker);
        match outcome {
            // A timeout is the engine's alone: this child may have all the time there is.
            Ok(Outcome::TimedOut) => {
                let error = Error::new(ErrorKind::Timeout, "timeout", "its deadline passed");
                return Err(error.of(&id));
            }
            Ok(outcome) => return Ok(outcome),
            // It is halted, for instance, and may be continued.
            Err(error) => tracing::warn!(%id, "an awaited execution is in trouble: {error}"),
        }
        time::sleep(AGAIN).await;
    }
}

async fn create(worker: &Weak<Worker>, id: &Id, ask: &Ask) -> Result<()> {
    loop {
        let worker = alive(worker)?;
        let home = worker.home_address();
        let target = ask.options.target.as_deref().unwrap_or(&home);
        let create = wire::root(&worker.settings.layers, id, ask, target);
        match worker.call(Request::PromiseCreate(create), worker.settings.lease).await {
            Ok(answer) => {
                let promise = answer.response.promise();
                let promise = promise.ok_or_else(|| refused(&answer.response).of(id))?;
                return same(&worker, promise, ask);
            }
            Err(Lost(error)) => tracing::warn!(%id, "cannot be started yet: {error}"),
        }
        drop(worker);
        time::sleep(AGAIN).await;
    }
}

fn alive(worker: &Weak<Worker>) -> Result<Arc<Worker>> {
    worker.upgrade().ok_or_else(|| Error::unavailable("this process has closed Abide"))
}

impl Attach {
    /// The execution, as it is asked for at the root of its tree.
    fn into_ask(self) -> Result<Ask> {
        let args = self.args.get();
        let fingerprint = fingerprint::of_text(args)
            .ok_or_else(|| Error::payload("cannot decode the arguments", args))?;
        Ok(Ask {
            kind: Kind::Remote,
            func: self.func.into(),
            args: args.into(),
            fingerprint,
            site: Site::recorded(""),
            options: Options {
                target: self.on,
                deadline: self.timeout.map(|ms| Deadline::After(Duration::from_millis(ms))),
                retry: self.retry.as_deref().and_then(Retry::decode),
                retry_chosen: self.retry.is_some(),
                tags: self.tags,
                version: self.version,
                ..Options::default()
            },
            body: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::is_free;

    #[test]
    fn ids_that_children_may_have_are_refused() {
        for id in ["user/42", "user", "2026-11-21", "a:b", "a:b.1", "a:1.x", "a.1", ":"] {
            assert!(is_free(id).is_ok(), "{id}");
        }
        for id in ["", "user:42", "user:42.1", "a:b:7", ":1"] {
            assert_eq!(is_free(id).unwrap_err().code(), "bad_id", "{id}");
        }
    }
}
