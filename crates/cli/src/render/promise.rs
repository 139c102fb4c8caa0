//! Promises.

use abide_protocol::{Headers, Millis, PromiseRecord, PromiseState, Tags, Value};
use serde::Serialize;

use super::{Row, Show, fields::Fields, style, table::Cell, text};
use crate::{
    call, clock,
    payload::{self, Decoded, Json},
};

/// How much of a payload a table shows, in characters.
const BRIEF: usize = 60;

/// A promise as programs read it: the record of the wire, with each payload decoded beside it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    state: PromiseState,
    param: PayloadView<'a>,
    value: PayloadView<'a>,
    tags: &'a Tags,
    timeout_at: Millis,
    created_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Millis>,
}

/// A payload as programs read it.
#[derive(Serialize)]
pub(crate) struct PayloadView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<&'a Headers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Json>,
}

impl<'a> From<&'a Value> for PayloadView<'a> {
    fn from(value: &'a Value) -> Self {
        PayloadView {
            headers: value.headers.as_ref(),
            data: value.data.as_deref(),
            json: payload::decode(value).json().cloned(),
        }
    }
}

impl Show for PromiseRecord {
    fn human(&self, now: Millis) -> String {
        let value = payload::decode(&self.value);
        let rejected = self.state == PromiseState::Rejected;
        let param = payload::decode(&self.param);
        let call = call::written(&param);
        Fields::of(&self.id, style::promise_word(self.state), style::promise(self.state))
            .line("call", call.as_deref().unwrap_or_default())
            .line("param", if call.is_none() { param.to_string() } else { String::new() })
            .line(if rejected { "error" } else { "value" }, outcome(&value))
            .line("created", moment(self.created_at, now))
            .line("settled", self.settled_at.map(|at| self.settled(at, now)).unwrap_or_default())
            .line("timeout", moment(self.timeout_at, now))
            .line("tags", written_tags(&self.tags))
            .text()
    }

    fn json(&self) -> String {
        let view = View {
            id: &self.id,
            state: self.state,
            param: self.param.as_ref().into(),
            value: self.value.as_ref().into(),
            tags: &self.tags,
            timeout_at: self.timeout_at,
            created_at: self.created_at,
            settled_at: self.settled_at,
        };
        serde_json::to_string(&view).expect("strings, integers and JSON serialise")
    }
}

trait Settled {
    fn settled(&self, at: Millis, now: Millis) -> String;
}

impl Settled for PromiseRecord {
    fn settled(&self, at: Millis, now: Millis) -> String {
        let took = clock::short(at.saturating_sub(self.created_at));
        format!("{}, after {took}", moment(at, now))
    }
}

impl Row for PromiseRecord {
    const TITLES: &'static [&'static str] = &["ID", "STATE", "AGE", "TOOK", "WHAT"];

    fn cells(&self, now: Millis) -> Vec<Cell> {
        let took = self.settled_at.map(|at| clock::short(at.saturating_sub(self.created_at)));
        vec![
            Cell::styled(&self.id, style::STRONG),
            Cell::styled(style::promise_word(self.state), style::promise(self.state)),
            Cell::styled(clock::short(now.saturating_sub(self.created_at)), style::FAINT),
            Cell::styled(took.unwrap_or_default(), style::FAINT),
            Cell::new(what(self, BRIEF)),
        ]
    }

    fn id(&self) -> &str {
        &self.id
    }
}

/// A time, and how far it is.
pub(crate) fn moment(at: Millis, now: Millis) -> String {
    match clock::time(at) {
        never if at >= clock::NEVER => never,
        time => format!("{time} ({})", clock::relative(at, now)),
    }
}

/// Tags as `name=value`, in the order of their names.
pub(crate) fn written_tags(tags: &Tags) -> String {
    tags.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// What a settled promise says: its value, or the message of an error.
pub(crate) fn outcome(value: &Decoded) -> String {
    let error = value.json().filter(|json| {
        json.field("__type").and_then(|kind| kind.string()).as_deref() == Some("error")
    });
    match error.and_then(|json| json.field("message")?.string()) {
        Some(message) => message,
        None => value.to_string(),
    }
}

/// A promise in a phrase: what it computes, and how it came out.
pub(crate) fn what(promise: &PromiseRecord, most: usize) -> String {
    let param = payload::decode(&promise.param);
    let mut parts = Vec::new();
    if let Some(call) = call::written(&param) {
        parts.push(call);
    } else if promise.tags.is_timer() {
        let span = promise.timeout_at.saturating_sub(promise.created_at);
        parts.push(format!("sleep {}", clock::short(span)));
    } else if param != Decoded::Empty {
        parts.push(param.to_string());
    }
    let outcome = outcome(&payload::decode(&promise.value));
    if !outcome.is_empty() {
        let sign = if promise.state == PromiseState::Resolved { "=" } else { "!" };
        parts.push(format!("{sign} {outcome}"));
    }
    text::brief(&parts.join(" "), most)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use abide_protocol::{Id, PromiseRecord, PromiseState, Tags};

    use super::what;
    use crate::{
        payload,
        render::{Row, Show},
    };

    pub(crate) fn promise(id: &str, state: PromiseState) -> PromiseRecord {
        PromiseRecord {
            id: Id::from(id),
            state,
            param: Arc::default(),
            value: Arc::default(),
            tags: Arc::default(),
            timeout_at: 60_000,
            created_at: 1_000,
            settled_at: (state != PromiseState::Pending).then_some(2_500),
        }
    }

    pub(crate) fn json(text: &str) -> Arc<abide_protocol::Value> {
        Arc::new(payload::encode(&text.parse().unwrap()))
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_call_shows_its_source_and_its_value() {
        let mut record = promise("order-7", PromiseState::Resolved);
        record.param = json(r#"{"func":"charge","args":[42]}"#);
        record.value = json(r#"{"ok":true}"#);
        record.tags = Arc::new(Tags::from_iter([("resonate:scope", "global")]));
        let expected = "\
order-7  resolved
  call     charge(42)
  value    {\"ok\":true}
  created  1970-01-01T00:00:01.000Z (2.0s ago)
  settled  1970-01-01T00:00:02.500Z (500ms ago), after 1.5s
  timeout  1970-01-01T00:01:00.000Z (in 57s)
  tags     resonate:scope=global";
        assert_eq!(plain(&record.human(3_000)), expected);
    }

    #[test]
    fn an_error_shows_its_message() {
        let mut record = promise("a", PromiseState::Rejected);
        record.value = json(r#"{"__type":"error","message":"no funds","stack":"..."}"#);
        assert!(plain(&record.human(3_000)).contains("\n  error    no funds\n"));
        assert_eq!(what(&record, 60), "! no funds");
    }

    #[test]
    fn programs_get_the_record_and_the_payload_decoded() {
        let mut record = promise("a", PromiseState::Resolved);
        record.value = json("42");
        assert_eq!(
            record.json(),
            r#"{"id":"a","state":"resolved","param":{},"value":{"data":"NDI=","json":42},"tags":{},"timeoutAt":60000,"createdAt":1000,"settledAt":2500}"#
        );
    }

    #[test]
    fn a_timer_reads_as_a_sleep() {
        let mut record = promise("a", PromiseState::Pending);
        record.tags = Arc::new(Tags::from_iter([("resonate:timer", "true")]));
        assert_eq!(what(&record, 60), "sleep 59s");
    }

    #[test]
    fn a_row_has_a_cell_for_every_title() {
        let record = promise("a", PromiseState::Pending);
        assert_eq!(record.cells(0).len(), PromiseRecord::TITLES.len());
    }
}
