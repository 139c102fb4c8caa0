//! The source of everything that a seed decides.

/// Chance, decided by a seed. Two of the same seed make the same choices.
#[derive(Clone, Debug)]
pub struct Chance(fastrand::Rng);

impl Chance {
    /// Chance that a seed decides.
    pub fn new(seed: u64) -> Self {
        Chance(fastrand::Rng::with_seed(seed))
    }

    /// A source of its own for one part of a run, so that what another part chooses more or less
    /// does not change what this one chooses.
    pub fn fork(&self, part: u64) -> Self {
        let mut rng = self.0.clone();
        let mixed = rng.u64(..) ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Chance(fastrand::Rng::with_seed(mixed))
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, times: u32) -> bool {
        times > 0 && self.0.u32(0..1_000) < times
    }

    /// True once in `count` times.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// A number below `count`; 0 if that is 0.
    pub fn below(&mut self, count: usize) -> usize {
        if count < 2 { 0 } else { self.0.usize(..count) }
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high.max(low))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// One of these.
    ///
    /// # Panics
    /// When there is none.
    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_seed_decides_it_and_parts_are_independent() {
        let numbers = |mut chance: Chance| (0..4).map(|_| chance.number()).collect::<Vec<_>>();
        assert_eq!(numbers(Chance::new(7)), numbers(Chance::new(7)));
        assert_ne!(numbers(Chance::new(7)), numbers(Chance::new(8)));
        let whole = Chance::new(7);
        assert_ne!(numbers(whole.fork(1)), numbers(whole.fork(2)));
        assert_eq!(numbers(whole.fork(1)), numbers(Chance::new(7).fork(1)));
    }
}
