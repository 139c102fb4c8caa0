//! The versions that were built.

/// What was built, as cargo has written it down.
const LOCK: &str = include_str!("../../Cargo.lock");

/// The version of a package that the drivers are built with.
#[must_use]
pub fn version(package: &str) -> &'static str {
    let mut lines = LOCK.lines();
    lines.find(|line| *line == format!("name = {package:?}"));
    let line = lines.next().and_then(|line| line.strip_prefix("version = \""));
    line.and_then(|line| line.strip_suffix('"')).unwrap_or("of unknown version")
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        assert_eq!(version("peer"), "0.0.0");
        for package in ["restate-sdk", "dbos", "duroxide"] {
            assert!(version(package).starts_with(|c: char| c.is_ascii_digit()), "{package}");
        }
        assert_eq!(version("no such package"), "of unknown version");
    }
}
