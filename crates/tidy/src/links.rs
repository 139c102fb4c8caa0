//! The links of the documentation lead somewhere.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{Problems, repository::File};

/// Finds relative links whose file or heading does not exist. Links to other sites are not
/// followed: a test must not depend on them.
pub fn check(files: &[File]) -> Problems {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut problems = Problems::new();
    for file in files.iter().filter(|file| file.is("md")) {
        for link in links(&file.text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if path.is_empty() { Some(file.path.clone()) } else { resolve(&file.path, path) };
            let missing =
                |what: &str| format!("{}: the link {link:?} leads to no {what}", file.path);
            let Some(target) = target else {
                problems.push(missing("file of this repository"));
                continue;
            };
            let directory = format!("{target}/");
            let is_directory =
                paths.iter().any(|path| path.starts_with(&directory)) || target.is_empty();
            if !paths.contains(target.as_str()) && !is_directory {
                problems.push(missing("file"));
            } else if !heading.is_empty() {
                let text = files.iter().find(|file| file.path == target).map(|file| &*file.text);
                if !headings(text.unwrap_or_default()).contains(heading) {
                    problems.push(missing("heading"));
                }
            }
        }
    }
    problems
}

fn links(text: &str) -> Vec<String> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES);
    events
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.to_string())
            }
            _ => None,
        })
        .collect()
}

/// The path from the root that a relative link means, unless it leaves the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of the headings, as they are usually made.
fn headings(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                found.extend(heading.take().map(|heading| anchor(&heading)));
            }
            _ => {}
        }
    }
    found
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::repository::File;

    fn found(link: &str) -> usize {
        let files = [
            File::new("docs/a.md", &format!("# The `a` file\n\n[x]({link})")),
            File::new("docs/adr/0001.md", "# One: the first"),
            File::new("README.md", "# Abide"),
        ];
        check(&files).len()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        for link in [
            "adr/0001.md",
            "../README.md",
            "adr",
            "adr/",
            "./adr/0001.md#one-the-first",
            "#the-a-file",
            "https://example.com/nothing",
        ] {
            assert_eq!(found(link), 0, "{link}");
        }
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        for link in ["adr/0002.md", "README.md", "#elsewhere", "adr/0001.md#two", "../../README.md"]
        {
            assert_eq!(found(link), 1, "{link}");
        }
    }

    #[test]
    fn what_looks_like_a_link_in_code_is_none() {
        let file = File::new("a.md", "```rust\nlet x = a[0](b);\n```");
        assert!(check(&[file]).is_empty());
    }
}
