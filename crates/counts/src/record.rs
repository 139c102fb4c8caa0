//! The recorded counts: a text file, a line for each script.

use std::{collections::BTreeMap, process::Command};

/// What is said before the figures are.
const HEADER: &str = "\
# Instructions of one operation of each script, start-up not included. `scripts/instructions` counts
# them, compares them with these and fails past 5 percent; with --write it records them anew: say why
# in the commit message. How they are counted is docs/adr/0024-instruction-counts.md. They depend on
# the compiler and its settings:
";

/// Begins the line that says what the counts hold for.
const MADE_BY: &str = "# made by ";

/// Counts, and what they hold for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// The architecture and the compiler.
    pub(crate) made_by: String,
    /// Instructions per operation, by script.
    pub(crate) counts: BTreeMap<String, u64>,
}

/// What counts hold for if they are made here and now.
pub(crate) fn made_here() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let version = version.unwrap_or_else(|_| "an unknown compiler".to_owned());
    format!("{}, {version}, profile release", std::env::consts::ARCH)
}

impl Record {
    /// Reads a file.
    ///
    /// # Errors
    /// With the first line that cannot be read.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut record = Record::default();
        for (number, line) in text.lines().enumerate() {
            if let Some(made_by) = line.strip_prefix(MADE_BY) {
                made_by.clone_into(&mut record.made_by);
            } else if !line.starts_with('#') && !line.trim().is_empty() {
                let (name, count) = entry(line).ok_or_else(|| {
                    format!("line {}: {line:?} is no script and a count", number + 1)
                })?;
                record.counts.insert(name, count);
            }
        }
        Ok(record)
    }

    /// The architecture that it was made on.
    pub(crate) fn architecture(&self) -> &str {
        self.made_by.split_once(',').map_or("", |(architecture, _)| architecture)
    }

    /// The file.
    pub(crate) fn print(&self) -> String {
        let lines = self.counts.iter().map(|(name, count)| format!("{name:<24}{count:>12}\n"));
        format!("{HEADER}{MADE_BY}{}\n{}", self.made_by, lines.collect::<String>())
    }
}

fn entry(line: &str) -> Option<(String, u64)> {
    let (name, count) = line.split_once(char::is_whitespace)?;
    // A count of nothing cannot be compared with.
    let count = count.trim().parse().ok().filter(|count| *count > 0)?;
    Some((name.to_owned(), count))
}

#[cfg(test)]
mod tests {
    use super::{Record, entry};

    #[test]
    fn what_is_written_is_read() {
        let counts = [("engine/life".to_owned(), 123_456), ("wire".to_owned(), 7)].into();
        let record = Record { made_by: "x86_64, rustc 1.95.0, profile release".into(), counts };
        assert_eq!(Record::parse(&record.print()), Ok(record.clone()));
        assert_eq!(record.architecture(), "x86_64");
    }

    #[test]
    fn a_line_that_says_nothing_is_an_error() {
        for line in ["wire", "wire 0", "wire 1.5", "wire 1 2"] {
            assert_eq!(entry(line), None, "{line}");
            let error = Record::parse(&format!("# x\n{line}\n")).unwrap_err();
            assert!(error.starts_with("line 2: "), "{error}");
        }
    }
}
