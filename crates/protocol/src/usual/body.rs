use super::write_answer;
use crate::{
    Body, FencedAction,
    json::{Write, close, field, text},
};

impl Write for FencedAction {
    fn write(&self, out: &mut Vec<u8>) {
        write_answer(self.kind.as_str(), &self.corr_id, &self.response, out);
    }
}

impl Write for Body {
    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Body::Error(message) => return text(message, out),
            Body::Snapshot(snapshot) => {
                return serde_json::to_writer(out, snapshot).expect("it is written to memory");
            }
            Body::Empty {} => {}
            Body::Promise { promise } => field(",\"promise\":", promise, out),
            Body::Task { task } => field(",\"task\":", task, out),
            Body::Claim { task, promise, preload, more } => {
                field(",\"task\":", task, out);
                field(",\"promise\":", promise, out);
                field(",\"preload\":", preload, out);
                field(",\"more\":", more, out);
            }
            Body::Preload { preload, more } => {
                field(",\"preload\":", preload, out);
                field(",\"more\":", more, out);
            }
            Body::Reclaimed { reclaimed } => field(",\"reclaimed\":", reclaimed, out),
            Body::Fenced { action, preload } => {
                field(",\"action\":", action, out);
                field(",\"preload\":", preload, out);
            }
            Body::Promises { promises, cursor } => {
                field(",\"promises\":", promises, out);
                field(",\"cursor\":", cursor, out);
            }
            Body::Tasks { tasks, cursor } => {
                field(",\"tasks\":", tasks, out);
                field(",\"cursor\":", cursor, out);
            }
            Body::Schedule { schedule } => field(",\"schedule\":", schedule, out),
            Body::Schedules { schedules, cursor } => {
                field(",\"schedules\":", schedules, out);
                field(",\"cursor\":", cursor, out);
            }
        }
        close(start, out);
    }
}
