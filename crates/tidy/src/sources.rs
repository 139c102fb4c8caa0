//! The form of the sources: short files, documented crates, nothing left undone.

use crate::{
    Problems,
    repository::File,
    tokens::{self, Kind},
};

/// The longest source file, in lines.
pub const MAX_LINES: usize = 600;

/// Macros that stand for what is missing or left over.
const LEFT_OVER: &[&str] = &["dbg", "todo", "unimplemented"];

/// Words in comments that stand for what is missing. Written so that this file does not hold
/// them.
const PROMISED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Finds Rust files that are too long, crates without a description, and what is left undone.
pub fn check(files: &[File]) -> Problems {
    files.iter().filter(|file| file.is("rs")).flat_map(source).collect()
}

fn source(file: &File) -> Problems {
    let mut problems = Problems::new();
    let path = &file.path;
    let lines = file.text.lines().count();
    if lines > MAX_LINES {
        problems.push(format!("{path} has {lines} lines: split it below {MAX_LINES}"));
    }
    let crate_root = path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs");
    if crate_root && !file.text.lines().any(|line| line.starts_with("//! ")) {
        problems.push(format!("{path} does not say what the crate is (//!)"));
    }
    for (number, line) in file.text.lines().enumerate() {
        let comment = line.split_once("//").map_or("", |(_, comment)| comment);
        let mut words = comment.split(|c: char| !c.is_alphanumeric());
        if words.any(|word| PROMISED.contains(&word)) {
            problems.push(format!("{path}:{} leaves something to do", number + 1));
        }
    }
    match tokens::read(&file.text) {
        Err(error) => problems.push(format!("{path} cannot be read: {error}")),
        Ok(tokens) => {
            for pair in tokens.windows(2) {
                let name = LEFT_OVER.iter().find(|name| pair[0].text == **name);
                if let Some(name) =
                    name.filter(|_| pair[0].kind == Kind::Ident && pair[1].text == "!")
                {
                    problems.push(format!("{path}:{} uses {name}!", pair[0].line));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, check};
    use crate::repository::File;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[File::new(path, text)])
    }

    #[test]
    fn a_long_file_is_found() {
        let path = "crates/x/src/y.rs";
        assert!(found(path, &"\n".repeat(MAX_LINES)).is_empty());
        assert_eq!(found(path, &"\n".repeat(MAX_LINES + 1)).len(), 1);
    }

    #[test]
    fn a_crate_without_a_description_is_found() {
        assert_eq!(found("crates/x/src/lib.rs", "mod y;").len(), 1);
        assert!(found("crates/x/src/lib.rs", "//! It does x.\nmod y;").is_empty());
        assert!(found("crates/x/src/y.rs", "struct Y;").is_empty());
    }

    #[test]
    fn what_is_left_undone_is_found() {
        let path = "crates/x/src/y.rs";
        for source in [
            "fn f() { todo!() }",
            "fn f() { unimplemented!(\"later\") }",
            "fn f() { dbg!(1); }",
            concat!("fn f() {} // TO", "DO: more"),
        ] {
            assert_eq!(found(path, source).len(), 1, "{source}");
        }
        assert!(found(path, "fn todo() { todo() } // what to do").is_empty());
    }
}
