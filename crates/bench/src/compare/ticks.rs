use std::fs;

/// The columns of `/proc/stat` that are time of the processors, and which of them was taken away by
/// the host of a virtual machine (`proc_stat(5)`: user, nice, system, idle, iowait, irq, softirq,
/// steal; the time of guests is in that of users already).
const COLUMNS: usize = 8;
const STEAL: usize = 7;

/// What the processors have done since the machine started, in the kernel's ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ticks {
    all: u64,
    stolen: u64,
}

impl Ticks {
    /// Until now; `None` where the kernel does not say.
    pub(crate) fn now() -> Option<Self> {
        Ticks::of(&fs::read_to_string("/proc/stat").ok()?)
    }

    fn of(stat: &str) -> Option<Self> {
        let columns = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        let columns = columns.take(COLUMNS).map(|column| column.parse().ok());
        let columns: Vec<u64> = columns.collect::<Option<_>>()?;
        Some(Ticks { all: columns.iter().sum(), stolen: *columns.get(STEAL)? })
    }

    /// The share of the time from here to a later moment that the host gave to others.
    pub(crate) fn stolen_until(self, later: Ticks) -> f64 {
        let all = later.all.saturating_sub(self.all);
        later.stolen.saturating_sub(self.stolen) as f64 / all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stolen_is_a_share_of_the_time_between() {
        let at = |idle, steal| {
            Ticks::of(&format!("cpu  10 0 20 {idle} 5 0 1 {steal} 7 0\ncpu0 1 2\n")).unwrap()
        };
        assert!((at(100, 50).stolen_until(at(190, 60)) - 0.1).abs() < 1e-9);
        assert_eq!(at(100, 50).stolen_until(at(100, 50)), 0.0);
    }

    #[test]
    fn a_kernel_that_does_not_say_is_not_guessed_at() {
        for stat in ["", "cpu  1 2 3 4\n", "cpu  a b c d e f g h\n", "intr 1 2 3 4 5 6 7 8\n"] {
            assert_eq!(Ticks::of(stat), None);
        }
    }
}
