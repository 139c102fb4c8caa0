use crate::{
    Id, PromiseRecord, PromiseState, ScheduleRecord, SettleState, TaskRecord, TaskState, Value,
    json::{Read, Reader, Unfit, Write, object, plain_text, text},
};

object!(PromiseRecord {
    id: "id",
    state: "state",
    param: "param",
    value: "value",
    tags: "tags",
    timeout_at: "timeoutAt",
    created_at: "createdAt",
    settled_at: "settledAt" optional,
});

object!(TaskRecord {
    id: "id",
    state: "state",
    version: "version",
    resumes: "resumes",
    ttl: "ttl" optional,
    pid: "pid" optional,
});

object!(ScheduleRecord {
    id: "id",
    cron: "cron",
    promise_id: "promiseId",
    promise_timeout: "promiseTimeout",
    promise_param: "promiseParam",
    promise_tags: "promiseTags",
    created_at: "createdAt",
    next_run_at: "nextRunAt",
    last_run_at: "lastRunAt" optional,
});

object!(Value {
    headers: "headers" optional,
    data: "data" optional,
});

impl<'de> Read<'de> for Id {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        Ok(Id::from(&*reader.string()?))
    }
}

impl Write for Id {
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        text(self, out);
    }
}

macro_rules! states {
    ($type:ident { $($name:ident = $text:literal,)* }) => {
        impl<'de> Read<'de> for $type {
            fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
                match reader.plain_string()? {
                    $($text => Ok($type::$name),)*
                    _ => Err(Unfit),
                }
            }
        }

        impl Write for $type {
            fn write(&self, out: &mut Vec<u8>) {
                plain_text(match self { $($type::$name => $text,)* }, out);
            }
        }
    };
}

states!(PromiseState {
    Pending = "pending",
    Resolved = "resolved",
    Rejected = "rejected",
    RejectedCanceled = "rejected_canceled",
    RejectedTimedout = "rejected_timedout",
});

states!(SettleState {
    Resolved = "resolved",
    Rejected = "rejected",
    RejectedCanceled = "rejected_canceled",
});

states!(TaskState {
    Pending = "pending",
    Acquired = "acquired",
    Suspended = "suspended",
    Halted = "halted",
    Fulfilled = "fulfilled",
});
