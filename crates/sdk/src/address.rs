//! Addresses of groups and of their members.

/// Any member of a group. What is an address already stays as it is.
pub(crate) fn group(name: &str) -> String {
    if name.contains("://") { name.to_owned() } else { format!("poll://any@{name}") }
}

/// This member of a group if it is there, or else any other.
pub(crate) fn preferred(group: &str, pid: &str) -> String {
    format!("poll://any@{group}/{pid}")
}

/// Exactly this member of a group.
pub(crate) fn member(group: &str, pid: &str) -> String {
    format!("poll://uni@{group}/{pid}")
}
