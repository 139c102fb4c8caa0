use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

/// Each power of two is divided into so many buckets: the error is below 1.6 percent.
const PARTS: u64 = 64;

/// How many times of which length there were: logarithmic buckets, linearly divided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Buckets", into = "Buckets")]
pub struct Histogram {
    /// By the largest number of nanoseconds that is counted there.
    counts: BTreeMap<u64, u64>,
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, elapsed: Duration) {
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        *self.counts.entry(upper(nanos)).or_default() += 1;
    }

    /// Counts all that are in another.
    pub fn merge(&mut self, other: &Histogram) {
        for (upper, count) in &other.counts {
            *self.counts.entry(*upper).or_default() += count;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The time within which this share of them lies; zero if there are none.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = (share * self.count() as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        let found = self.counts.iter().find(|(_, count)| {
            below += **count;
            below >= rank
        });
        Duration::from_nanos(found.map_or(0, |(upper, _)| *upper))
    }
}

/// The end of the bucket that a number belongs to.
fn upper(nanos: u64) -> u64 {
    let shift = (nanos.max(1).ilog2() + 1).saturating_sub(PARTS.ilog2() + 1);
    (nanos >> shift << shift) | ((1 << shift) - 1)
}

/// As it travels: `{"buckets":[[upper_us,count],...]}`.
#[derive(Serialize, Deserialize)]
struct Buckets {
    buckets: Vec<(f64, u64)>,
}

impl From<Histogram> for Buckets {
    fn from(histogram: Histogram) -> Self {
        let counts = histogram.counts.into_iter();
        Buckets { buckets: counts.map(|(upper, count)| (upper as f64 / 1e3, count)).collect() }
    }
}

impl From<Buckets> for Histogram {
    fn from(Buckets { buckets }: Buckets) -> Self {
        let nanos = |micros: f64| (micros * 1e3).round() as u64;
        Histogram { counts: buckets.into_iter().map(|(us, count)| (nanos(us), count)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(numbers: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        numbers.into_iter().for_each(|nanos| histogram.add(Duration::from_nanos(nanos)));
        histogram
    }

    #[test]
    fn a_bucket_holds_its_numbers_within_the_error() {
        let mut last = 0;
        for number in (0..200_000).chain((0..64).map(|bit| 1 << bit)).chain([u64::MAX]) {
            let upper = upper(number);
            assert!(upper >= number, "{number}");
            assert!(upper - number <= number / PARTS, "{number} is counted as {upper}");
            assert_eq!(super::upper(upper), upper, "the end belongs to the bucket: {number}");
            last = last.max(upper);
        }
        assert_eq!(last, u64::MAX);
    }

    #[test]
    fn quantiles_are_those_of_the_numbers() {
        assert_eq!(nanos([]).quantile(0.5), Duration::ZERO);
        let histogram = nanos((1..=1_000).map(|millis| millis * 1_000_000));
        for (share, millis) in [(0.0, 1), (0.5, 500), (0.99, 990), (1.0, 1_000)] {
            let found = histogram.quantile(share).as_secs_f64() * 1e3;
            let exact = f64::from(millis);
            assert!((exact..=exact * 1.016).contains(&found), "{share}: {found} for {exact}");
        }
    }

    #[test]
    fn it_travels_and_merges() {
        let (one, other) = (nanos([7, 1_500, 1_000_000_000]), nanos([7, 3_600_000_000_000]));
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), one);
        assert!(text.starts_with(r#"{"buckets":[[0.007,1],"#), "{text}");
        let mut both = one.clone();
        both.merge(&other);
        assert_eq!(both, nanos([7, 7, 1_500, 1_000_000_000, 3_600_000_000_000]));
        assert_eq!(both.count(), 5);
    }
}
