//! Records as text for people and as JSON for programs. Nothing here does I/O.

pub(crate) mod fields;
pub(crate) mod promise;
pub(crate) mod schedule;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod task;
pub(crate) mod text;

use std::sync::Arc;

use abide_protocol::{Millis, PromiseRecord, ScheduleRecord, TaskRecord};

/// What a command shows.
pub(crate) trait Show {
    /// As lines for people, styled for a terminal, without a line end.
    fn human(&self, now: Millis) -> String;
    /// As one line of JSON for programs.
    fn json(&self) -> String;
}

/// What a search shows.
pub(crate) trait Row: Show {
    /// The titles of the columns.
    const TITLES: &'static [&'static str];
    /// The cells of this record.
    fn cells(&self, now: Millis) -> Vec<table::Cell>;
    /// The id, by which the next page is asked for.
    fn id(&self) -> &str;
}

macro_rules! shared {
    ($record:ty) => {
        impl Show for Arc<$record> {
            fn human(&self, now: Millis) -> String {
                self.as_ref().human(now)
            }
            fn json(&self) -> String {
                self.as_ref().json()
            }
        }

        impl Row for Arc<$record> {
            const TITLES: &'static [&'static str] = <$record>::TITLES;
            fn cells(&self, now: Millis) -> Vec<table::Cell> {
                self.as_ref().cells(now)
            }
            fn id(&self) -> &str {
                Row::id(self.as_ref())
            }
        }
    };
}

shared!(PromiseRecord);
shared!(TaskRecord);
shared!(ScheduleRecord);
