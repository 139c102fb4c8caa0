//! Where the output goes: data to stdout, talk to stderr.

use std::io::{self, IsTerminal, Stdout, Write};

use anstream::AutoStream;

use crate::{
    clock,
    fault::Fault,
    render::{Row, Show, style, table},
};

/// The output of one run.
pub(crate) struct Output {
    stdout: AutoStream<Stdout>,
    json: bool,
    terminal: bool,
    /// Whether a table has been begun, so that a further page goes without titles.
    titled: bool,
}

impl Output {
    /// Output for a program (`json`) or a person.
    pub(crate) fn new(json: bool) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Output { stdout: AutoStream::auto(stdout), json, terminal, titled: false }
    }

    /// Whether a program reads it.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person watches it, so that it may be drawn over.
    pub(crate) fn is_live(&self) -> bool {
        self.terminal && !self.json
    }

    /// Shows one record.
    pub(crate) fn show(&mut self, record: &impl Show) -> Result<(), Fault> {
        let text = if self.json { record.json() } else { record.human(clock::now()) };
        self.line(&text)
    }

    /// Shows a page of records: a table, or one line of JSON for each.
    pub(crate) fn page<R: Row>(&mut self, records: &[R]) -> Result<(), Fault> {
        if self.json {
            return records.iter().try_for_each(|record| self.line(&record.json()));
        }
        let now = clock::now();
        let rows: Vec<_> = records.iter().map(|record| record.cells(now)).collect();
        let titles = (!self.titled).then_some(R::TITLES);
        self.titled = true;
        if rows.is_empty() {
            return Ok(());
        }
        table::lines(titles, &rows).iter().try_for_each(|line| self.line(line))
    }

    /// Writes a line of data.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Fault> {
        Ok(writeln!(self.stdout, "{line}")?)
    }

    /// Writes text as it is, to a terminal that understands it.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), Fault> {
        self.stdout.write_all(text.as_bytes())?;
        Ok(self.stdout.flush()?)
    }
}

/// Says something to the person: not data. A stderr that went away is no reason to stop.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", style::paint(style::FAINT, text));
}

/// Says something that is not an aside.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Says what went wrong.
pub(crate) fn complain(fault: &Fault) {
    if !fault.message.is_empty() {
        let label = style::paint(style::ERROR, "error:");
        let _ = writeln!(anstream::stderr(), "{label} {fault}");
    }
}
