//! What the system says about processes and their descendants.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    ops::Sub,
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// The unit in which the system counts processor time, unless it is a very unusual one.
const TICK: Duration = Duration::from_millis(10);

/// What processes have used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Processor time, of all threads and of children that have ended.
    pub(crate) cpu_seconds: f64,
    /// What they made the system write to disk.
    pub(crate) written_bytes: u64,
}

impl Sub for Usage {
    type Output = Usage;

    fn sub(self, other: Usage) -> Usage {
        Usage {
            cpu_seconds: self.cpu_seconds - other.cpu_seconds,
            written_bytes: self.written_bytes.saturating_sub(other.written_bytes),
        }
    }
}

/// These processes and their descendants, as far as they live.
pub(crate) fn family(pids: &[u32]) -> BTreeSet<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Ok(fields) = stat(pid) {
            children.entry(fields[1] as u32).or_default().push(pid);
        }
    }
    let mut found = BTreeSet::new();
    let mut left: Vec<u32> = pids.to_vec();
    while let Some(pid) = left.pop() {
        if found.insert(pid) {
            left.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

/// What these processes have used so far. One that has ended counts where its parent waited for it.
pub(crate) fn usage(pids: &BTreeSet<u32>) -> Usage {
    let mut sum = Usage::default();
    for &pid in pids {
        let Ok(fields) = stat(pid) else { continue };
        let ticks: u64 = fields[11..15].iter().sum();
        sum.cpu_seconds += TICK.as_secs_f64() * ticks as f64;
        sum.written_bytes += line(pid, "io", "write_bytes:").unwrap_or_default();
    }
    sum
}

/// The memory that these processes have in use right now, in bytes. What they share (the buffers of
/// a database) counts once.
pub(crate) fn memory(pids: &BTreeSet<u32>) -> u64 {
    let each = |&pid: &u32| {
        let kib = line(pid, "smaps_rollup", "Pss:").or_else(|_| line(pid, "status", "VmRSS:"));
        kib.unwrap_or_default() * 1_024
    };
    pids.iter().map(each).sum()
}

/// The numbers of the stat file behind the name and the state; those that are negative are 0.
/// The parent is at 1, utime, stime, cutime and cstime are at 11.
fn stat(pid: u32) -> io::Result<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold anything.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    let fields: Vec<u64> = fields.map(|text| text.parse().unwrap_or_default()).collect();
    if fields.len() < 15 {
        return Err(io::Error::other("there is less than is known of Linux"));
    }
    Ok(fields)
}

fn line(pid: u32, file: &str, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|text| text.parse().ok()).ok_or_else(|| io::Error::other("no such line"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_family_is_found_and_what_it_used() {
        let mut shell = Command::new("sh").args(["-c", "sleep 1000 & wait"]).spawn().unwrap();
        let mut found = family(&[shell.id()]);
        // The shell may not have started its child.
        while found.len() < 2 {
            std::thread::yield_now();
            found = family(&[shell.id()]);
        }
        let own = family(&[std::process::id()]);
        assert!(own.is_superset(&found));
        assert!(memory(&found) > 0);
        assert!(usage(&own).cpu_seconds >= usage(&found).cpu_seconds);
        for pid in found {
            Command::new("kill").arg(pid.to_string()).status().unwrap();
        }
        shell.wait().unwrap();
    }
}
