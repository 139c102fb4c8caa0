use std::{fs, time::Duration};

/// The unit in which the system counts processor time, unless it is a very unusual one.
const TICK: Duration = Duration::from_millis(10);

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// The processor time so far.
    pub processor: Duration,
    /// The memory right now, in bytes.
    pub memory: u64,
}

impl Usage {
    /// What the system says of this process; nothing where it does not say.
    pub(crate) fn of(process: u32) -> Self {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name, in parentheses, may hold anything; utime and stime are the 14th and 15th.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u32 = fields.skip(11).take(2).filter_map(|text| text.parse::<u32>().ok()).sum();
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
        Usage { processor: TICK * ticks, memory: kib << 10 }
    }
}
