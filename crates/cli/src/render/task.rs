//! Tasks.

use abide_protocol::{Millis, TaskRecord};

use super::{Row, Show, fields::Fields, style, table::Cell};
use crate::clock;

impl Show for TaskRecord {
    fn human(&self, _now: Millis) -> String {
        Fields::of(&self.id, self.state.as_str(), style::task(self.state))
            .line("version", self.version.to_string())
            .line("held by", self.pid.as_deref().unwrap_or_default())
            .line("lease", self.ttl.map(clock::short).unwrap_or_default())
            .line("resumes", self.resumes.to_string())
            .text()
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("strings and integers serialise")
    }
}

impl Row for TaskRecord {
    const TITLES: &'static [&'static str] = &["ID", "STATE", "VERSION", "RESUMES", "HELD BY"];

    fn cells(&self, _now: Millis) -> Vec<Cell> {
        vec![
            Cell::styled(&self.id, style::STRONG),
            Cell::styled(self.state.as_str(), style::task(self.state)),
            Cell::new(self.version.to_string()),
            Cell::new(self.resumes.to_string()),
            Cell::new(self.pid.as_deref().unwrap_or_default()),
        ]
    }

    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use abide_protocol::{TaskRecord, TaskState};

    use crate::render::{Row, Show};

    fn held() -> TaskRecord {
        TaskRecord {
            id: "a".into(),
            state: TaskState::Acquired,
            version: 3,
            resumes: 1,
            ttl: Some(60_000),
            pid: Some("w1".into()),
        }
    }

    #[test]
    fn a_held_task_names_its_holder() {
        let text = anstream::adapter::strip_str(&held().human(0)).to_string();
        let expected = "a  acquired\n  version  3\n  held by  w1\n  lease    1m\n  resumes  1";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_row_has_a_cell_for_every_title() {
        assert_eq!(held().cells(0).len(), TaskRecord::TITLES.len());
    }
}
