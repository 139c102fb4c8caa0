use super::properties::{Property, catalogue};

/// How often each property of the catalogue could have failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In the order of the catalogue.
    counts: Vec<u64>,
}

impl Tally {
    /// Adds cases of the property at this place of the catalogue.
    pub(super) fn add(&mut self, place: usize, cases: u64) {
        if self.counts.len() <= place {
            self.counts.resize(catalogue().count(), 0);
        }
        self.counts[place] += cases;
    }

    /// Adds what another one has counted.
    pub fn merge(&mut self, other: &Tally) {
        for (place, cases) in other.counts.iter().enumerate() {
            self.add(place, *cases);
        }
    }

    /// Every property, with the number of cases in which it could have failed.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Property, u64)> + '_ {
        let counts = self.counts.iter().copied().chain(std::iter::repeat(0));
        catalogue().zip(counts)
    }

    /// The number of cases in which any property could have failed.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}
