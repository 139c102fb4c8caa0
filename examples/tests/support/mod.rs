//! Running examples as their comments say: killed, and started again.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// An example that cargo has built beside this test.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.parent().and_then(Path::parent).expect("it lies in target/PROFILE/deps");
    built.join("examples").join(name)
}

/// An empty directory below cargo's own.
pub(crate) fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("cargo's directory is writable");
    path
}

/// Runs it to its end, or kills it after a line that begins so: what it printed.
pub(crate) fn run(
    name: &str,
    arguments: &[&str],
    directory: &Path,
    kill_after: Option<&str>,
) -> Vec<String> {
    let mut child = Command::new(example(name))
        .args(arguments)
        .current_dir(directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo builds examples for a test");
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = Vec::new();
    let mut killed = false;
    for line in stdout.lines() {
        let line = line.expect("text");
        killed = kill_after.is_some_and(|last| line.starts_with(last));
        lines.push(line);
        if killed {
            child.kill().expect("it runs");
            break;
        }
    }
    let status = child.wait().expect("it was started");
    assert!(killed == kill_after.is_some(), "{name} never printed {kill_after:?}: {lines:?}");
    assert!(killed || status.success(), "{name} failed after {lines:?}");
    lines
}
