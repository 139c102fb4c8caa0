/// Numbers that are the same on every run: Marsaglia's xorshift.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }

    /// One of these, if there are any.
    pub(crate) fn one<'a, T: Clone + 'a>(
        &mut self,
        all: impl ExactSizeIterator<Item = &'a T>,
    ) -> Option<T> {
        let count = all.len();
        let mut all = all;
        if count == 0 { None } else { all.nth(self.below(count)).cloned() }
    }
}
