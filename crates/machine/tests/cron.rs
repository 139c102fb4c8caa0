//! Cron expressions, as a schedule sees them.

use std::sync::Arc;

use abide_machine::{Config, Step, View, step, testing::Model};
use abide_protocol::{Millis, Request, ScheduleCreate, Status, Tags, tag};
use proptest::prelude::*;

const MINUTE: Millis = 60_000;

fn create(cron: &str) -> Request {
    Request::ScheduleCreate(ScheduleCreate {
        id: "s".into(),
        cron: cron.into(),
        promise_id: "{{.id}}-{{.timestamp}}".into(),
        promise_timeout: 1,
        promise_param: Arc::default(),
        promise_tags: Arc::new(Tags::from_iter([(tag::TARGET, "poll://any@w")])),
    })
}

fn next(cron: &str, now: Millis) -> Option<Millis> {
    let mut model = Model::new(Config::default());
    model.request(&create(cron), now);
    Some(model.schedule(&"s".into())?.record.next_run_at)
}

/// The parts of a field, some of them nonsense.
fn field() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => Just("*".to_owned()),
        4 => (0..70u32).prop_map(|n| n.to_string()),
        2 => (0..70u32, 0..70u32).prop_map(|(from, to)| format!("{from}-{to}")),
        2 => (0..70u32).prop_map(|n| format!("*/{n}")),
        1 => any::<u64>().prop_map(|n| n.to_string()),
        1 => any::<u32>().prop_map(|n| format!("0/{n}")),
        1 => any::<u32>().prop_map(|n| format!("0-{n}")),
        1 => any::<u32>().prop_map(|n| format!("1970-{n}")),
        1 => (0..70u32, 0..3u32).prop_map(|(n, step)| format!("0-{n}/{step}")),
        1 => Just("?".to_owned()),
        1 => Just("L".to_owned()),
        1 => Just("Mon-Fri".to_owned()),
        1 => Just("5#3".to_owned()),
        1 => "[-*/,0-9a-zA-Z#?é]{0,5}",
    ];
    proptest::collection::vec(part, 1..3).prop_map(|parts| parts.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..Default::default() })]

    /// Whatever the text, the answer is a schedule that lies ahead or a 400; never a panic.
    #[test]
    fn any_text_is_answered(
        fields in proptest::collection::vec(field(), 0..9),
        now in prop_oneof![0..4_102_444_800_000i64, any::<i64>().prop_map(i64::saturating_abs)],
    ) {
        let request = Step::Request(create(&fields.join(" ")));
        let model = Model::new(Config::default());
        let response = step(&model, &request, now, &Config::default()).response.unwrap();
        prop_assert!(matches!(response.status, Status::Ok | Status::BadRequest), "{response:?}");
        if let abide_protocol::Body::Schedule { schedule } = &response.body {
            prop_assert!(schedule.next_run_at > now);
            prop_assert_eq!(schedule.next_run_at % 1_000, 0);
        }
    }

    /// Minutes and hours, against a clock that is looked at every minute.
    #[test]
    fn minutes_and_hours_as_a_clock_shows_them(
        minute in prop_oneof![Just(None), (0..60i64).prop_map(Some)],
        hour in prop_oneof![Just(None), (0..24i64).prop_map(Some)],
        now in 0..4_000_000_000_000i64,
    ) {
        let text = |part: Option<i64>| part.map_or("*".to_owned(), |part| part.to_string());
        let first = now - now % MINUTE + MINUTE;
        let expected = (first..).step_by(MINUTE as usize).find(|time| {
            minute.is_none_or(|minute| time / MINUTE % 60 == minute)
                && hour.is_none_or(|hour| time / (60 * MINUTE) % 24 == hour)
        });
        prop_assert_eq!(next(&format!("{} {} * * *", text(minute), text(hour)), now), expected);
    }

    /// Days of the week are 1 to 7 from Sunday, unlike crontab's.
    #[test]
    fn days_of_the_week_are_counted_from_sunday(day in 1..8i64, now in 0..4_000_000_000_000i64) {
        let today = now / (24 * 60 * MINUTE);
        // The first day of Unix time was a Thursday, the fifth day of such a week.
        let next_day = (today + 1..).find(|days| (days + 4) % 7 + 1 == day).unwrap();
        prop_assert_eq!(next(&format!("0 0 * * {day}"), now), Some(next_day * 24 * 60 * MINUTE));
    }
}
