//! Counting by valgrind: every instruction of a process, on an emulated processor that is the same
//! on all machines.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::script::Script;

/// How many instructions one operation of a script takes: the difference between a run with the
/// rounds that count and a run without, so that neither the start of the process nor what a script
/// prepares is in it.
///
/// # Errors
/// When valgrind is missing or fails.
pub(crate) fn count(script: &Script) -> Result<u64, String> {
    let less = instructions(script, 0)?;
    let more = instructions(script, script.rounds)?;
    let (counted, operations) = (more.saturating_sub(less), script.rounds * script.operations);
    Ok((counted + operations / 2) / operations)
}

fn instructions(script: &Script, rounds: u64) -> Result<u64, String> {
    let options = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
    let output = run(&options, script, rounds)?;
    let said = String::from_utf8_lossy(&output.stderr);
    total(&said).ok_or_else(|| format!("valgrind tells no count of {}:\n{said}", script.name))
}

/// The count in what cachegrind says: `==7== I   refs:      1,234,567`.
fn total(said: &str) -> Option<u64> {
    let refs = said.lines().find_map(|line| {
        let (what, count) = line.split_once("refs:")?;
        what.trim_end().ends_with('I').then_some(count)
    })?;
    refs.trim().replace(',', "").parse().ok()
}

/// Writes down which functions the instructions of a script are in, and tells where.
///
/// # Errors
/// When valgrind is missing or fails.
pub(crate) fn profile(script: &Script, directory: &Path) -> Result<PathBuf, String> {
    let file = directory.join(format!("callgrind.out.{}", script.name.replace('/', "-")));
    let out = format!("--callgrind-out-file={}", file.display());
    run(&["--tool=callgrind", &out], script, script.rounds)?;
    Ok(file)
}

fn run(options: &[&str], script: &Script, rounds: u64) -> Result<Output, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(options).arg(program).args(["run", script.name, &rounds.to_string()]);
    let output = valgrind.output().map_err(|error| {
        format!("valgrind cannot be started ({error}): install the package of this name")
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} failed under valgrind:\n{said}", script.name))
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn a_count_is_read() {
        assert_eq!(total("==7== x\n==7== I   refs:      1,234,567\n"), Some(1_234_567));
        assert_eq!(total("==7== I refs: 12\n==7== D refs: 3\n"), Some(12));
        assert_eq!(total("==7== D   refs:      1,234,567\n"), None);
        assert_eq!(total("killed"), None);
    }
}
