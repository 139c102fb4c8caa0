//! The detail of one record: a title and labelled lines.

use super::{style, text};

/// A title and labelled lines under it.
pub(crate) struct Fields {
    title: String,
    lines: Vec<(&'static str, String)>,
}

impl Fields {
    /// A record with this id.
    pub(crate) fn of(id: &str, state: &str, state_style: anstyle::Style) -> Self {
        let id = style::paint(style::STRONG, &text::printable(id));
        let title = format!("{id}  {}", style::paint(state_style, state));
        Fields { title, lines: Vec::new() }
    }

    /// Adds a line, unless it says nothing.
    pub(crate) fn line(mut self, label: &'static str, value: impl AsRef<str>) -> Self {
        let value = text::printable(value.as_ref());
        if !value.is_empty() {
            self.lines.push((label, value));
        }
        self
    }

    /// The whole text.
    pub(crate) fn text(self) -> String {
        let width = self.lines.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        let mut out = self.title;
        for (label, value) in self.lines {
            let label = style::paint(style::FAINT, &format!("{label:width$}"));
            out.push_str(&format!("\n  {label}  {value}"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::render::style::PLAIN;

    #[test]
    fn labels_are_aligned_and_empty_lines_left_out() {
        let text = Fields::of("a\n", "pending", PLAIN)
            .line("value", "1")
            .line("nothing", "")
            .line("timeout", "never")
            .text();
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, "a\\u{a}  pending\n  value    1\n  timeout  never");
    }
}
