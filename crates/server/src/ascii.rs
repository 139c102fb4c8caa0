use std::fmt::Write;

/// Writes JSON with nothing but ASCII in it.
///
/// Published clients decode each chunk of a stream by itself and drop one that ends in the middle
/// of a character; others split events at every Unicode line separator. Neither happens to ASCII.
/// Outside of strings JSON is ASCII anyway, so escaping each character on its own is enough.
pub(crate) fn escape(json: String) -> String {
    if json.is_ascii() {
        return json;
    }
    let mut out = String::with_capacity(json.len() * 2);
    for character in json.chars() {
        if character.is_ascii() {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("a string takes everything");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn escaping_keeps_the_meaning() {
        let text = "plain \"quoted\" \\ ä \u{2028} \u{85} 日本 \u{1F600} \u{7f}\n";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape(json);
        assert!(escaped.is_ascii(), "{escaped}");
        assert!(escaped.contains("\\ud83d\\ude00"), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
