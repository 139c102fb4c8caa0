use abide_machine::{Key, Row};
use abide_protocol::{FenceAction, PromiseCreate, PromiseRecord, Request, Tags, Value};

/// What a small heap object costs besides its content, about.
const OBJECT: usize = 48;

/// The bytes that a row takes in memory and, about, in the store.
pub(crate) fn of_row(row: &Row) -> usize {
    match row {
        Row::Promise(promise) => {
            let record = &promise.record;
            let awaiters: usize = promise.awaiters.iter().map(|id| OBJECT + id.len()).sum();
            let listeners: usize = promise.listeners.iter().map(|to| OBJECT + to.len()).sum();
            let unheard: usize = promise.unheard.iter().map(|to| OBJECT + to.len()).sum();
            of_promise(record) + awaiters + listeners + unheard
        }
        Row::Task(task) => {
            let resumed: usize = task.resumed.iter().map(|id| OBJECT + id.len()).sum();
            2 * OBJECT + task.id.len() + task.address.len() + resumed
        }
        Row::Schedule(schedule) => {
            let record = &schedule.record;
            let text = record.id.len() + record.cron.len() + record.promise_id.len();
            6 * OBJECT + text + of_value(&record.promise_param) + of_tags(&record.promise_tags)
        }
        Row::Unblock(_) => 2 * OBJECT,
    }
}

/// The bytes that a key and its place in a table take.
pub(crate) fn of_key(key: &Key) -> usize {
    let text = match key {
        Key::Promise(id) | Key::Task(id) | Key::Schedule(id) => id.len(),
        Key::Unblock(address, id) => address.len() + id.len(),
    };
    2 * OBJECT + text
}

/// The bytes that a promise takes without those who wait for it.
pub(crate) fn of_promise(record: &PromiseRecord) -> usize {
    let content = of_value(&record.param) + of_value(&record.value) + of_tags(&record.tags);
    4 * OBJECT + record.id.len() + content
}

/// The bytes that a request takes while it waits.
pub(crate) fn of_request(request: &Request) -> usize {
    let create = |data: &PromiseCreate| of_value(&data.param) + of_tags(&data.tags);
    let content = match request {
        Request::PromiseCreate(data) => create(data),
        Request::PromiseSettle(data) => of_value(&data.value),
        Request::TaskCreate(data) => create(&data.action.create),
        Request::TaskFence(data) => match &data.action {
            FenceAction::Create(action) => create(&action.create),
            FenceAction::Settle(action) => of_value(&action.settle.value),
            FenceAction::Record(action) => create(&action.create) + of_value(&action.settle.value),
        },
        Request::TaskFulfill(data) => of_value(&data.action.settle.value),
        Request::TaskSuspend(data) => 4 * OBJECT * data.actions.len(),
        Request::TaskReclaim(data) => 2 * OBJECT * data.promises.len(),
        Request::TaskHeartbeat(data) => 2 * OBJECT * data.tasks.len(),
        Request::ScheduleCreate(data) => {
            of_value(&data.promise_param) + of_tags(&data.promise_tags)
        }
        _ => 0,
    };
    4 * OBJECT + content
}

pub(crate) fn of_value(value: &Value) -> usize {
    let headers = value.headers.as_ref().map_or(0, of_tags);
    OBJECT + headers + value.data.as_ref().map_or(0, String::len)
}

