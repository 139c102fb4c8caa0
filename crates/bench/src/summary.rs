use std::time::Duration;

/// How long each of many operations took.
#[derive(Default)]
pub(crate) struct Summary {
    nanos: Vec<u64>,
    sorted: bool,
}

impl Summary {
    pub(crate) fn add(&mut self, elapsed: Duration) {
        self.nanos.push(elapsed.as_nanos() as u64);
        self.sorted = false;
    }

    pub(crate) fn count(&self) -> usize {
        self.nanos.len()
    }

    /// The time within which this share of the operations was done.
    pub(crate) fn quantile(&mut self, share: f64) -> Duration {
        if !std::mem::replace(&mut self.sorted, true) {
            self.nanos.sort_unstable();
        }
        let last = self.nanos.len().saturating_sub(1);
        let index = (share * last as f64).round() as usize;
        Duration::from_nanos(self.nanos.get(index).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let mut summary = Summary::default();
        assert_eq!(summary.quantile(0.5), Duration::ZERO);
        for millis in (1..=101).rev() {
            summary.add(Duration::from_millis(millis));
        }
        let quantile = |summary: &mut Summary, share| summary.quantile(share).as_millis();
        assert_eq!(quantile(&mut summary, 0.0), 1);
        assert_eq!(quantile(&mut summary, 0.5), 51);
        assert_eq!(quantile(&mut summary, 0.99), 100);
        assert_eq!(quantile(&mut summary, 1.0), 101);
        assert_eq!(summary.count(), 101);
    }
}
