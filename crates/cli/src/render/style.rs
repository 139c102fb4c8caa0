//! The few styles in use. Whoever writes to something that is no terminal strips them.

use abide_protocol::{PromiseState, TaskState};
use anstyle::{AnsiColor, Style};

/// What stands out: ids, titles.
pub(crate) const STRONG: Style = Style::new().bold();
/// What steps back: labels, times.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// What went wrong.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// No style.
pub(crate) const PLAIN: Style = Style::new();

const fn color(color: AnsiColor) -> Style {
    color.on_default()
}

/// A text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    if style == PLAIN || text.is_empty() {
        return text.to_owned();
    }
    format!("{style}{text}{style:#}")
}

/// The style of a promise's state.
pub(crate) fn promise(state: PromiseState) -> Style {
    match state {
        PromiseState::Pending => color(AnsiColor::Yellow),
        PromiseState::Resolved => color(AnsiColor::Green),
        PromiseState::Rejected => color(AnsiColor::Red),
        PromiseState::RejectedCanceled | PromiseState::RejectedTimedout => {
            color(AnsiColor::Magenta)
        }
    }
}

/// The style of a task's state.
pub(crate) fn task(state: TaskState) -> Style {
    match state {
        TaskState::Pending => color(AnsiColor::Yellow),
        TaskState::Acquired => color(AnsiColor::Cyan),
        TaskState::Suspended => color(AnsiColor::Blue),
        TaskState::Halted => color(AnsiColor::Red),
        TaskState::Fulfilled => color(AnsiColor::Green),
    }
}

/// A promise's state in plain words.
pub(crate) fn promise_word(state: PromiseState) -> &'static str {
    match state {
        PromiseState::Pending => "pending",
        PromiseState::Resolved => "resolved",
        PromiseState::Rejected => "rejected",
        PromiseState::RejectedCanceled => "canceled",
        PromiseState::RejectedTimedout => "timed out",
    }
}