fn of_tags(tags: &Tags) -> usize {
    OBJECT * tags.len() + tags.text_len()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use abide_machine::{Phase, Promise, Schedule, Task, Unblock};
    use abide_protocol::{
        CallbackAction, CreateAction, Leased, PromiseGet, PromiseSettle, PromiseState,
        RegisterCallback, ScheduleCreate, ScheduleRecord, SettleAction, SettleState, TaskCreate,
        TaskFence, TaskFulfill, TaskHeartbeat, TaskReclaim, TaskSuspend,
    };

    use super::*;

    /// A piece of text that is found again in a weight.
    const LONG: usize = 1_000;
    /// What a piece may cost besides its text: a few heap objects.
    const BESIDES: usize = 4 * OBJECT;

    fn long() -> String {
        "x".repeat(LONG)
    }

    /// What is added is weighed, with little besides.
    fn adds(text: usize, before: usize, after: usize) {
        assert!(before >= OBJECT, "nothing weighs {before}");
        assert!((text..=text + BESIDES).contains(&(after - before)), "{before} became {after}");
    }

    fn tags() -> Arc<Tags> {
        Arc::new([(long(), long())].into_iter().collect())
    }

    fn named() -> Arc<Value> {
        let headers = [(long(), long())].into_iter().collect();
        Arc::new(Value { headers: Some(headers), data: Some(long()) })
    }

    fn record() -> PromiseRecord {
        PromiseRecord {
            id: "a".into(),
            state: PromiseState::Pending,
            param: Arc::default(),
            value: Arc::default(),
            tags: Arc::default(),
            timeout_at: 0,
            created_at: 0,
            settled_at: None,
        }
    }

    fn promise() -> Promise {
        Promise {
            record: Arc::new(record()),
            awaiters: BTreeSet::new(),
            listeners: BTreeSet::new(),
            unheard: BTreeSet::new(),
            cascading: false,
        }
    }

    fn weight(promise: &Promise) -> usize {
        of_row(&Row::Promise(Arc::new(promise.clone())))
    }

    #[test]
    fn all_of_a_promise_is_weighed() {
        let plain = weight(&promise());
        for (text, record) in [
            (LONG - 1, PromiseRecord { id: long().into(), ..record() }),
            (3 * LONG, PromiseRecord { param: named(), ..record() }),
            (3 * LONG, PromiseRecord { value: named(), ..record() }),
            (2 * LONG, PromiseRecord { tags: tags(), ..record() }),
        ] {
            adds(text, plain, weight(&Promise { record: Arc::new(record), ..promise() }));
        }
        let ids = || BTreeSet::from([long().into()]);
        let addresses = || BTreeSet::from([long().into()]);
        adds(LONG, plain, weight(&Promise { awaiters: ids(), ..promise() }));
        adds(LONG, plain, weight(&Promise { listeners: addresses(), ..promise() }));
        adds(LONG, plain, weight(&Promise { unheard: addresses(), ..promise() }));
    }

    #[test]
    fn all_of_the_other_rows_is_weighed() {
        let task = Task {
            id: "a".into(),
            address: "b".into(),
            version: 0,
            resumes: 0,
            resumed: Vec::new(),
            phase: Phase::Suspended,
        };
        let weight = |task: &Task| of_row(&Row::Task(Arc::new(task.clone())));
        let plain = weight(&task);
        adds(LONG - 1, plain, weight(&Task { id: long().into(), ..task.clone() }));
        adds(LONG - 1, plain, weight(&Task { address: long().into(), ..task.clone() }));
        adds(LONG, plain, weight(&Task { resumed: vec![long().into()], ..task }));
        let record = ScheduleRecord {
            id: "a".into(),
            cron: "bb".into(),
            promise_id: "cc".into(),
            promise_timeout: 0,
            promise_param: Arc::default(),
            promise_tags: Arc::default(),
            created_at: 0,
            next_run_at: 0,
            last_run_at: None,
        };
        let weight = |record: ScheduleRecord| {
            of_row(&Row::Schedule(Arc::new(Schedule { record: Arc::new(record) })))
        };
        let plain = weight(record.clone());
        for (text, record) in [
            (LONG - 1, ScheduleRecord { id: long().into(), ..record.clone() }),
            (LONG - 2, ScheduleRecord { cron: long(), ..record.clone() }),
            (LONG - 2, ScheduleRecord { promise_id: long(), ..record.clone() }),
            (3 * LONG, ScheduleRecord { promise_param: named(), ..record.clone() }),
            (2 * LONG, ScheduleRecord { promise_tags: tags(), ..record.clone() }),
        ] {
            adds(text, plain, weight(record));
        }
        let unblock = Unblock { address: "a".into(), promise: "b".into() };
        let bytes = of_row(&Row::Unblock(Arc::new(unblock)));
        assert!((OBJECT..=BESIDES).contains(&bytes), "{bytes}");
    }

    #[test]
    fn all_of_a_key_is_weighed() {
        for key in [Key::Promise, Key::Task, Key::Schedule] {
            adds(LONG - 1, of_key(&key("a".into())), of_key(&key(long().into())));
        }
        let plain = of_key(&Key::Unblock("a".into(), "b".into()));
        adds(2 * LONG - 2, plain, of_key(&Key::Unblock(long().into(), long().into())));
    }

    fn create(param: Arc<Value>, tags: Arc<Tags>) -> CreateAction {
        let create = PromiseCreate { id: "a".into(), timeout_at: 0, param, tags };
        CreateAction { corr_id: "c".into(), create }
    }

    fn settle(value: Arc<Value>) -> SettleAction {
        let settle = PromiseSettle { id: "a".into(), state: SettleState::Resolved, value };
        SettleAction { corr_id: "c".into(), settle }
    }

    /// What a request brings along is weighed.
    #[test]
    fn all_of_a_request_is_weighed() {
        let plain = of_request(&Request::PromiseGet(PromiseGet { id: "a".into() }));
        let heavy = |text: usize, request: Request| {
            let bytes = of_request(&request);
            let most = plain + text + 2 * BESIDES;
            assert!((text..=most).contains(&bytes), "{bytes} for {text}: {}", request.kind());
        };
        let created = || create(named(), tags());
        let tagged = 2 * LONG;
        let fence = |action| TaskFence { id: "a".into(), version: 1, action };
        heavy(3 * LONG + tagged, Request::PromiseCreate(created().create));
        heavy(3 * LONG, Request::PromiseSettle(settle(named()).settle));
        let task = TaskCreate { pid: "p".into(), ttl: 1, action: created() };
        heavy(3 * LONG + tagged, Request::TaskCreate(task));
        let fenced = FenceAction::Create(created());
        heavy(3 * LONG + tagged, Request::TaskFence(fence(fenced)));
        heavy(3 * LONG, Request::TaskFence(fence(FenceAction::Settle(settle(named())))));
        let fulfill = TaskFulfill { id: "a".into(), version: 1, action: settle(named()) };
        heavy(3 * LONG, Request::TaskFulfill(fulfill));
        let schedule = ScheduleCreate {
            id: "a".into(),
            cron: "b".into(),
            promise_id: "c".into(),
            promise_timeout: 0,
            promise_param: named(),
            promise_tags: tags(),
        };
        heavy(3 * LONG + tagged, Request::ScheduleCreate(schedule));
    }

    /// A list weighs with its length.
    #[test]
    fn a_long_list_is_heavy() {
        let plain = of_request(&Request::PromiseGet(PromiseGet { id: "a".into() }));
        let callback = RegisterCallback { awaited: "a".into(), awaiter: "b".into() };
        let suspend = TaskSuspend {
            id: "a".into(),
            version: 1,
            actions: vec![CallbackAction { corr_id: "c".into(), callback }; LONG],
            resumed: false,
            again: false,
        };
        let promises = vec!["b".into(); LONG];
        let tasks = vec![Leased { id: "a".into(), version: 1 }; LONG];
        for request in [
            Request::TaskSuspend(suspend),
            Request::TaskReclaim(TaskReclaim { id: "a".into(), version: 1, promises }),
            Request::TaskHeartbeat(TaskHeartbeat { pid: "p".into(), tasks }),
        ] {
            let each = (of_request(&request) - plain) / LONG;
            assert!((OBJECT..=BESIDES).contains(&each), "{each}: {}", request.kind());
        }
    }
}
