use std::{collections::BTreeSet, fs, path::Path};

use fastrand::Rng;

use super::{Disk, Loss};
use crate::shim::recording::Event;

const FILE: u64 = 7;

fn write(offset: u64, byte: u8, length: usize) -> Event {
    Event::Write { file: FILE, offset, data: vec![byte; length] }
}

/// All that the images of a disk hold in a file `a`, as the first byte of each sector; `None` when
/// the file is not there.
fn outcomes(events: impl Fn(&Path) -> Vec<Event>, losses: &[Loss]) -> BTreeSet<Option<Vec<u8>>> {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().canonicalize().unwrap().join("data");
    fs::create_dir(&root).unwrap();
    let mut disk = Disk::of(&root).unwrap();
    for event in events(&root) {
        disk.apply(&event).unwrap();
    }
    let mut rng = Rng::with_seed(1);
    let mut found = BTreeSet::new();
    for loss in losses {
        for image in 0..60 {
            let target = home.path().join(format!("{image}-{:?}", rng.u64(..)));
            fs::create_dir(&target).unwrap();
            disk.image(&target, *loss, &mut rng).unwrap();
            let bytes = fs::read(target.join("a")).ok();
            found.insert(bytes.map(|bytes| bytes.chunks(512).map(|sector| sector[0]).collect()));
        }
    }
    found
}

const RANDOM: Loss = Loss { sector: 512, kept: 0.5, ordered: false };
const ORDERED: Loss = Loss { sector: 512, kept: 0.5, ordered: true };

#[test]
fn what_was_synced_is_there_and_all_else_may_be() {
    let events = |root: &Path| {
        vec![
            Event::Create { path: root.join("a"), file: FILE },
            write(0, 1, 1024),
            Event::Sync { file: FILE },
            Event::SyncDirectory { path: root.to_owned() },
            write(512, 2, 1024),
        ]
    };
    let all = [&[1, 1][..], &[1, 2], &[1, 1, 0], &[1, 1, 2], &[1, 2, 0], &[1, 2, 2]];
    let expected: BTreeSet<_> = all.iter().map(|bytes| Some(bytes.to_vec())).collect();
    assert_eq!(outcomes(events, &[RANDOM]), expected);
    let whole = [Some(vec![1, 1]), Some(vec![1, 2, 2])];
    assert_eq!(outcomes(events, &[ORDERED]), whole.into());
}

#[test]
fn a_name_that_was_not_synced_may_be_gone_with_its_file() {
    let events = |root: &Path| {
        let path = root.join("a");
        vec![Event::Create { path, file: FILE }, write(0, 1, 512), Event::Sync { file: FILE }]
    };
    assert_eq!(outcomes(events, &[RANDOM]), [None, Some(vec![1])].into());
}

#[test]
fn a_rename_is_whole_or_not_at_all() {
    let events = |root: &Path| {
        vec![
            Event::Create { path: root.join("a"), file: 1 },
            Event::Create { path: root.join("b"), file: FILE },
            write(0, 1, 512),
            Event::Sync { file: FILE },
            Event::SyncDirectory { path: root.to_owned() },
            Event::Rename { from: root.join("b"), to: root.join("a") },
        ]
    };
    assert_eq!(outcomes(events, &[RANDOM]), [Some(vec![]), Some(vec![1])].into());
}

#[test]
fn a_failed_sync_makes_nothing_certain_and_a_later_one_only_what_was_written_again() {
    let begin = |root: &Path| {
        vec![
            Event::Create { path: root.join("a"), file: FILE },
            Event::SyncDirectory { path: root.to_owned() },
            Event::Truncate { file: FILE, length: 512 },
            write(0, 1, 512),
            Event::SyncFailed { file: FILE },
            Event::Sync { file: FILE },
        ]
    };
    assert_eq!(outcomes(begin, &[RANDOM]), [Some(vec![0]), Some(vec![1])].into());
    let again = |root: &Path| {
        let mut events = begin(root);
        events.extend([write(0, 1, 1), Event::Sync { file: FILE }]);
        events
    };
    assert_eq!(outcomes(again, &[RANDOM]), [Some(vec![1])].into());
}

#[test]
fn what_was_not_recorded_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let disk = Disk::of(home.path()).unwrap();
    assert_eq!(disk.verify(), Ok(()));
    fs::write(home.path().join("a"), b"1").unwrap();
    assert!(disk.verify().unwrap_err().contains("named or removed unseen"));
    let disk = Disk::of(home.path()).unwrap();
    fs::write(home.path().join("a"), b"2").unwrap();
    assert!(disk.verify().unwrap_err().contains("written unseen"));
}
