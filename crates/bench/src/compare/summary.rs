use std::collections::BTreeMap;

use abide_bench::driver::{Answer, Reply, SYNCS};
use serde::Serialize;

use super::sample::{Cost, Sample};

/// The shares of operations whose latency is told.
pub(crate) const SHARES: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0];

/// What one system did with one workload: each figure is the median of its rounds.
#[derive(Clone, Debug, Serialize)]
pub(crate) enum Summary {
    Figures(Figures),
    /// The system has nothing of the kind, or could not be started or measured: why.
    None(String),
}

/// The figures of one round, or the medians of all.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Figures {
    /// Operations a second.
    pub(crate) rate: f64,
    pub(crate) operations: f64,
    /// Failed operations and those that were due and had not begun, in all rounds.
    pub(crate) errors: u64,
    pub(crate) behind: u64,
    /// In microseconds, for each of [`SHARES`].
    pub(crate) latency_us: Vec<f64>,
    /// Processor time for each operation, by what the processes are for.
    pub(crate) cpu_us: BTreeMap<String, f64>,
    /// Memory after the job and before it.
    pub(crate) memory_bytes: BTreeMap<String, f64>,
    pub(crate) idle_bytes: BTreeMap<String, f64>,
    /// For each operation.
    pub(crate) written_bytes: f64,
    /// For each operation; `None` where they cannot be counted.
    pub(crate) syncs: Option<f64>,
    /// What the driver itself has found out.
    pub(crate) figures: BTreeMap<String, f64>,
}

impl Figures {
    pub(crate) fn of(answer: &Answer, cost: &Cost) -> Self {
        let each = |whole: f64| whole / answer.all.max(1) as f64;
        let written: u64 = cost.used.values().map(|usage| usage.written_bytes).sum();
        let bytes = |by_role: &BTreeMap<String, u64>| {
            by_role.iter().map(|(role, bytes)| (role.clone(), *bytes as f64)).collect()
        };
        let cpu = cost.used.iter();
        let mut figures = answer.figures.clone();
        let told = figures.remove(SYNCS);
        Figures {
            rate: answer.rate(),
            operations: answer.operations as f64,
            errors: answer.errors,
            behind: answer.behind,
            latency_us: SHARES
                .map(|share| answer.latency_us.quantile(share).as_secs_f64() * 1e6)
                .to_vec(),
            cpu_us: cpu
                .map(|(role, usage)| (role.clone(), each(usage.cpu_seconds * 1e6)))
                .collect(),
            memory_bytes: bytes(&cost.memory_bytes),
            idle_bytes: bytes(&cost.idle_bytes),
            written_bytes: each(written as f64),
            syncs: cost.syncs.map(|syncs| syncs as f64).or(told).map(each),
            figures,
        }
    }

    fn median(rounds: &[Figures]) -> Self {
        let one = |figure: &dyn Fn(&Figures) -> f64| median(rounds.iter().map(figure).collect());
        let map = |figures: &dyn Fn(&Figures) -> &BTreeMap<String, f64>| {
            let names = rounds.iter().flat_map(|round| figures(round).keys());
            let each = names.map(|name| {
                let values = rounds.iter().filter_map(|round| figures(round).get(name).copied());
                (name.clone(), median(values.collect()))
            });
            each.collect()
        };
        let syncs: Option<Vec<f64>> = rounds.iter().map(|round| round.syncs).collect();
        Figures {
            rate: one(&|round| round.rate),
            operations: one(&|round| round.operations),
            errors: rounds.iter().map(|round| round.errors).sum(),
            behind: rounds.iter().map(|round| round.behind).sum(),
            latency_us: (0..SHARES.len()).map(|n| one(&|round| round.latency_us[n])).collect(),
            cpu_us: map(&|round| &round.cpu_us),
            memory_bytes: map(&|round| &round.memory_bytes),
            idle_bytes: map(&|round| &round.idle_bytes),
            written_bytes: one(&|round| round.written_bytes),
            syncs: syncs.map(median),
            figures: map(&|round| &round.figures),
        }
    }
}

impl Summary {
    /// What the samples of one system and one workload come to.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = &'a Sample>) -> Self {
        let (mut rounds, mut why) = (Vec::new(), None);
        for sample in samples {
            match &sample.taken.reply {
                Reply::Answer(answer) => rounds.push(Figures::of(answer, &sample.taken.cost)),
                Reply::Unsupported(text) => why = Some(format!("not there: {text}")),
                Reply::Failed(text) => why = Some(format!("failed: {text}")),
            }
        }
        match (rounds.is_empty(), why) {
            // One round that failed is told, whatever the others have done.
            (false, None) => Summary::Figures(Figures::median(&rounds)),
            (_, why) => Summary::None(why.unwrap_or_else(|| "it was not measured".to_owned())),
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match (values.len(), values.len() / 2) {
        (0, _) => 0.0,
        (length, half) if length % 2 == 1 => values[half],
        (_, half) => f64::midpoint(values[half - 1], values[half]),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{compare::sample::Taken, processes::Usage};

    fn sample(round: u32, reply: Reply) -> Sample {
        let used = Usage { cpu_seconds: 0.5, written_bytes: 4_000 };
        let used = BTreeMap::from([("server".to_owned(), used)]);
        let cost = Cost { used, syncs: Some(20), ..Cost::default() };
        let taken = Taken { attempts: 1, ready: None, reply, cost };
        Sample { workload: 0, system: 0, round, taken }
    }

    fn answer(operations: u64, millis: u64) -> Reply {
        let mut answer = Answer { operations, seconds: 2.0, all: 1_000, ..Answer::default() };
        answer.latency_us.add(Duration::from_millis(millis));
        Reply::Answer(answer)
    }

    #[test]
    fn each_figure_is_the_median_of_the_rounds() {
        let rounds = [(400, 9), (800, 3), (600, 5)];
        let samples = rounds.map(|(operations, millis)| sample(0, answer(operations, millis)));
        let Summary::Figures(figures) = Summary::of(samples.iter()) else { panic!("no figures") };
        assert_eq!((figures.rate, figures.operations), (300.0, 600.0));
        assert!((5_000.0..5_100.0).contains(&figures.latency_us[0]), "{figures:?}");
        assert_eq!(figures.cpu_us["server"], 500.0);
        assert_eq!((figures.written_bytes, figures.syncs), (4.0, Some(0.02)));
    }

    #[test]
    fn syncs_are_what_the_driver_tells_where_they_are_not_seen() {
        let figures = BTreeMap::from([(SYNCS.to_owned(), 50.0)]);
        let answer = Answer { all: 10, figures, ..Answer::default() };
        let unseen = Figures::of(&answer, &Cost::default());
        assert_eq!((unseen.syncs, unseen.figures.len()), (Some(5.0), 0));
        let seen = Figures::of(&answer, &Cost { syncs: Some(20), ..Cost::default() });
        assert_eq!(seen.syncs, Some(2.0));
    }

    #[test]
    fn a_round_that_failed_is_not_hidden_by_the_others() {
        let samples = [sample(0, answer(1, 1)), sample(1, Reply::Failed("it broke".to_owned()))];
        let Summary::None(why) = Summary::of(samples.iter()) else { panic!("figures") };
        assert_eq!(why, "failed: it broke");
        assert!(matches!(Summary::of([].iter()), Summary::None(_)));
    }

    #[test]
    fn medians() {
        for (values, middle) in [(vec![], 0.0), (vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 2.0], 3.0)] {
            assert_eq!(median(values), middle);
        }
    }
}
