//! The commands that the documentation shows exist, with these options.

use std::collections::BTreeSet;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::{Problems, metadata::Metadata, repository::File};

/// What a command may name.
pub struct Known<'a> {
    /// The files of the repository.
    pub files: &'a [File],
    /// The examples of the workspace.
    pub examples: BTreeSet<&'a str>,
    /// The packages of the workspace.
    pub packages: BTreeSet<&'a str>,
    /// The grammar of `abide`.
    pub grammar: clap::Command,
}

impl<'a> Known<'a> {
    /// What this repository has.
    pub fn new(files: &'a [File], metadata: &'a Metadata, grammar: clap::Command) -> Self {
        let targets = metadata.members().flat_map(|package| &package.targets);
        let examples = targets.filter(|target| target.kind.iter().any(|kind| kind == "example"));
        Known {
            files,
            examples: examples.map(|target| &*target.name).collect(),
            packages: metadata.members().map(|package| &*package.name).collect(),
            grammar,
        }
    }
}

/// Finds commands in the shell blocks of Markdown files that do not exist.
pub fn markdown(files: &[File], known: &Known) -> Problems {
    let mut problems = Problems::new();
    for file in files.iter().filter(|file| file.is("md")) {
        for line in shell_lines(&file.text) {
            if let Err(problem) = line_exists(&line, known) {
                problems.push(format!("{}: `{line}`: {problem}", file.path));
            }
        }
    }
    problems
}

/// Finds examples in the help of `abide` that its own grammar refuses.
pub fn help(known: &Known) -> Problems {
    let mut problems = Problems::new();
    let mut commands = vec![&known.grammar];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands());
        let texts = [command.get_after_help(), command.get_after_long_help()];
        for text in texts.into_iter().flatten().map(ToString::to_string) {
            let examples = text.lines().map(str::trim).filter(|line| names_abide(line));
            for line in examples {
                if let Err(problem) = line_exists(line, known) {
                    problems.push(format!("help of {}: `{line}`: {problem}", command.get_name()));
                }
            }
        }
    }
    problems
}

fn names_abide(line: &str) -> bool {
    line.split_whitespace().find(|word| !is_assignment(word)) == Some("abide")
}

/// The lines of the code blocks that are marked as shell, with continued lines joined.
fn shell_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut block: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language)))
                if matches!(&*language, "sh" | "bash" | "shell" | "console") =>
            {
                block = Some(String::new());
            }
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let joined = block.take().unwrap_or_default().replace("\\\n", " ");
                let stripped = joined.lines().map(|line| line.trim_start_matches("$ ").trim());
                lines.extend(stripped.filter(|line| !line.is_empty()).map(str::to_owned));
            }
            _ => {}
        }
    }
    lines
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    })
}

/// Checks the first command of a line, as far as it is one of this repository.
fn line_exists(line: &str, known: &Known) -> Result<(), String> {
    let words = shlex::split(line).ok_or("the quotes are not closed")?;
    let ends = |word: &String| matches!(word.as_str(), "|" | "&&" | ";" | "&" | ">" | "<" | "||");
    let words: Vec<&str> = words
        .iter()
        .take_while(|word| !ends(word))
        .map(String::as_str)
        .skip_while(|word| is_assignment(word))
        .collect();
    match words.as_slice() {
        ["abide", args @ ..] => abide(args, known),
        ["cargo", args @ ..] => cargo(args, known),
        [path, ..] if path.contains('/') && !path.starts_with(['/', '.', '~', '$']) => {
            let exists = known.files.iter().any(|file| file.path == *path);
            if exists { Ok(()) } else { Err(format!("there is no {path}")) }
        }
        _ => Ok(()),
    }
}

fn abide(args: &[&str], known: &Known) -> Result<(), String> {
    let words = std::iter::once(&"abide").chain(args);
    match known.grammar.clone().try_get_matches_from(words) {
        Ok(_) => Ok(()),
        Err(error) if !error.use_stderr() => Ok(()),
        Err(error) => Err(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

fn cargo(args: &[&str], known: &Known) -> Result<(), String> {
    let after = |names: &[&str]| {
        let place = args.iter().position(|arg| names.contains(arg))?;
        args.get(place + 1).copied()
    };
    if let Some(example) = after(&["--example"]).filter(|name| !known.examples.contains(name)) {
        return Err(format!("there is no example {example}"));
    }
    if let Some(package) = after(&["-p", "--package"]).filter(|name| !known.packages.contains(name))
    {
        return Err(format!("there is no package {package}"));
    }
    match after(&["--path"]) {
        Some(path) if known.files.iter().all(|file| file.path != format!("{path}/Cargo.toml")) => {
            Err(format!("there is no crate at {path}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, help, markdown};
    use crate::repository::File;

    fn grammar() -> clap::Command {
        clap::Command::new("abide")
            .arg(clap::Arg::new("loud").long("loud").action(clap::ArgAction::SetTrue))
            .subcommand(clap::Command::new("dev").after_help("Examples:\n  abide dev --quiet"))
    }

    fn known(files: &[File]) -> Known<'_> {
        Known {
            files,
            examples: ["countdown"].into(),
            packages: ["abide-cli"].into(),
            grammar: grammar(),
        }
    }

    fn found(line: &str) -> usize {
        let files = [
            File::new("README.md", &format!("```sh\n{line}\n```")),
            File::new("scripts/test", ""),
            File::new("crates/cli/Cargo.toml", ""),
        ];
        markdown(&files, &known(&files)).len()
    }

    #[test]
    fn commands_that_exist_pass() {
        for line in [
            "abide dev      # in memory",
            "$ abide --loud dev &",
            "X=1 abide dev | less --nothing",
            "cargo run --example countdown",
            "cargo test -p abide-cli",
            "cargo install --path crates/cli",
            "scripts/test",
            "npm install whatever",
            "abide \\\n  dev",
        ] {
            assert_eq!(found(line), 0, "{line}");
        }
    }

    #[test]
    fn commands_that_do_not_exist_are_found() {
        for line in [
            "abide prod",
            "abide dev --quiet",
            "A=b abide --quiet dev",
            "cargo run --example countup",
            "cargo test -p abide-nothing",
            "cargo install --path crates/nothing",
            "scripts/nothing",
            "abide 'dev",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
    }

    #[test]
    fn other_languages_are_not_shell() {
        let files = [File::new("README.md", "```rust\nabide prod\n```\n\n    abide prod\n")];
        assert!(markdown(&files, &known(&files)).is_empty());
    }

    #[test]
    fn help_that_its_grammar_refuses_is_found() {
        let files = [];
        assert_eq!(help(&known(&files)).len(), 1);
    }
}
