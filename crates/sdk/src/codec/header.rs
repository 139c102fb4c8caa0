//! The header that names the layers of a payload: `zlib,xchacha20poly1305;key=2026-11`, the first
//! one first.

use std::fmt;

use super::Unreadable;

/// The header's name.
pub(crate) const HEADER: &str = "abide:codec";

/// Layers of one payload. Two are usual; more than this is no header of ours.
const LAYERS: usize = 8;

/// Bytes of a name or a value in the header.
const WORD: usize = 64;

/// The parameters of one layer, in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn push(&mut self, name: &str, value: &str) {
        assert!(is_word(name) && is_word(value), "{name}={value} cannot be written in a header");
        self.0.push((name.to_owned(), value.to_owned()));
    }
}

/// Whether a text can be written in the header.
pub(crate) fn is_word(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
    !text.is_empty() && text.len() <= WORD && text.bytes().all(allowed)
}

/// One layer, as the header names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) codec: String,
    pub(super) params: Params,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.codec)?;
        self.params.0.iter().try_for_each(|(name, value)| write!(f, ";{name}={value}"))
    }
}

/// The header's text.
pub(super) fn write(layers: &[Named]) -> String {
    layers.iter().map(Named::to_string).collect::<Vec<_>>().join(",")
}

/// Reads the header's text.
pub(super) fn read(text: &str) -> Result<Vec<Named>, Unreadable> {
    let malformed = || {
        let text: String = text.chars().take(WORD).collect();
        Unreadable::malformed(format!("its header {HEADER} is {text:?}"))
    };
    // The last piece may hold the rest of too many.
    let layers = text.splitn(LAYERS + 1, ',').map(|layer| {
        let mut words = layer.split(';');
        let codec = words.next().filter(|name| is_word(name))?.to_owned();
        let mut params = Params::default();
        for word in words {
            let (name, value) = word.split_once('=')?;
            if !is_word(name) || !is_word(value) || params.get(name).is_some() {
                return None;
            }
            params.push(name, value);
        }
        Some(Named { codec, params })
    });
    let layers: Option<Vec<_>> = layers.collect();
    layers.filter(|layers| layers.len() <= LAYERS).ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives() {
        for text in ["zlib", "zlib,xchacha20poly1305;key=2026-11", "a;b=c;d=e,f,g"] {
            assert_eq!(write(&read(text).unwrap()), text);
        }
        let layers = read("zlib,seal;key=2026-11").unwrap();
        assert_eq!(layers[1].params.get("key"), Some("2026-11"));
        assert_eq!(layers[1].params.get("nonce"), None);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let many = ["a"; LAYERS + 1].join(",");
        for text in ["", ",", "zlib,", "z lib", "a;", "a;b", "a;b=", "a;b=c;b=d", "a;=c", &many] {
            assert_eq!(read(text).unwrap_err().code(), "codec_malformed", "{text:?}");
        }
        assert_eq!(read(&["a"; LAYERS].join(",")).unwrap().len(), LAYERS);
    }
}
