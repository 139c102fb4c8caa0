use crate::support::Abide;

const NIGHTLY: [&str; 8] =
    ["schedule", "create", "nightly", "--cron", "0 3 * * *", "--func", "report", "--json"];

#[test]
fn a_schedule_lives_and_ends() {
    let abide = Abide::dev();
    let created = abide.run(&NIGHTLY[..7]).exits(0);
    created.shows("nightly  0 3 * * *\n").shows("call      report()").shows("last run  never");
    abide.run(&["schedule", "get", "nightly"]).exits(0).shows("promise   {{.id}}-{{.timestamp}}");

    let table = abide.run(&["schedule", "search"]).exits(0);
    assert_eq!(table.stdout.lines().count(), 2, "{table:#?}");
    table.shows("report()");

    let deleted = abide.run(&["schedule", "delete", "nightly"]).exits(0);
    assert_eq!(deleted.stdout, "");
    deleted.says("deleted the schedule");
    abide.run(&["schedule", "get", "nightly"]).exits(3);
    abide.run(&["schedule", "delete", "nightly"]).exits(3);
}

#[test]
fn programs_get_the_record() {
    let abide = Abide::dev();
    let created = abide.run(&NIGHTLY).exits(0).json();
    assert_eq!(created["cron"], "0 3 * * *");
    assert_eq!(created["promiseTimeout"], 86_400_000);
    assert_eq!(created["promiseParam"]["json"]["func"], "report");
    assert_eq!(created["promiseTags"]["resonate:target"], "poll://any@default");
    assert!(created["nextRunAt"].as_i64() > created["createdAt"].as_i64());
    let got = abide.run(&["schedule", "get", "nightly", "--json"]).exits(0).json();
    assert_eq!(got, created);
    let found = abide.run(&["schedule", "search", "--json"]).exits(0).json();
    assert_eq!(found, created);
    let deleted = abide.run(&["schedule", "delete", "nightly", "--json"]).exits(0);
    assert_eq!(deleted.stdout, "");
}

#[test]
fn creating_it_again_is_fine_and_another_one_is_a_conflict() {
    let abide = Abide::dev();
    abide.run(&NIGHTLY).exits(0);
    abide.run(&NIGHTLY).exits(0);
    let other = ["schedule", "create", "nightly", "--cron", "0 4 * * *", "--func", "report"];
    abide.run(&other).exits(4).shows("0 3 * * *").says("another schedule has this id");
}

#[test]
fn a_schedule_calls_by_the_clock() {
    let abide = Abide::dev();
    let every = ["schedule", "create", "pulse", "--cron", "* * * * * *", "--func", "beat"];
    abide.run(&every).exits(0);
    crate::support::until("a call by the schedule", || {
        let args = ["promise", "search", "--tag", "resonate:schedule=pulse", "--json"];
        abide.run(&args).stdout.contains(r#"{"func":"beat","args":[]}"#)
    });
    abide.run(&["schedule", "get", "pulse"]).exits(0).shows(" ago)");
}

#[test]
fn a_bad_expression_is_refused() {
    let abide = Abide::dev();
    let bad = ["schedule", "create", "x", "--cron", "every day", "--func", "f"];
    abide.run(&bad).exits(1).says("error: refused (400): ");
}
