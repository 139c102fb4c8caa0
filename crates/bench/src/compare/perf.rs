use std::{
    collections::BTreeSet,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// The system calls that are counted.
const EVENTS: &str = "syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync,\
                      syscalls:sys_enter_syncfs,syscalls:sys_enter_sync_file_range,\
                      syscalls:sys_enter_msync";

/// It is attached within this time.
const ATTACH: Duration = Duration::from_millis(200);

/// Counts the syncs of processes that no library can be preloaded into, by the kernel's own events:
/// `perf stat`, where that is installed and allowed. What writes to synchronous files is not seen.
pub(crate) struct Perf(Child);

impl Perf {
    /// Counts from now on; `None` where that is not possible.
    pub(crate) fn attach(pids: &BTreeSet<u32>) -> Option<Self> {
        if pids.is_empty() {
            return None;
        }
        let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
        let mut command = Command::new("perf");
        command.args(["stat", "-x", ",", "-e", EVENTS, "-p", &pids.join(",")]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        thread::sleep(ATTACH);
        match child.try_wait() {
            Ok(None) => Some(Perf(child)),
            Ok(Some(_)) | Err(_) => None,
        }
    }

    /// How many there were.
    pub(crate) fn finish(self) -> Option<u64> {
        let told = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        if !told.is_ok_and(|status| status.success()) {
            return None;
        }
        let output = self.0.wait_with_output().ok()?;
        sum(&String::from_utf8_lossy(&output.stderr))
    }
}

/// The sum of all counts, if each event was counted: `17,,syscalls:sys_enter_fsync,...`.
fn sum(text: &str) -> Option<u64> {
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("sys_enter_")).collect();
    if lines.len() != EVENTS.split(',').count() {
        return None;
    }
    let count = |line: &&str| match line.split(',').next()? {
        // None of the processes has run.
        "<not counted>" => Some(0),
        number => number.parse::<u64>().ok(),
    };
    lines.iter().map(count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_perf_says_is_summed() {
        let lines = EVENTS.split(',').enumerate();
        let lines = lines.map(|(count, event)| format!("{count},,{event},100,100.00,,\n"));
        let text: String = lines.collect();
        assert_eq!(sum(&text), Some(1 + 2 + 3 + 4));
        assert_eq!(sum(&text.replace("4,,", "<not counted>,,")), Some(1 + 2 + 3));
        assert_eq!(sum(&text.replace("4,,", "<not supported>,,")), None);
        assert_eq!(sum("event syntax error: sys_enter_fsync"), None);
    }
}
