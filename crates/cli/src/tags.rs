//! Tags on the command line.

use abide_protocol::Tags;

/// One `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    name: String,
    value: String,
}

/// Reads `NAME=VALUE`.
///
/// # Errors
/// When there is no `=` or no name.
pub(crate) fn read(text: &str) -> Result<Tag, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok(Tag { name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err("write a tag as NAME=VALUE".to_owned()),
    }
}

/// The tags given, over those that the command sets itself.
pub(crate) fn with(base: Tags, given: &[Tag]) -> Tags {
    base.iter().chain(given.iter().map(|tag| (&*tag.name, &*tag.value))).collect()
}

#[cfg(test)]
mod tests {
    use abide_protocol::Tags;

    use super::{read, with};

    #[test]
    fn a_value_may_hold_everything_even_nothing() {
        let tags = with(Tags::default(), &[read("a=b=c").unwrap(), read("d=").unwrap()]);
        assert_eq!((tags.get("a"), tags.get("d")), (Some("b=c"), Some("")));
    }

    #[test]
    fn a_tag_needs_a_name_and_a_sign() {
        for text in ["", "a", "=b"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_given_wins() {
        let base = Tags::from_iter([("a", "1"), ("b", "2")]);
        let tags = with(base, &[read("a=3").unwrap()]);
        assert_eq!((tags.get("a"), tags.get("b")), (Some("3"), Some("2")));
    }
}
