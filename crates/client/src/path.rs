use std::fmt::Write;

/// Writes a text as one segment of a URL's path: everything but the unreserved characters is
/// percent-encoded.
///
/// ```
/// assert_eq!(abide_client::segment("my group/ä"), "my%20group%2F%C3%A4");
/// ```
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte as char);
            }
            _ => write!(out, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    // A segment of dots alone would be taken for a relative path by whatever is in between.
    match out.as_str() {
        "." => "%2E".into(),
        ".." => "%2E%2E".into(),
        _ => out,
    }
}
