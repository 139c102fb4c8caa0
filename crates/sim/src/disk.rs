//! A disk of sectors. What was written is there for whoever reads it, but is only certain to
//! survive a loss of power once it has been synced.

use std::collections::{BTreeMap, BTreeSet};

use crate::chance::Chance;

/// The size of a sector: what a disk writes as one, unless it tears it.
pub(crate) const SECTOR: usize = 512;

/// A disk with numbered files.
pub(crate) struct Disk {
    files: BTreeMap<u64, File>,
    chance: Chance,
    pub(crate) faults: DiskFaults,
    pub(crate) counts: DiskCounts,
}

#[derive(Default)]
struct File {
    /// What survives a loss of power.
    platter: Vec<u8>,
    /// What is read.
    cache: Vec<u8>,
    /// The sectors that may differ.
    dirty: BTreeSet<usize>,
}

/// How often a disk fails, in a thousand times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DiskFaults {
    pub(crate) write: u32,
    pub(crate) sync: u32,
    pub(crate) read: u32,
}

/// What has gone wrong so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DiskCounts {
    pub(crate) syncs: u64,
    pub(crate) failed: u64,
    pub(crate) losses: u64,
    pub(crate) torn: u64,
}

/// The disk has failed to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed(pub(crate) &'static str);

/// What becomes of the sectors that were not synced when the power is lost.
#[derive(Clone, Copy, Debug)]
enum Fate {
    AllLost,
    AllKept,
    /// Kept up to some sector, as if written in order.
    Prefix,
    /// Each for itself: the order of the writes means nothing.
    Each,
    /// Each for itself, and some in part.
    Torn,
}

impl Disk {
    pub(crate) fn new(chance: Chance) -> Self {
        let (faults, counts) = (DiskFaults::default(), DiskCounts::default());
        Disk { files: BTreeMap::new(), chance, faults, counts }
    }

    /// The numbers of the files.
    pub(crate) fn files(&self) -> Vec<u64> {
        self.files.keys().copied().collect()
    }

    pub(crate) fn remove(&mut self, file: u64) {
        self.files.remove(&file);
    }

    /// Writes; a write that fails may have been done in part.
    pub(crate) fn write(&mut self, file: u64, at: usize, bytes: &[u8]) -> Result<(), Failed> {
        let fails = self.chance.permille(self.faults.write);
        let done = if fails { self.chance.below(bytes.len() + 1) } else { bytes.len() };
        self.files.entry(file).or_default().write(at, &bytes[..done]);
        if fails {
            self.counts.failed += 1;
            return Err(Failed("no space is left, or the write failed"));
        }
        Ok(())
    }

    /// Makes what was written certain. When that fails, nobody knows which sectors are: the disk
    /// itself takes them all for written from then on, so that another sync does not help.
    pub(crate) fn sync(&mut self, file: u64) -> Result<(), Failed> {
        self.counts.syncs += 1;
        let fails = self.chance.permille(self.faults.sync);
        let Some(file) = self.files.get_mut(&file) else { return Ok(()) };
        for sector in std::mem::take(&mut file.dirty) {
            if !fails || self.chance.once_in(2) {
                file.harden(sector, SECTOR);
            }
        }
        if fails {
            self.counts.failed += 1;
            return Err(Failed("the sync failed"));
        }
        file.platter.resize(file.cache.len(), 0);
        Ok(())
    }

    /// Reads a file whole.
    pub(crate) fn read(&self, file: u64) -> &[u8] {
        self.files.get(&file).map_or(&[], |file| &file.cache)
    }

    /// Whether a read fails this time.
    pub(crate) fn read_fails(&mut self) -> bool {
        let fails = self.chance.permille(self.faults.read);
        self.counts.failed += u64::from(fails);
        fails
    }

    /// Loses what was not synced, all of it or some.
    pub(crate) fn lose_power(&mut self) {
        self.counts.losses += 1;
        let fates = [Fate::AllLost, Fate::AllKept, Fate::Prefix, Fate::Each, Fate::Torn];
        let fate = *self.chance.one_of(&fates);
        for file in self.files.values_mut() {
            self.counts.torn += file.lose_power(fate, &mut self.chance);
        }
    }
}

impl File {
    fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        if self.cache.len() < end {
            self.cache.resize(end, 0);
        }
        self.cache[at..end].copy_from_slice(bytes);
        if !bytes.is_empty() {
            self.dirty.extend(at / SECTOR..=(end - 1) / SECTOR);
        }
    }

    /// Copies the first bytes of a sector to the platter.
    fn harden(&mut self, sector: usize, bytes: usize) {
        let from = sector * SECTOR;
        let to = (from + bytes).min(self.cache.len());
        if from < to {
            if self.platter.len() < to {
                self.platter.resize(to, 0);
            }
            self.platter[from..to].copy_from_slice(&self.cache[from..to]);
        }
    }

    /// Says how many sectors were torn.
    fn lose_power(&mut self, fate: Fate, chance: &mut Chance) -> u64 {
        let dirty: Vec<usize> = std::mem::take(&mut self.dirty).into_iter().collect();
        let kept = chance.below(dirty.len() + 1);
        let mut torn = 0;
        for (place, sector) in dirty.into_iter().enumerate() {
            let bytes = match fate {
                Fate::AllLost => 0,
                Fate::AllKept => SECTOR,
                Fate::Prefix => SECTOR * usize::from(place < kept),
                Fate::Each => SECTOR * chance.below(2),
                Fate::Torn => [0, SECTOR, 1 + chance.below(SECTOR - 1)][chance.below(3)],
            };
            torn += u64::from(bytes % SECTOR != 0);
            self.harden(sector, bytes);
        }
        self.cache.clone_from(&self.platter);
        torn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a loss of power leaves of a synced and an unsynced half, by seed.
    fn left(seed: u64) -> Vec<u8> {
        let mut disk = Disk::new(Chance::new(seed));
        disk.write(1, 0, &[1; 3 * SECTOR]).unwrap();
        disk.sync(1).unwrap();
        disk.write(1, SECTOR, &[2; 4 * SECTOR]).unwrap();
        disk.lose_power();
        disk.read(1).to_vec()
    }

    #[test]
    fn what_was_synced_survives_and_the_rest_may_survive_in_part() {
        let left: BTreeSet<Vec<u8>> = (0..200).map(left).collect();
        assert!(left.iter().all(|bytes| bytes[..SECTOR] == [1; SECTOR]));
        let of_synced = |bytes: &Vec<u8>| bytes[SECTOR..3 * SECTOR].to_vec();
        assert!(left.iter().flat_map(of_synced).all(|byte| byte == 1 || byte == 2));
        assert!(left.iter().any(|bytes| *bytes == [1; 3 * SECTOR]));
        assert!(left.iter().any(|bytes| bytes[SECTOR..] == [2; 4 * SECTOR]));
        assert!(left.len() > 20, "{}", left.len());
    }

    #[test]
    fn a_failed_sync_leaves_the_cache_and_a_doubt() {
        let mut kept = BTreeSet::new();
        for seed in 0..40 {
            let mut disk = Disk::new(Chance::new(seed));
            disk.faults.sync = 1_000;
            disk.write(1, 0, &[1; SECTOR]).unwrap();
            assert!(disk.sync(1).is_err());
            assert_eq!(disk.read(1), [1; SECTOR]);
            disk.faults.sync = 0;
            disk.sync(1).unwrap();
            disk.lose_power();
            kept.insert(disk.read(1).iter().all(|byte| *byte == 1));
        }
        assert_eq!(kept.len(), 2);
    }
}
