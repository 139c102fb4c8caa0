//! A store knows keys and bytes: no word of the protocol occurs in its code.

use crate::{
    Problems,
    repository::File,
    tokens::{self, Kind},
};

/// Words that mean something to the protocol.
const WORDS: &[&str] = &[
    "awaited",
    "awaiter",
    "callback",
    "cron",
    "heartbeat",
    "listener",
    "promise",
    "rejected",
    "resolved",
    "resonate",
    "resume",
    "schedule",
    "settle",
    "settled",
    "suspend",
    "task",
    "unblock",
];

/// Finds protocol words in the code of the backends, names and strings alike.
pub fn check(files: &[File]) -> Problems {
    let backends = files.iter().filter(|file| {
        file.is("rs")
            && file
                .path
                .strip_prefix("crates/store-")
                .and_then(|rest| rest.split_once('/'))
                .is_some_and(|(_, rest)| rest.starts_with("src/"))
    });
    backends.flat_map(source).collect()
}

fn source(file: &File) -> Problems {
    let tokens = match tokens::read(&file.text) {
        Ok(tokens) => tokens,
        Err(error) => return vec![format!("{} cannot be read: {error}", file.path)],
    };
    let mut problems = Problems::new();
    for token in tokens.iter().filter(|token| token.kind != Kind::Punct) {
        let words = split(&token.text);
        let found = words.iter().find(|word| WORDS.contains(&singular(word)));
        if let Some(word) = found {
            problems.push(format!("{}:{} speaks of {word:?}", file.path, token.line));
        }
    }
    problems
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// The words of a name or a text, in lower case: `PromiseKey` and `promise_key` have the same.
fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in text.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && lower) {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            words.last_mut().expect("there is one").extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{check, split};
    use crate::repository::File;

    fn found(path: &str, text: &str) -> usize {
        check(&[File::new(path, text)]).len()
    }

    #[test]
    fn names_are_split_into_words() {
        assert_eq!(split("PromiseKey"), ["promise", "key"]);
        assert_eq!(split("load_tasks2"), ["load", "tasks"]);
        assert_eq!(split("multitasking"), ["multitasking"]);
    }

    #[test]
    fn a_protocol_word_in_a_backend_is_found() {
        let path = "crates/store-fjall/src/lib.rs";
        for source in
            ["struct PromiseKey;", "fn f() { load_tasks() }", "const X: &str = \"by schedule\";"]
        {
            assert_eq!(found(path, source), 1, "{source}");
        }
    }

    #[test]
    fn comments_and_other_words_pass() {
        let path = "crates/store-fjall/src/lib.rs";
        assert_eq!(found(path, "//! A promise.\nfn multitasking() {}"), 0);
    }

    #[test]
    fn other_crates_may_speak_of_promises() {
        assert_eq!(found("crates/store/src/lib.rs", "struct Promise;"), 0);
        assert_eq!(found("crates/store-fjall/tests/crash.rs", "struct Promise;"), 0);
    }
}
