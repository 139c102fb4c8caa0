//! What the kernel says about this process, this disk and this machine.

use std::{fs, os::unix::fs::MetadataExt, path::Path, time::Duration};

/// The kernel counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of this process, all threads, user and system.
pub fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("read /proc/self/stat");
    let fields = stat.rsplit_once(')').expect("a command name").1;
    let ticks = |n: usize| -> u32 {
        fields.split_whitespace().nth(n).and_then(|text| text.parse().ok()).expect("a count")
    };
    TICK * (ticks(11) + ticks(12))
}

/// Bytes the file system has allocated below `directory`; holes do not count.
pub fn disk_bytes(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).expect("read the directory");
    entries
        .map(|entry| {
            let path = entry.expect("read an entry").path();
            let metadata = fs::metadata(&path).expect("stat");
            if metadata.is_dir() { disk_bytes(&path) } else { metadata.blocks() * 512 }
        })
        .sum()
}

/// One line: cores, load, and what the figures are durable against.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?").to_owned();
    format!("{cores} cores, load {load} at the start, every commit synced before it returns")
}
