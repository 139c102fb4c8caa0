use std::{fmt::Write, time::SystemTime};

use httpdate::HttpDate;
use tokio::time::{Duration, Instant};

/// How long a text is used: dates are told to the second.
const FRESH: Duration = Duration::from_secs(1);

/// The time of day as answers tell it, written anew once a second.
#[derive(Default)]
pub(crate) struct Date {
    text: String,
    until: Option<Instant>,
}

impl Date {
    /// The date; `now` says whether the text is still good.
    pub(crate) fn at(&mut self, now: Instant) -> &str {
        if self.until.is_none_or(|until| until <= now) {
            self.text.clear();
            let date = HttpDate::from(SystemTime::now());
            write!(self.text, "{date}").expect("a string takes everything");
            self.until = Some(now + FRESH);
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_once_a_second() {
        let (mut date, now) = (Date::default(), Instant::now());
        let first = date.at(now).to_owned();
        assert!(httpdate::parse_http_date(&first).is_ok(), "{first}");
        date.text = "kept".into();
        assert_eq!(date.at(now + FRESH / 2), "kept");
        assert!(httpdate::parse_http_date(date.at(now + FRESH)).is_ok());
    }
}
