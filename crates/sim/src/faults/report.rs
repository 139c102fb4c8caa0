use std::{collections::BTreeMap, fmt::Write, time::Duration};

use abide_faults::{Fault, Layer};

/// What came of one bug.
pub struct Finding {
    /// The bug.
    pub fault: Fault,
    /// Who caught it, if anybody did.
    pub caught: Option<Caught>,
}

/// How a bug was caught.
pub struct Caught {
    /// By whom.
    pub checker: &'static str,
    /// With which seed; as many had passed before.
    pub seed: u64,
    /// What it said.
    pub said: String,
    /// Whether it was known that this one would.
    pub known: bool,
}

/// What came of all of them.
pub struct Report {
    /// One for each bug.
    pub findings: Vec<Finding>,
    /// How long it took.
    pub took: Duration,
}

impl Caught {
    /// The rule that was broken: the first line, without the case in which it was.
    pub fn rule(&self) -> &str {
        let mut lines = self.said.lines();
        let line = lines.next().unwrap_or_default();
        // A bare assertion says nothing but where it is.
        if line.ends_with("failed") {
            let place = lines.last().and_then(|line| line.rsplit_once("crates/"));
            let file = place.and_then(|(_, place)| place.rsplit_once(':'));
            return file.map_or(line, |(file, _)| file);
        }
        let line = line.split_once("failed: ").map_or(line, |(_, rule)| rule);
        let line = line.split_once("unreachable code: ").map_or(line, |(_, rule)| rule);
        if line.starts_with("broken (") {
            return line.split_once("): ").map_or(line, |(_, rule)| rule);
        }
        line.split_once(": ").map_or(line, |(rule, _)| rule)
    }
}

impl Finding {
    /// Whether it is as it should be: a bug is caught, and what is no bug is not.
    pub fn is_right(&self) -> bool {
        self.caught.is_some() == (self.fault.layer() != Layer::Nowhere)
    }

    /// It, in a line.
    pub fn line(&self) -> String {
        let name = self.fault.name();
        match &self.caught {
            Some(caught) => {
                let Caught { checker, seed, .. } = caught;
                format!("{name:24} {checker:14} {seed:>6}  {}", caught.rule())
            }
            None => format!("{name:24} {:14} {:>6}  {}", "NOBODY", "", self.fault.sentence()),
        }
    }
}

impl Report {
    /// A line for each bug, and how many were caught by whom.
    pub fn table(&self, verbose: bool) -> String {
        let mut table = format!("{:24} {:14} {:>6}  rule\n", "bug", "caught by", "seed");
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &self.findings {
            let _ = writeln!(table, "{}", finding.line());
            if let Some(caught) = &finding.caught {
                *by.entry(caught.checker).or_default() += 1;
                if verbose {
                    let _ = writeln!(table, "{}\n", caught.said);
                }
            }
        }
        let by: Vec<String> = by.iter().map(|(name, count)| format!("{count} by {name}")).collect();
        let (bugs, took) = (self.findings.len(), self.took.as_secs_f64());
        let _ = writeln!(table, "{bugs} bugs in {took:.1} s: {}", by.join(", "));
        table
    }

    /// Whether every bug was caught, and nothing else.
    ///
    /// # Errors
    /// With the bugs that were not.
    pub fn verdict(&self) -> Result<(), String> {
        let wrong = self.findings.iter().filter(|finding| !finding.is_right());
        let wrong: Vec<&str> = wrong.map(|finding| finding.fault.name()).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let only: Vec<String> = wrong.iter().map(|name| format!("--only {name}")).collect();
        Err(format!(
            "not as it should be: {}\nrepeat with: cargo run --profile proof -p abide-sim \
             --features faults -- faults {}",
            wrong.join(", "),
            only.join(" ")
        ))
    }
}
