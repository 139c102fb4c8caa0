use super::Case;

pub(super) const CASES: &[Case] = &[
    (
        "schedule.create",
        r#"{"id":"s","cron":"* * * * *","promiseId":"x","promiseTimeout":1}"#,
        400,
        "promiseTags need the tag resonate:target",
    ),
    (
        "schedule.create",
        r#"{"id":"s","cron":"* * * *","promiseId":"x","promiseTimeout":1,"promiseTags":{"resonate:target":"poll://any@g"}}"#,
        400,
        r#"the cron expression "* * * *" is not one: it has 4 fields where 5 to 7 are needed"#,
    ),
    (
        "schedule.create",
        r#"{"id":"s","cron":"61 * * * *","promiseId":"x","promiseTimeout":1,"promiseTags":{"resonate:target":"poll://any@g"}}"#,
        400,
        "the cron expression \"61 * * * *\" is not one: Minutes must be less than 59. ('61' specified.)",
    ),
    (
        "schedule.create",
        r#"{"id":"s","cron":"0 0 0 30 2 *","promiseId":"x","promiseTimeout":1,"promiseTags":{"resonate:target":"poll://any@g"}}"#,
        400,
        r#"the cron expression "0 0 0 30 2 *" never occurs"#,
    ),
    (
        "schedule.create",
        r#"{"id":"s","cron":"* * * * *","promiseId":"x","promiseTimeout":-1,"promiseTags":{"resonate:target":"poll://any@g"}}"#,
        400,
        "promiseTimeout must not be negative",
    ),
    ("schedule.get", r#"{"id":"none"}"#, 404, r#"there is no schedule "none""#),
    ("schedule.delete", r#"{"id":""}"#, 400, "id must not be empty"),
    ("debug.reset", "{}", 403, "debug.reset is not served: the server runs without --debug"),
    ("debug.snap", "{}", 403, "debug.snap is not served: the server runs without --debug"),
    (
        "debug.tick",
        r#"{"time":"now"}"#,
        400,
        r#"the data of debug.tick cannot be read: invalid type: string "now", expected i64 at line 1 column 13"#,
    ),
];
