//! What is printed: tables that can be pasted into a text.

use std::time::Duration;

use crate::{arguments::Arguments, load::Measured};

pub(crate) fn machine(arguments: &Arguments) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let durability = if arguments.memory {
        "data in memory, nothing is durable".to_owned()
    } else if arguments.sync_delay.is_zero() {
        "every acknowledged write is synced to disk (fdatasync)".to_owned()
    } else {
        let delay = humantime::format_duration(arguments.sync_delay);
        format!("every acknowledged write is synced to disk (fdatasync), plus {delay} a sync")
    };
    println!("{cores} cores, shared with the load generator; {durability}\n");
}

pub(crate) fn heading() {
    println!("| operation | in flight | per second | p50 | p99 | server CPU each |");
    println!("|---|--:|--:|--:|--:|--:|");
}

pub(crate) fn row(name: &str, mut measured: Measured) {
    let (p50, p99) = (measured.latency.quantile(0.5), measured.latency.quantile(0.99));
    println!(
        "| {name} | {} | {:.0} | {} | {} | {} |",
        measured.in_flight,
        measured.rate(),
        span(p50),
        span(p99),
        span(measured.cpu_each())
    );
}

/// A span with three digits.
pub(crate) fn span(span: Duration) -> String {
    match span.as_secs_f64() * 1e6 {
        micros if micros < 9.995 => format!("{micros:.2} µs"),
        micros if micros < 99.95 => format!("{micros:.1} µs"),
        micros if micros < 999.5 => format!("{micros:.0} µs"),
        micros if micros < 9_995.0 => format!("{:.2} ms", micros / 1e3),
        micros if micros < 99_950.0 => format!("{:.1} ms", micros / 1e3),
        micros if micros < 999_500.0 => format!("{:.0} ms", micros / 1e3),
        micros => format!("{:.2} s", micros / 1e6),
    }
}

/// A size in MiB.
pub(crate) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_three_digits() {
        for (nanos, text) in [
            (0, "0.00 µs"),
            (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (123_456, "123 µs"),
            (1_234_567, "1.23 ms"),
            (99_960_000, "100 ms"),
            (1_500_000_000, "1.50 s"),
        ] {
            assert_eq!(span(Duration::from_nanos(nanos)), text);
        }
    }
}
