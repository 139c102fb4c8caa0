//! The shortest way to something broken. What an exploration comes upon first is seldom near, as it
//! follows one way to its end before it tries the next.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{Action, Finding, Onward, System, Violation, finding, way::Way};

/// Shortens a way to something broken. What is broken at its end may be something else.
pub(super) fn to<S: System>(system: &S, path: Vec<Action>, violation: Violation) -> Finding {
    let mut scratch = system.scratch();
    let (mut path, mut violation) = without_detours(system, &mut scratch, path, violation);
    let (nearest, shortest) = breadth_first(system, &mut scratch, path.len());
    if let Some(nearest) = nearest {
        (path, violation) = nearest;
    }
    let script = system.describe(&path);
    Finding { violation, path, script, shortest }
}

/// Leaves out, again and again, whatever can be left out with something still broken.
fn without_detours<S: System>(
    system: &S,
    scratch: &mut S::Scratch,
    mut path: Vec<Action>,
    mut violation: Violation,
) -> (Vec<Action>, Violation) {
    let mut at = path.len();
    while at > 0 {
        at -= 1;
        let mut shorter = path.clone();
        shorter.remove(at);
        if let Some((length, broken)) = follow(system, scratch, &shorter) {
            shorter.truncate(length);
            at = at.min(length);
            (path, violation) = (shorter, broken);
        }
    }
    (path, violation)
}

/// Goes a way as far as it can be gone. If something breaks on it: after how many actions, and what.
fn follow<S: System>(
    system: &S,
    scratch: &mut S::Scratch,
    path: &[Action],
) -> Option<(usize, Violation)> {
    let mut state = system.initial();
    for (at, action) in path.iter().enumerate() {
        let mut one = One { wanted: *action, current: None, next: None, broken: None };
        let all = AssertUnwindSafe(|| system.expand(scratch, &state, &mut one));
        if let Err(panic) = catch_unwind(all)
            && one.current == Some(*action)
        {
            one.broken = Some(finding::of_panic(&*panic));
        }
        if let Some(broken) = one.broken {
            return Some((at + 1, broken));
        }
        state = one.next?;
    }
    None
}

/// Looks at one of the things that can happen only.
struct One<S> {
    wanted: Action,
    current: Option<Action>,
    next: Option<S>,
    broken: Option<Violation>,
}

impl<S> Onward<S> for One<S> {
    fn trying(&mut self, action: Action) {
        self.current = Some(action);
    }

    fn reached(&mut self, state: S) -> bool {
        let wanted = self.current == Some(self.wanted);
        if wanted {
            self.next = Some(state);
        }
        wanted
    }

    fn left(&mut self) {}

    fn broken(&mut self, violation: Violation) {
        if self.current == Some(self.wanted) {
            self.broken = Some(violation);
        }
    }
}

/// A way, and what is broken at its end.
type Broken = (Vec<Action>, Violation);

/// Goes through everything in fewer than `most` actions, nearest first, for something broken.
/// Whether it could: beyond so many states there is no room.
fn breadth_first<S: System>(
    system: &S,
    scratch: &mut S::Scratch,
    most: usize,
) -> (Option<Broken>, bool) {
    let initial = system.initial();
    let mut level = Level {
        system,
        seen: HashSet::from([system.fingerprint(&initial)]),
        next: Vec::new(),
        way: Way::default(),
        action: 0,
        broken: None,
    };
    let mut open = vec![(initial, Way::default())];
    for _ in 1..most {
        for (state, way) in open {
            level.way = way;
            let all = AssertUnwindSafe(|| system.expand(scratch, &state, &mut level));
            if let Err(panic) = catch_unwind(all) {
                level.broken = Some((level.action, finding::of_panic(&*panic)));
            }
            if let Some((action, violation)) = level.broken.take() {
                return (Some((level.way.and(action).actions(), violation)), true);
            }
            if level.next.len() > S::KEPT {
                return (None, false);
            }
        }
        open = std::mem::take(&mut level.next);
    }
    (None, true)
}

/// One step further from the start.
struct Level<'a, S: System> {
    system: &'a S,
    seen: HashSet<u128>,
    next: Vec<(S::State, Way)>,
    way: Way,
    action: Action,
    broken: Option<(Action, Violation)>,
}

impl<S: System> Onward<S::State> for Level<'_, S> {
    fn trying(&mut self, action: Action) {
        self.action = action;
    }

    fn reached(&mut self, state: S::State) -> bool {
        let new = self.seen.insert(self.system.fingerprint(&state));
        if new {
            self.next.push((state, self.way.and(self.action)));
        }
        new
    }

    fn left(&mut self) {}

    fn broken(&mut self, violation: Violation) {
        self.broken.get_or_insert((self.action, violation));
    }
}
