use crate::{
    Leased, PromiseCreate, PromiseGet, PromiseSearch, PromiseSettle, RegisterCallback,
    RegisterListener, ScheduleCreate, ScheduleDelete, ScheduleGet, ScheduleSearch, TaskAcquire,
    TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskGet, TaskHalt, TaskHeartbeat,
    TaskReclaim, TaskRelease, TaskSearch, TaskSuspend, Tick,
    action::Recorded,
    json::{object, readable},
};

object!(PromiseGet { id: "id" });
object!(PromiseCreate { id: "id", timeout_at: "timeoutAt", param: "param" optional, tags: "tags" optional, });
object!(PromiseSettle { id: "id", state: "state", value: "value" optional, });
readable!(Recorded {
    id: "id",
    timeout_at: "timeoutAt",
    param: "param" optional,
    tags: "tags" optional,
    state: "state",
    value: "value" optional,
});
object!(RegisterCallback { awaited: "awaited", awaiter: "awaiter" });
object!(RegisterListener { awaited: "awaited", address: "address" });
object!(PromiseSearch { state: "state" optional, tags: "tags" optional, limit: "limit" optional, cursor: "cursor" optional, });
object!(TaskGet { id: "id" });
object!(TaskCreate { pid: "pid", ttl: "ttl", action: "action" });
object!(TaskAcquire {
    id: "id",
    version: "version",
    pid: "pid",
    ttl: "ttl",
    resumed: "resumed" optional,
});
object!(TaskFence { id: "id", version: "version", action: "action" });
object!(TaskHeartbeat { pid: "pid", tasks: "tasks" optional, });
object!(Leased { id: "id", version: "version" });
object!(TaskSuspend {
    id: "id",
    version: "version",
    actions: "actions",
    resumed: "resumed" optional,
    again: "again" optional,
});
object!(TaskReclaim { id: "id", version: "version", promises: "promises" });
object!(TaskFulfill { id: "id", version: "version", action: "action" });
object!(TaskRelease { id: "id", version: "version" });
object!(TaskHalt { id: "id" });
object!(TaskContinue { id: "id" });
object!(TaskSearch { state: "state" optional, limit: "limit" optional, cursor: "cursor" optional, });
object!(ScheduleGet { id: "id" });
object!(ScheduleCreate {
    id: "id",
    cron: "cron",
    promise_id: "promiseId",
    promise_timeout: "promiseTimeout",
    promise_param: "promiseParam" optional,
    promise_tags: "promiseTags" optional,
});
object!(ScheduleDelete { id: "id" });
object!(ScheduleSearch { tags: "tags" optional, limit: "limit" optional, cursor: "cursor" optional, });
object!(Tick { time: "time" });
