//! No file speaks of the machine it was written on.

use crate::{Problems, repository::File};

/// Directories of machines that people work on. Written so that this file does not hold them.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "abide"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

/// Finds paths of a machine in any text.
pub fn check(files: &[File]) -> Problems {
    let mut problems = Problems::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(path) = MACHINE.iter().find(|path| names(line, path)) {
                problems.push(format!(
                    "{}:{} names the machine path {path}",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    problems
}

/// Whether the path begins in this line, rather than being the end of another one.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '}' | ')'))
    })
}

#[cfg(test)]
mod tests {
    use super::{MACHINE, check};
    use crate::repository::File;

    #[test]
    fn a_machine_path_is_found_in_any_file() {
        for path in MACHINE {
            let text = format!("fine\ncd {path}x");
            assert_eq!(check(&[File::new("docs/a.md", &text)]).len(), 1, "{path}");
        }
    }

    #[test]
    fn the_end_of_another_path_is_not_one() {
        let text = format!("frame{}x and https://example.com{}x", MACHINE[0], MACHINE[1]);
        assert!(check(&[File::new("a.md", &text)]).is_empty());
    }
}
