//! Bugs of our own, one after the other, and who catches each.

mod checker;
mod known;
mod machine;
mod page;
mod panics;
mod plan;
mod report;
mod shard;
mod store;
mod system;

use abide_faults::Fault;

pub use checker::Checker;
pub use known::{FILE, Known};
pub use page::PAGE;
pub use plan::Plan;
pub use report::{Caught, Finding, Report};

/// Who may catch a bug, in the order of what they cost.
const CHECKERS: &[Checker] = &[
    machine::STEPS,
    machine::HISTORIES,
    store::CONFORMANCE,
    store::RECORDS,
    shard::LOCKSTEP,
    shard::CRASHES,
    system::SIMULATOR,
];

/// The bugs with these names; all, if none is named.
///
/// # Errors
/// When there is no bug of such a name.
pub fn chosen(names: &[String]) -> Result<Vec<Fault>, String> {
    if names.is_empty() {
        return Ok(Fault::ALL.to_vec());
    }
    let named = |name: &String| {
        let found = Fault::ALL.iter().find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| format!("there is no bug {name:?}: see docs/faults.md"))
    };
    names.iter().map(named).collect()
}

/// The checker of this name; all, if none is named.
///
/// # Errors
/// When there is no such checker.
pub fn checkers(name: Option<&str>) -> Result<Vec<Checker>, String> {
    let Some(name) = name else { return Ok(CHECKERS.to_vec()) };
    let found: Vec<Checker> = CHECKERS.iter().filter(|it| it.name == name).copied().collect();
    if found.is_empty() {
        let names: Vec<&str> = CHECKERS.iter().map(|checker| checker.name).collect();
        return Err(format!("there is no checker {name:?}: there are {}", names.join(", ")));
    }
    Ok(found)
}
