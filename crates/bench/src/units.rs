//! Figures as people read them, with three digits.

use std::time::Duration;

/// A span.
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

/// A size.
pub(crate) fn bytes(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 999.5 => format!("{bytes:.0} B"),
        bytes if bytes < 1_023.5 * 1_024.0 => format!("{:.1} KiB", bytes / 1_024.0),
        bytes => format!("{:.1} MiB", bytes / f64::from(1 << 20)),
    }
}

/// A number, the thousands set apart.
pub(crate) fn number(number: f64) -> String {
    if number < 99.95 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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

    #[test]
    fn numbers_are_grouped() {
        let given = [0.0, 99.94, 99.96, 999.0, 1_000.0, 25_400.4, 1_234_567.0];
        let texts = ["0.0", "99.9", "100", "999", "1,000", "25,400", "1,234,567"];
        assert_eq!(given.map(number), texts);
        assert_eq!([412.0, 2_048.0, 3e6].map(bytes), ["412 B", "2.0 KiB", "2.9 MiB"]);
    }
}
