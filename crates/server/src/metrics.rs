//! What the server counts, and its text for a scraper.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use abide_protocol::{Kind, Message, Status};

/// The upper bounds of the latency buckets, in microseconds.
const BUCKETS: [u64; 12] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 1_000_000, 10_000_000];

/// All counters of a server. Reading and writing them takes no lock.
#[derive(Default)]
pub(crate) struct Metrics {
    pub(crate) requests: Requests,
    pub(crate) unreadable: Counter,
    pub(crate) batches: Counter,
    pub(crate) connections: Arc<Gauge>,
    pub(crate) members: Arc<Gauge>,
    pub(crate) streamed: Sent,
    pub(crate) pushed: Sent,
    pub(crate) push_refused: Sent,
}

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number of things that are there right now.
#[derive(Default)]
pub(crate) struct Gauge(AtomicI64);

impl Gauge {
    /// Counts one thing for as long as the guard lives.
    pub(crate) fn hold(self: &Arc<Self>) -> Held {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(self.clone())
    }
}

/// One thing that a gauge counts.
pub(crate) struct Held(Arc<Gauge>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Messages by kind.
#[derive(Default)]
pub(crate) struct Sent {
    execute: Counter,
    unblock: Counter,
}

impl Sent {
    pub(crate) fn count(&self, message: &Message) {
        match message {
            Message::Execute { .. } => self.execute.add(1),
            Message::Unblock { .. } => self.unblock.add(1),
        }
    }
}

/// Requests by kind: how they were answered, and how long that took.
pub(crate) struct Requests(Box<[PerKind]>);

#[derive(Default)]
struct PerKind {
    statuses: [Counter; Status::ALL.len()],
    buckets: [Counter; BUCKETS.len() + 1],
    micros: Counter,
}

impl Default for Requests {
    fn default() -> Self {
        Requests(Kind::ALL.iter().map(|_| PerKind::default()).collect())
    }
}

impl Requests {
    pub(crate) fn record(&self, kind: Kind, status: Status, elapsed: Duration) {
        let at = &self.0[kind as usize];
        let micros = elapsed.as_micros() as u64;
        let status = Status::ALL.iter().position(|each| *each == status).expect("one of them");
        at.statuses[status].add(1);
        at.buckets[BUCKETS.partition_point(|bound| *bound < micros)].add(1);
        at.micros.add(micros);
    }

    fn write(&self, out: &mut String) {
        head(out, "abide_requests_total", "counter", "Requests answered, by kind and status.");
        for (kind, at) in Kind::ALL.iter().zip(&self.0) {
            for (status, count) in Status::ALL.iter().zip(&at.statuses) {
                if count.get() > 0 {
                    let (status, count) = (status.code(), count.get());
                    line(
                        out,
                        format_args!(
                            "abide_requests_total{{kind=\"{kind}\",status=\"{status}\"}} {count}"
                        ),
                    );
                }
            }
        }
        let name = "abide_request_seconds";
        head(out, name, "histogram", "Time from a request's first byte to its answer, by kind.");
        for (kind, at) in Kind::ALL.iter().zip(&self.0) {
            let mut count = 0;
            let counts: Vec<u64> = at.buckets.iter().map(Counter::get).collect();
            if counts.iter().all(|count| *count == 0) {
                continue;
            }
            for (bound, more) in BUCKETS.iter().zip(&counts) {
                count += more;
                let bound = *bound as f64 / 1e6;
                line(out, format_args!("{name}_bucket{{kind=\"{kind}\",le=\"{bound}\"}} {count}"));
            }
            count += counts[BUCKETS.len()];
            let sum = at.micros.get() as f64 / 1e6;
            line(out, format_args!("{name}_bucket{{kind=\"{kind}\",le=\"+Inf\"}} {count}"));
            line(out, format_args!("{name}_sum{{kind=\"{kind}\"}} {sum}"));
            line(out, format_args!("{name}_count{{kind=\"{kind}\"}} {count}"));
        }
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, format_args!("# HELP {name} {help}"));
    line(out, format_args!("# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes everything");
    out.push('\n');
}

impl Metrics {
    /// Everything, in the text format that scrapers of Prometheus read.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.requests.write(&mut out);
        let name = "abide_unreadable_requests_total";
        head(&mut out, name, "counter", "Requests that were no request of the protocol.");
        line(&mut out, format_args!("{name} {}", self.unreadable.get()));
        let name = "abide_batches_total";
        head(&mut out, name, "counter", "Batches taken; each of their requests counts, too.");
        line(&mut out, format_args!("{name} {}", self.batches.get()));
        for (name, help, gauge) in [
            ("abide_connections", "Open connections.", &self.connections),
            ("abide_members", "Members of groups that are connected.", &self.members),
        ] {
            head(&mut out, name, "gauge", help);
            line(&mut out, format_args!("{name} {}", gauge.0.load(Ordering::Relaxed)));
        }
        let name = "abide_messages_total";
        head(&mut out, name, "counter", "Messages sent, by kind, way and outcome.");
        for (way, outcome, sent) in [
            ("poll", "sent", &self.streamed),
            ("http", "taken", &self.pushed),
            ("http", "refused", &self.push_refused),
        ] {
            for (kind, count) in [("execute", &sent.execute), ("unblock", &sent.unblock)] {
                let count = count.get();
                line(
                    &mut out,
                    format_args!(
                        "{name}{{kind=\"{kind}\",way=\"{way}\",outcome=\"{outcome}\"}} {count}"
                    ),
                );
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_inclusive() {
        let metrics = Metrics::default();
        for micros in [1, 100, 101, 20_000_000] {
            metrics.requests.record(Kind::TaskGet, Status::Ok, Duration::from_micros(micros));
        }
        let text = metrics.text();
        for expected in [
            "abide_requests_total{kind=\"task.get\",status=\"200\"} 4",
            "abide_request_seconds_bucket{kind=\"task.get\",le=\"0.0001\"} 2",
            "abide_request_seconds_bucket{kind=\"task.get\",le=\"0.00025\"} 3",
            "abide_request_seconds_bucket{kind=\"task.get\",le=\"10\"} 3",
            "abide_request_seconds_bucket{kind=\"task.get\",le=\"+Inf\"} 4",
            "abide_request_seconds_sum{kind=\"task.get\"} 20.000202",
            "abide_request_seconds_count{kind=\"task.get\"} 4",
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected} in:\n{text}");
        }
        assert!(!text.contains("promise.get"), "{text}");
    }

    #[test]
    fn a_gauge_counts_what_is_held() {
        let metrics = Metrics::default();
        let (first, second) = (metrics.members.hold(), metrics.members.hold());
        drop(first);
        assert!(metrics.text().contains("\nabide_members 1\n"));
        drop(second);
        assert!(metrics.text().contains("\nabide_members 0\n"));
    }
}
