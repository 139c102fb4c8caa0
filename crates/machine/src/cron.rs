use std::str::FromStr;

use abide_protocol::Millis;
use chrono::{DateTime, Utc};

/// The first occurrence of a cron expression after `now`, in UTC; `None` when there is none within
/// the years that the `cron` crate knows.
///
/// # Errors
/// With the reason when the expression is not one.
pub(crate) fn next_after(expression: &str, now: Millis) -> Result<Option<Millis>, String> {
    let schedule = parse(expression)?;
    let Some(now) = DateTime::<Utc>::from_timestamp_millis(now) else { return Ok(None) };
    Ok(schedule.after(&now).next().map(|time| time.timestamp_millis()))
}

fn parse(expression: &str) -> Result<cron::Schedule, String> {
    let refusal = |reason: &str| format!("the cron expression {expression:?} is not one: {reason}");
    let fields = expression.split_whitespace().count();
    let parsed = match fields {
        // The five fields of crontab have no seconds: such a schedule runs at second 0.
        5 => cron::Schedule::from_str(&format!("0 {expression}")),
        6 | 7 => cron::Schedule::from_str(expression),
        _ => return Err(refusal(&format!("it has {fields} fields where 5 to 7 are needed"))),
    };
    // The crate draws the expression with a mark below it; its last line says what is wrong.
    parsed.map_err(|error| {
        let text = error.to_string();
        refusal(text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it is malformed"))
    })
}
