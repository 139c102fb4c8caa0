//! What the records say and what the code asks for, side by side, when they disagree (rule 8).

use super::{
    ask::Ask,
    calls::Call,
    fault::Fault,
    record::{Recorded, Records},
    scope::{Nascent, State},
};

/// Where it is: the function, and the turn.
pub(super) fn place(scope: &str, turn: u64) -> String {
    format!("{scope} (turn {turn})")
}

impl State {
    /// A call that has no record in a turn whose records are complete.
    pub(super) fn unrecorded(&self, scope: &str, ask: &Ask) -> Fault {
        let free = self.replay.iter().flat_map(|replay| replay.matching.free());
        let nearest = free.min_by_key(|record| distance(record, ask));
        self.sides(scope, nearest, Some(ask))
    }

    /// A record that nobody asked for in its turn.
    pub(super) fn unasked(&self, scope: &str, record: &Recorded, nascent: &[Nascent]) -> Fault {
        let new = nascent.iter().filter(|n| n.born.is_none_or(|born| !born.recorded));
        let nearest = new.min_by_key(|n| distance(record, &n.ask));
        self.sides(scope, Some(record), nearest.map(|n| &*n.ask))
    }

    fn sides(&self, scope: &str, recorded: Option<&Recorded>, asked: Option<&Ask>) -> Fault {
        // The arguments themselves may be secret, and are not in the trace.
        let fingerprints = match (recorded, asked) {
            (Some(recorded), Some(asked)) => {
                let (a, b) = (recorded.trace.identity.fingerprint, asked.fingerprint);
                (a != b).then_some((a, b))
            }
            _ => None,
        };
        let with = |fingerprint: Option<u64>| {
            let text = |f| format!(", whose arguments have the fingerprint {f:016x}");
            fingerprint.map_or_else(String::new, text)
        };
        let none = || "nothing more".to_owned();
        Fault::Diverged {
            at: place(scope, self.turn),
            recorded: recorded
                .map_or_else(none, |r| tell_record(r) + &with(fingerprints.map(|f| f.0))),
            requested: asked.map_or_else(none, |a| tell_ask(a) + &with(fingerprints.map(|f| f.1))),
        }
    }

    /// A recorded completion that nobody awaits, or takes.
    pub(super) fn undelivered(&self, scope: &str, turn: u64, ordinal: Option<u32>) -> Fault {
        let record = ordinal.and_then(|o| self.replay.as_ref()?.records.find(o));
        let what = match (record, ordinal) {
            (Some(record), _) => tell_record(record),
            (None, Some(ordinal)) => format!("child {ordinal}"),
            (None, None) => "something".to_owned(),
        };
        let awaits = match self.calls.awaited().next() {
            Some(call) => format!("it awaits the {}", tell_call(call)),
            None => "it awaits nothing".to_owned(),
        };
        Fault::Diverged {
            at: place(scope, turn),
            recorded: format!("that it takes the result of the {what}"),
            requested: format!("that it does not; {awaits}"),
        }
    }

    /// The function has ended before its last recorded turn.
    pub(super) fn ended_early(&self, scope: &str, records: &Records) -> Fault {
        let next = records.after(self.turn);
        Fault::Diverged {
            at: place(scope, self.turn),
            recorded: next.map_or_else(|| "more turns".to_owned(), tell_record),
            requested: "the end of the function".to_owned(),
        }
    }
}

/// How little a record and a call have to do with each other.
fn distance(record: &Recorded, ask: &Ask) -> u8 {
    let identity = &record.trace.identity;
    let (kind, func) = (identity.kind == ask.kind, identity.func == ask.func);
    let site = record.trace.site == ask.site;
    [kind && func && site, kind && func, func, site].iter().position(|is| *is).unwrap_or(4) as u8
}

fn tell_record(record: &Recorded) -> String {
    let identity = &record.trace.identity;
    let site = match record.trace.site.to_string().as_str() {
        "" => String::new(),
        site => format!(" at {site}"),
    };
    format!("{} {}{site} (child {})", identity.kind, identity.func, record.ordinal)
}

fn tell_ask(ask: &Ask) -> String {
    format!("{} {} at {}", ask.kind, ask.func, ask.site)
}

fn tell_call(call: &Call) -> String {
    tell_ask(&call.ask)
}
