//! The lineage of an id.

use abide_protocol::Id;

/// The first line is an id, the second one another that may or may not be above it.
///
/// # Panics
/// When what must hold of any two ids does not hold.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (text, other) = text.split_once('\n').unwrap_or((text, ""));
    let (id, other) = (Id::from(text), Id::from(other));
    let ancestors: Vec<&str> = id.ancestors().collect();
    assert_eq!(id.is_root(), ancestors.is_empty());
    assert_eq!(id.origin(), *ancestors.first().unwrap_or(&text), "the origin is the root");
    assert_eq!(ancestors.len(), text.matches(['.', ':']).count(), "one for each separator");
    for (depth, ancestor) in ancestors.iter().enumerate() {
        assert!(id.extends(ancestor) && id.is_or_extends(ancestor), "{ancestor:?}");
        let above = Id::from(*ancestor);
        assert!(above.ancestors().eq(ancestors[..depth].iter().copied()), "{ancestor:?}");
        assert_eq!(above.origin(), id.origin(), "a tree lives in one place");
        assert!(above < id, "what is above comes first");
    }
    assert!(id.is_or_extends(text) && !id.extends(text));
    assert_eq!(id.extends(&other), ancestors.contains(&other.as_str()), "{other:?}");
    assert_eq!(id.is_or_extends(&other), id.extends(&other) || id == other, "{other:?}");
    assert!(!(id.extends(&other) && other.extends(&id)), "{other:?}");
    assert_eq!(id.cmp(&other), text.cmp(&other));
    let json = serde_json::to_vec(&id).expect("a text");
    assert_eq!(serde_json::from_slice::<Id>(&json).ok(), Some(id), "it can be read again");
}
