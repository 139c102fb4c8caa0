//! Schedules.

use abide_protocol::{Id, Millis, ScheduleRecord, Tags};
use serde::Serialize;

use super::{
    Row, Show,
    fields::Fields,
    promise::{PayloadView, moment, written_tags},
    style,
    table::Cell,
};
use crate::{call, clock, payload};

/// A schedule as programs read it: the record of the wire, with the payload decoded beside it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a Id,
    cron: &'a str,
    promise_id: &'a str,
    promise_timeout: Millis,
    promise_param: PayloadView<'a>,
    promise_tags: &'a Tags,
    created_at: Millis,
    next_run_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_at: Option<Millis>,
}

impl Show for ScheduleRecord {
    fn human(&self, now: Millis) -> String {
        let param = payload::decode(&self.promise_param);
        let call = call::written(&param);
        let last = self.last_run_at.map_or("never".to_owned(), |at| moment(at, now));
        Fields::of(&self.id, &self.cron, style::PLAIN)
            .line("call", call.as_deref().unwrap_or_default())
            .line("param", if call.is_none() { param.to_string() } else { String::new() })
            .line("next run", moment(self.next_run_at, now))
            .line("last run", last)
            .line("promise", &self.promise_id)
            .line("timeout", clock::short(self.promise_timeout))
            .line("tags", written_tags(&self.promise_tags))
            .text()
    }

    fn json(&self) -> String {
        let view = View {
            id: &self.id,
            cron: &self.cron,
            promise_id: &self.promise_id,
            promise_timeout: self.promise_timeout,
            promise_param: self.promise_param.as_ref().into(),
            promise_tags: &self.promise_tags,
            created_at: self.created_at,
            next_run_at: self.next_run_at,
            last_run_at: self.last_run_at,
        };
        serde_json::to_string(&view).expect("strings, integers and JSON serialise")
    }
}

impl Row for ScheduleRecord {
    const TITLES: &'static [&'static str] = &["ID", "CRON", "NEXT RUN", "LAST RUN", "CALL"];

    fn cells(&self, now: Millis) -> Vec<Cell> {
        let param = payload::decode(&self.promise_param);
        let last = self.last_run_at.map_or("never".to_owned(), |at| clock::relative(at, now));
        vec![
            Cell::styled(&self.id, style::STRONG),
            Cell::new(&self.cron),
            Cell::new(clock::relative(self.next_run_at, now)),
            Cell::styled(last, style::FAINT),
            Cell::new(call::written(&param).unwrap_or_else(|| param.to_string())),
        ]
    }

    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use abide_protocol::{ScheduleRecord, Tags};

    use crate::render::{Row, Show, promise::tests::json};

    fn nightly() -> ScheduleRecord {
        ScheduleRecord {
            id: "nightly".into(),
            cron: "0 3 * * *".into(),
            promise_id: "{{.id}}-{{.timestamp}}".into(),
            promise_timeout: 3_600_000,
            promise_param: json(r#"{"func":"report","args":[]}"#),
            promise_tags: Arc::new(Tags::from_iter([("resonate:target", "poll://any@w")])),
            created_at: 0,
            next_run_at: 10_800_000,
            last_run_at: None,
        }
    }

    #[test]
    fn a_schedule_says_what_runs_when() {
        let text = anstream::adapter::strip_str(&nightly().human(0)).to_string();
        let expected = "\
nightly  0 3 * * *
  call      report()
  next run  1970-01-01T03:00:00.000Z (in 3h)
  last run  never
  promise   {{.id}}-{{.timestamp}}
  timeout   1h
  tags      resonate:target=poll://any@w";
        assert_eq!(text, expected);
    }

    #[test]
    fn programs_get_the_payload_decoded() {
        let found: serde_json::Value = serde_json::from_str(&nightly().json()).unwrap();
        assert_eq!(found["promiseParam"]["json"]["func"], "report");
        assert_eq!(found["nextRunAt"], 10_800_000);
    }

    #[test]
    fn a_row_has_a_cell_for_every_title() {
        assert_eq!(nightly().cells(0).len(), ScheduleRecord::TITLES.len());
    }
}
