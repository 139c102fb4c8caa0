//! Times and spans as people read and write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use abide_protocol::Millis;
use chrono::{DateTime, SecondsFormat, Utc};

/// The time of this machine, in Unix milliseconds.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// Reads a span such as `5s`, `250ms`, `1h 30m` or `7days`.
///
/// # Errors
/// When it is none; the text says what one looks like.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("not a span of time ({error}); write it as 250ms, 5s, 90m or 24h"))
}

/// A span in milliseconds, rounded down; what does not fit is as good as for ever.
pub(crate) fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX)
}

/// A time as `2026-03-01T12:00:00.250Z`; what no calendar holds stays a number.
pub(crate) fn time(at: Millis) -> String {
    match DateTime::<Utc>::from_timestamp_millis(at) {
        Some(time) if at < END_OF_CALENDAR => time.to_rfc3339_opts(SecondsFormat::Millis, true),
        _ if at >= NEVER => "never".to_owned(),
        _ => at.to_string(),
    }
}

/// The first millisecond of the year 10000, from where four digits no longer do.
const END_OF_CALENDAR: Millis = 253_402_300_800_000;

/// The largest integer that JavaScript holds exactly: what SDKs write where they mean no deadline.
pub(crate) const NEVER: Millis = 9_007_199_254_740_991;

/// A span in at most two units: `850ms`, `1.2s`, `3m 20s`, `5h 10m`, `12d 3h`.
pub(crate) fn short(span: Millis) -> String {
    let span = span.max(0);
    let (seconds, rest) = (span / 1000, span % 1000);
    let two = |big: i64, big_unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{big}{big_unit}"),
        _ => format!("{big}{big_unit} {small}{small_unit}"),
    };
    match seconds {
        0 => format!("{span}ms"),
        1..10 => format!("{seconds}.{}s", rest / 100),
        10..60 => format!("{seconds}s"),
        60..3_600 => two(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "m"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// A time relative to now: `3s ago` or `in 5m`.
pub(crate) fn relative(at: Millis, now: Millis) -> String {
    match at.saturating_sub(now) {
        0 => "now".to_owned(),
        ahead if ahead > 0 => format!("in {}", short(ahead)),
        behind => format!("{} ago", short(behind.saturating_neg())),
    }
}

#[cfg(test)]
mod tests {
    use super::{millis, relative, short, span, time};

    #[test]
    fn spans_read_short() {
        for (span, text) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_250, "1.2s"),
            (59_999, "59s"),
            (60_000, "1m"),
            (200_000, "3m 20s"),
            (18_600_000, "5h 10m"),
            (86_400_000 * 12 + 3_600_000 * 3, "12d 3h"),
            (-5, "0ms"),
        ] {
            assert_eq!(short(span), text);
        }
    }

    #[test]
    fn spans_are_written_with_units() {
        assert_eq!(millis(span("1h 30m").unwrap()), 5_400_000);
        assert_eq!(millis(span("250ms").unwrap()), 250);
        let error = span("5").unwrap_err();
        assert!(error.contains("5s"), "{error}");
    }

    #[test]
    fn times_are_utc_and_never_is_never() {
        assert_eq!(time(1_000), "1970-01-01T00:00:01.000Z");
        assert_eq!(time(i64::MAX), "never");
        assert_eq!(time(9_007_199_254_740_991), "never");
        assert_eq!(time(9_007_199_254_740_990), "9007199254740990");
    }

    #[test]
    fn relative_times_name_their_side() {
        assert_eq!(relative(1_000, 4_000), "3.0s ago");
        assert_eq!(relative(304_000, 4_000), "in 5m");
        assert_eq!(relative(4_000, 4_000), "now");
        assert_eq!(relative(i64::MIN, i64::MAX), "106751991167d 7h ago");
    }
}
