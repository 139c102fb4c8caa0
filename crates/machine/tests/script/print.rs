use std::fmt::Write;

use abide_machine::{
    Effect, Internal, Key, Outcome, Phase, Promise, Row, Task, armed as armed_by, testing::Model,
};
use abide_protocol::{Body, PromiseRecord, Response, ScheduleRecord, Tags, TaskRecord, Value};

pub(super) fn outcome(outcome: &Outcome) -> String {
    let mut out = outcome.response.as_ref().map(response).unwrap_or_default();
    outcome.effects.iter().for_each(|effect| writeln!(out, "  {}", self::effect(effect)).unwrap());
    if out.is_empty() { "  nothing\n".into() } else { out }
}

pub(super) fn fired(fired: &[(Internal, Outcome)]) -> String {
    let mut out = String::new();
    for (step, outcome) in fired {
        writeln!(out, "  * {}", internal(step)).unwrap();
        outcome.effects.iter().for_each(|it| writeln!(out, "    {}", effect(it)).unwrap());
    }
    if out.is_empty() { "  nothing\n".into() } else { out }
}

pub(super) fn state(model: &Model) -> String {
    model.rows().values().map(|it| format!("  {}\n", row(it))).collect()
}

pub(super) fn armed(model: &Model) -> String {
    let mut steps: Vec<_> = model.rows().values().flat_map(armed_by).collect();
    steps.sort();
    let lines = steps.iter().map(|(time, step)| format!("  at {time} {}\n", internal(step)));
    let out: String = lines.collect();
    if out.is_empty() { "  nothing\n".into() } else { out }
}

pub(super) fn response(response: &Response) -> String {
    format!("  -> {} {}\n", response.status.code(), body(&response.body)).replace(" \n", "\n")
}

fn body(body: &Body) -> String {
    match body {
        Body::Error(message) => message.clone(),
        Body::Empty {} => String::new(),
        Body::Promise { promise } => format!("promise {}", self::promise(promise)),
        Body::Task { task } => format!("task {}", self::task(task)),
        Body::Claim { task, promise, preload, more } => {
            format!(
                "task {}, promise {}{}{}",
                self::task(task),
                self::promise(promise),
                self::preload(preload),
                self::more(*more)
            )
        }
        Body::Preload { preload, more } => {
            let told = self::preload(preload) + self::more(*more);
            told.trim_start_matches([' ', ',']).to_owned()
        }
        Body::Reclaimed { reclaimed } => format!("reclaimed {reclaimed}"),
        Body::Fenced { action, preload } => {
            let (kind, inner) = (action.kind, self::response(&action.response));
            let inner = inner.trim().trim_start_matches("-> ");
            format!("({kind} {inner}){}", self::preload(preload))
        }
        Body::Promises { promises, cursor } => page(promises.iter().map(|it| promise(it)), cursor),
        Body::Tasks { tasks, cursor } => page(tasks.iter().map(task), cursor),
        Body::Schedule { schedule } => format!("schedule {}", self::schedule(schedule)),
        Body::Schedules { schedules, cursor } => {
            page(schedules.iter().map(|it| schedule(it)), cursor)
        }
        Body::Snapshot(snapshot) => format!("{snapshot:?}"),
    }
}

fn page(records: impl Iterator<Item = String>, cursor: &Option<String>) -> String {
    let records = records.collect::<Vec<_>>().join("; ");
    match cursor {
        Some(cursor) => format!("[{records}] cursor={cursor}"),
        None => format!("[{records}]"),
    }
}

fn more(more: bool) -> &'static str {
    if more { ", more" } else { "" }
}

fn preload(promises: &[std::sync::Arc<PromiseRecord>]) -> String {
    if promises.is_empty() {
        return String::new();
    }
    let ids: Vec<_> =
        promises.iter().map(|it| format!("{} {}", it.id, it.state.as_str())).collect();
    format!(", preload [{}]", ids.join("; "))
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Put(row) => format!("+ {}", self::row(row)),
        Effect::Delete(Key::Schedule(id)) => format!("- schedule {id}"),
        Effect::Delete(Key::Unblock(address, id)) => format!("- unblock {address} of {id}"),
        Effect::Delete(Key::Promise(id)) => format!("- promise {id}"),
        Effect::Delete(Key::Task(id)) => format!("- task {id}"),
        Effect::Execute { address, id, version } => {
            format!("! execute {id} v{version} to {address}")
        }
    }
}

