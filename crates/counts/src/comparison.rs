//! What is counted beside what is recorded.

use std::{collections::BTreeMap, fmt};

/// By how many percent a count may grow until somebody says that it may.
pub(crate) const TOLERATED: u64 = 5;

/// A script.
#[derive(Debug)]
struct Line {
    name: String,
    recorded: Option<u64>,
    counted: u64,
}

/// What a count comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    AsRecorded,
    Above,
    Below,
    New,
}

/// All scripts.
#[derive(Debug)]
pub(crate) struct Comparison(Vec<Line>);

impl Comparison {
    /// Puts counts beside recorded ones.
    pub(crate) fn new(recorded: &BTreeMap<String, u64>, counted: &[(String, u64)]) -> Self {
        let line = |(name, counted): &(String, u64)| Line {
            name: name.clone(),
            recorded: recorded.get(name).copied(),
            counted: *counted,
        };
        Comparison(counted.iter().map(line).collect())
    }

    /// The scripts that take more than is tolerated.
    pub(crate) fn above(&self) -> Vec<&str> {
        self.of(Verdict::Above)
    }

    /// The scripts that take so much less that it is worth recording.
    pub(crate) fn below(&self) -> Vec<&str> {
        self.of(Verdict::Below)
    }

    /// The scripts that are not recorded.
    pub(crate) fn new_ones(&self) -> Vec<&str> {
        self.of(Verdict::New)
    }

    fn of(&self, verdict: Verdict) -> Vec<&str> {
        let lines = self.0.iter().filter(|line| line.verdict() == verdict);
        lines.map(|line| &*line.name).collect()
    }
}

impl Line {
    fn verdict(&self) -> Verdict {
        let Some(recorded) = self.recorded else { return Verdict::New };
        match self.counted * 100 {
            counted if counted > recorded * (100 + TOLERATED) => Verdict::Above,
            counted if counted < recorded * (100 - TOLERATED) => Verdict::Below,
            _ => Verdict::AsRecorded,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24}{:>12}{:>12}{:>8}", "script", "recorded", "now", "ratio")?;
        for line in &self.0 {
            write!(f, "{:<24}", line.name)?;
            match line.recorded {
                #[allow(clippy::cast_precision_loss, reason = "it is shown with three digits")]
                Some(recorded) => {
                    let ratio = line.counted as f64 / recorded as f64;
                    write!(f, "{recorded:>12}{:>12}{ratio:>8.3}", line.counted)?;
                }
                None => write!(f, "{:>12}{:>12}{:>8}", "-", line.counted, "-")?,
            }
            writeln!(
                f,
                "{}",
                match line.verdict() {
                    Verdict::AsRecorded => "",
                    Verdict::Above => "  ABOVE",
                    Verdict::Below => "  below",
                    Verdict::New => "  NEW",
                }
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Comparison;

    #[test]
    fn five_percent_are_tolerated_and_no_more() {
        let recorded = ["same", "up", "down", "over", "under"].map(|name| (name.into(), 1_000));
        let counted =
            [("same", 1_000), ("up", 1_050), ("down", 950), ("over", 1_051), ("under", 949)];
        let counted = counted.map(|(name, count)| (name.into(), count));
        let comparison = Comparison::new(&recorded.into(), &counted);
        assert_eq!(comparison.above(), ["over"]);
        assert_eq!(comparison.below(), ["under"]);
        assert!(comparison.new_ones().is_empty());
    }

    #[test]
    fn a_script_without_a_recorded_count_is_told() {
        let comparison = Comparison::new(&Default::default(), &[("wire".into(), 7)]);
        assert_eq!(comparison.new_ones(), ["wire"]);
        assert!(comparison.to_string().contains("NEW"), "{comparison}");
    }
}
