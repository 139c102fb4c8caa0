//! Drawing over what was drawn before.

use std::fmt::Write;

use terminal_size::{Height, terminal_size};

/// The lines of a terminal that does not say how many it has.
const DEFAULT_HEIGHT: u16 = 24;

/// A frame: the lines, cut to the terminal's height, in place of the last frame. Long lines are
/// cut by the terminal rather than wrapped, which would shift all below.
pub(crate) fn frame(lines: &[String], again: bool) -> String {
    let height = terminal_size().map_or(DEFAULT_HEIGHT, |(_, Height(height))| height);
    cut(lines, usize::from(height).max(2), again)
}

const CLEAR: &str = "\x1b[2J";
const HOME: &str = "\x1b[H";
const END_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
const NO_WRAP: &str = "\x1b[?7l";
const WRAP: &str = "\x1b[?7h";

fn cut(lines: &[String], height: usize, again: bool) -> String {
    let mut out = String::from(if again { "" } else { CLEAR });
    out.push_str(NO_WRAP);
    out.push_str(HOME);
    // The cursor rests on the last line of the screen.
    let room = height - 1;
    let shown = if lines.len() > room { room - 1 } else { lines.len() };
    for line in &lines[..shown] {
        writeln!(out, "{line}{END_LINE}").expect("a string takes everything");
    }
    if shown < lines.len() {
        let more = lines.len() - shown;
        writeln!(out, "… and {more} more{END_LINE}").expect("a string takes everything");
    }
    out.push_str(CLEAR_BELOW);
    out.push_str(WRAP);
    out
}

#[cfg(test)]
mod tests {
    use super::{CLEAR, cut};

    fn lines(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("line {n}")).collect()
    }

    #[test]
    fn what_fits_is_drawn_whole() {
        let frame = cut(&lines(3), 4, true);
        assert_eq!(frame.matches('\n').count(), 3);
        assert!(!frame.contains("more"));
        assert!(!frame.starts_with(CLEAR));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let frame = cut(&lines(9), 4, false);
        assert_eq!(frame.matches('\n').count(), 3);
        assert!(frame.contains("… and 7 more"));
        assert!(frame.starts_with(CLEAR));
    }
}
