//! A schedule that runs every second, whatever happens to the server.

use abide_client::{HttpLink, Link};
use abide_protocol::{Millis, Request, ScheduleCreate, Tags};

use super::{apart::Apart, clock::now, model::Entries};

/// What its promises' ids begin with.
const PREFIX: &str = "pulse-";

const SECOND: Millis = 1_000;

/// Whether this is the id of a promise that the schedule has created.
pub(crate) fn ran(id: &str) -> bool {
    id.starts_with(PREFIX)
}

/// The schedule, and how far it was seen to have run.
pub(crate) struct Pulse {
    /// The first run there must be, in seconds.
    first: Millis,
    /// The last one that was seen.
    last: Millis,
}

impl Pulse {
    /// Creates the schedule.
    pub(crate) async fn start(link: &HttpLink) -> Self {
        let target = ("resonate:target", "poll://any@nobody-at-all");
        let create = ScheduleCreate {
            id: "pulse".into(),
            cron: "* * * * * *".into(),
            promise_id: format!("{PREFIX}{{{{.timestamp}}}}"),
            promise_timeout: SECOND * 86_400,
            promise_param: Default::default(),
            promise_tags: Tags::from_iter([target]).into(),
        };
        let response = link.call(Request::ScheduleCreate(create)).await.expect("it answers");
        let abide_protocol::Body::Schedule { schedule } = response.body else {
            panic!("{response:?}")
        };
        let first = schedule.next_run_at / SECOND;
        Pulse { first, last: first - 1 }
    }

    /// How often it ran.
    pub(crate) fn runs(&self) -> usize {
        usize::try_from(self.last + 1 - self.first).expect("time goes on")
    }
}

impl Apart for Pulse {
    /// Every run from the first to the present must be there: a server that was down catches up.
    fn take(&mut self, found: &mut Entries) -> Vec<String> {
        let present = now() / SECOND - 1;
        let mut runs: Vec<Millis> = Vec::new();
        found.retain(|id, _| match id.strip_prefix(PREFIX) {
            Some(time) => {
                let time: Millis = time.parse().expect("the template holds the time");
                assert_eq!(time % SECOND, 0, "{id}");
                runs.push(time / SECOND);
                false
            }
            None => true,
        });
        runs.sort_unstable();
        let last = runs.last().copied().unwrap_or(self.first - 1);
        if last < present.max(self.last) {
            return vec![format!("the schedule ran last at {last}, and it is {present} now")];
        }
        assert!(runs.iter().copied().eq(self.first..=last), "runs from {}: {runs:?}", self.first);
        self.last = last;
        Vec::new()
    }
}