fn row(row: &Row) -> String {
    match row {
        Row::Promise(promise) => stored_promise(promise),
        Row::Task(task) => stored_task(task),
        Row::Schedule(schedule) => {
            let record = &schedule.record;
            format!("schedule {}{}", self::schedule(record), tags(&record.promise_tags))
        }
        Row::Unblock(unblock) => format!("unblock {} of {}", unblock.address, unblock.promise),
    }
}

fn stored_promise(promise: &Promise) -> String {
    let mut out = format!("promise {}", self::promise(&promise.record));
    let awaiters: Vec<_> = promise.awaiters.iter().map(|id| &**id).collect();
    if !awaiters.is_empty() {
        write!(out, " awaiters=[{}]", awaiters.join(" ")).unwrap();
    }
    let listeners: Vec<_> = promise.listeners.iter().map(|address| &**address).collect();
    if !listeners.is_empty() {
        write!(out, " listeners=[{}]", listeners.join(" ")).unwrap();
    }
    let unheard: Vec<_> = promise.unheard.iter().map(|address| &**address).collect();
    if !unheard.is_empty() {
        write!(out, " unheard=[{}]", unheard.join(" ")).unwrap();
    }
    if promise.cascading {
        out.push_str(" cascading");
    }
    out + &tags(&promise.record.tags)
}

fn stored_task(task: &Task) -> String {
    let mut out = format!("task {}", self::task(&task.record()));
    let resumed: Vec<_> = task.resumed.iter().map(|id| &**id).collect();
    if !resumed.is_empty() {
        write!(out, "[{}]", resumed.join(" ")).unwrap();
    }
    match &task.phase {
        Phase::Pending { due, offered: true } => write!(out, " retry={due}"),
        Phase::Pending { due, offered: false } => write!(out, " delayed={due}"),
        Phase::Acquired { expires, .. } => write!(out, " until={expires}"),
        Phase::Suspended | Phase::Halted | Phase::Fulfilled => Ok(()),
    }
    .unwrap();
    out
}

fn promise(record: &PromiseRecord) -> String {
    let PromiseRecord { id, created_at, timeout_at, .. } = record;
    let mut out = format!("{id} {} {created_at}..{timeout_at}", record.state.as_str());
    if let Some(time) = record.settled_at {
        write!(out, " settled={time}").unwrap();
    }
    out + &payload("param", &record.param) + &payload("value", &record.value)
}

fn payload(name: &str, value: &Value) -> String {
    value.data.as_ref().map_or_else(String::new, |data| format!(" {name}={data}"))
}

fn task(record: &TaskRecord) -> String {
    let mut out = format!("{} v{} {}", record.id, record.version, record.state.as_str());
    if let (Some(pid), Some(ttl)) = (&record.pid, record.ttl) {
        write!(out, " pid={pid} ttl={ttl}").unwrap();
    }
    if record.resumes > 0 {
        write!(out, " resumes={}", record.resumes).unwrap();
    }
    out
}

fn schedule(record: &ScheduleRecord) -> String {
    let ScheduleRecord { id, cron, promise_id, created_at, next_run_at, .. } = record;
    let mut out =
        format!("{id} {cron:?} makes {promise_id} created={created_at} next={next_run_at}");
    if let Some(last) = record.last_run_at {
        write!(out, " last={last}").unwrap();
    }
    out
}

fn tags(tags: &Tags) -> String {
    if tags.is_empty() {
        return String::new();
    }
    let short = |(name, value): (&str, &str)| {
        format!("{}={value}", name.strip_prefix("resonate:").unwrap_or(name))
    };
    format!(" {{{}}}", tags.iter().map(short).collect::<Vec<_>>().join(" "))
}

fn internal(internal: &Internal) -> String {
    match internal {
        Internal::Deadline { id } => format!("deadline id={id}"),
        Internal::Callback { awaited, awaiter } => {
            format!("callback awaited={awaited} awaiter={awaiter}")
        }
        Internal::Listener { id, address } => format!("listener id={id} address={address}"),
        Internal::Lease { id } => format!("lease id={id}"),
        Internal::Dispatch { id } => format!("dispatch id={id}"),
        Internal::Offer { id } => format!("offer id={id}"),
        Internal::Occurrence { id, promise } => format!("occurrence id={id} promise={promise}"),
        Internal::Cancel { owner, id } => format!("cancel owner={owner} id={id}"),
        Internal::Cascade { id } => format!("cascade id={id}"),
        Internal::Delivered(unblock) => {
            format!("delivered address={} promise={}", unblock.address, unblock.promise)
        }
    }
}
