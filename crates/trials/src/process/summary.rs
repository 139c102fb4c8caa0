use std::fmt;

/// What a trial did, for a report.
#[derive(Clone, Debug)]
pub struct Summary {
    name: &'static str,
    lines: Vec<String>,
}

impl Summary {
    pub(crate) fn new(name: &'static str) -> Self {
        Summary { name, lines: Vec::new() }
    }

    pub(crate) fn line(mut self, line: String) -> Self {
        self.lines.push(line);
        self
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.name)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}
