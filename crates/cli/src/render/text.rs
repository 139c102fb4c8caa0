//! Text from records, made safe to print: ids and payloads are written by anybody.

/// The text with control characters escaped, so that a record can neither break the lines nor
/// send commands to the terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The printable text, cut to at most `most` characters.
pub(crate) fn brief(text: &str, most: usize) -> String {
    let text = printable(text);
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => {
            let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
            cut.push('…');
            cut
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{brief, printable};

    #[test]
    fn control_characters_are_shown_not_sent() {
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\u{a}b");
        assert_eq!(printable("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(printable("grün"), "grün");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(brief("äöüß", 4), "äöüß");
        assert_eq!(brief("äöüßx", 4), "äöü…");
    }
}
