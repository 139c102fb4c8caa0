use std::{fs, path::PathBuf};

use super::{
    examine::{Last, Place},
    record::{HEAD, TAIL, TRAILER},
    *,
};

/// A commit of one write, with the number 0.
fn commit(value: &[u8]) -> Record {
    let mut record = Record::with_capacity(1, 1 + value.len());
    record.push(b"", b"k", Some(value));
    record
}

fn bytes(value: &[u8], number: u64) -> Vec<u8> {
    commit(value).finish(number).expect("it is short")
}

fn examined(directory: &Path) -> Journals {
    examine(directory, |_, _| {}).unwrap().journals
}

fn place(file: &Path, offset: usize) -> Place {
    Place { file: file.to_owned(), offset: offset as u64 }
}

/// Commits of all shapes are read as they were written, in segments that follow each other.
#[test]
fn what_was_appended_is_read() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("journal");
    let mut journal = Journal::create(&directory, 4_000).unwrap();
    let mut written = Vec::new();
    for n in 0..50_usize {
        if n % 20 == 19 {
            assert_eq!(journal.rotate().unwrap(), (n as u64 / 20, n as u64));
            assert!(!journal.is_full());
        }
        let mut record = Record::with_capacity(0, 0);
        assert!(record.is_empty());
        let writes: Vec<_> = (0..=n)
            .map(|at| (vec![at as u8; 3 + at * 30], (at % 3 != 2).then(|| vec![3; at * n])))
            .collect();
        for (key, value) in &writes {
            record.push(&key[..3], &key[3..], value.as_deref());
        }
        let record = journal.append(record).unwrap();
        written.push((n / 20 + usize::from(n % 20 == 19), record, writes));
    }
    let mut read = Vec::new();
    let Examined { journals, segments } =
        examine(&directory, |segment, record| read.push((segment, record))).unwrap();
    assert!(verify(&directory).is_ok());
    assert_eq!(read.len(), written.len());
    for ((segment, record), (in_segment, bytes, writes)) in read.iter().zip(&written) {
        assert_eq!((segment, record), (in_segment, bytes));
        let found: Vec<_> = Writes::of(record)
            .map(|(key, value)| (key.to_vec(), value.map(|value| value.to_vec())))
            .collect();
        assert!(found == *writes);
    }
    let commits: Vec<_> = segments.iter().map(|segment| segment.commits).collect();
    assert_eq!(commits, [Some((1, 19)), Some((20, 39)), Some((40, 50))]);
    assert!(journal.is_full() && segments[2].end >= 4_000);

    // The last one is written again, and nothing has changed. The journal goes on behind it.
    let Journals::Whole(Some(last)) = journals else { panic!("{journals:?}") };
    let before = fs::read(&segments[2].file).unwrap();
    last.harden().unwrap();
    assert!(fs::read(&segments[2].file).unwrap() == before);
    let mut journal = Journal::reopen(&directory, &segments[2], 50, 4_000).unwrap();
    let more = journal.append(commit(b"more")).unwrap();
    let again = examine(&directory, |_, _| {}).unwrap();
    assert_eq!(again.segments[2].commits, Some((40, 51)));
    assert_eq!(again.segments[2].end, segments[2].end + more.len() as u64);
}

#[test]
fn a_journal_has_its_segments_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("journal");
    let wrong = || verify(&directory).expect_err("something is wrong").to_string();
    assert!(wrong().contains("journal: it is missing"), "{}", wrong());
    let mut journal = Journal::create(&directory, 100).unwrap();
    journal.rotate().unwrap();
    journal.rotate().unwrap();
    assert_eq!(verify(&directory), Ok(()));
    for foreign in ["x.jnl", "1.tmp", "3"] {
        fs::write(directory.join(foreign), b"").unwrap();
        assert!(wrong().contains(&format!("{foreign}: it does not belong there")), "{}", wrong());
        fs::remove_file(directory.join(foreign)).unwrap();
    }
    remove(&directory, 1).unwrap();
    assert!(wrong().contains("1.jnl: it is missing"), "{}", wrong());
    remove(&directory, 0).unwrap();
    assert_eq!(verify(&directory), Ok(()), "the oldest go first");
    remove(&directory, 2).unwrap();
    assert!(wrong().contains("*.jnl: it is missing"), "{}", wrong());
}

#[test]
fn a_bad_commit_is_torn_until_a_whole_one_follows() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path();
    let [first, second] = ["9.jnl", "10.jnl"].map(|name| directory.join(name));
    let length = bytes(b"vv", 1).len();
    // Which commits there are, each by what is made of its bytes; none takes a number.
    type Part = fn(Vec<u8>) -> Vec<u8>;
    let good: Part = |bytes| bytes;
    let cut: Part = |mut bytes| {
        bytes.truncate(bytes.len() - TAIL);
        bytes
    };
    let bad: Part = |mut bytes| {
        let value = bytes.len() - TAIL - 1;
        bytes[value] = 0;
        bytes
    };
    let shorter: Part = |mut bytes| {
        bytes.pop();
        bytes
    };
    let room: Part = |_| vec![0; 200_000];
    let check = |one: &[Part], other: &[Part]| {
        let mut numbers = 1..;
        let mut segment = |parts: &[Part]| -> Vec<u8> {
            parts.iter().flat_map(|part| part(bytes(b"vv", numbers.next().unwrap()))).collect()
        };
        fs::write(&first, segment(one)).unwrap();
        fs::write(&second, segment(other)).unwrap();
        examined(directory)
    };
    let torn = |file, offset| Journals::Torn(place(file, offset));
    let damaged = |file, offset| Journals::Damaged(place(file, offset));
    let whole = |file, offset| Journals::Whole(Some(Last::new(place(file, offset), length as u64)));
    assert_eq!(check(&[good, good], &[good, good, room]), whole(&second, length));
    assert_eq!(check(&[good, good, room], &[room]), whole(&first, length));
    assert_eq!(check(&[good], &[]), whole(&first, 0));
    // Written in part: without its end, or by a length that does not reach the end of the file.
    assert_eq!(check(&[good], &[good, cut]), torn(&second, length));
    assert_eq!(check(&[good], &[good, cut, room]), torn(&second, length));
    assert_eq!(check(&[good], &[good, room, cut]), torn(&second, length));
    assert_eq!(check(&[good], &[shorter]), torn(&second, 0));
    assert_eq!(check(&[good, cut, room], &[room]), torn(&first, length));
    assert_eq!(check(&[good, cut, room], &[cut]), torn(&first, length));
    assert_eq!(check(&[good, cut, room], &[good]), damaged(&first, length));
    assert_eq!(check(&[good], &[bad, good]), damaged(&second, 0));
    assert_eq!(check(&[good], &[good, room, good]), damaged(&second, length));
    assert_eq!(check(&[bad, good], &[]), damaged(&first, 0));
    // Written whole, and changed: in its length, its number, a write, its sum and its end.
    for at in [1, 5, HEAD, HEAD + 2, length - TAIL - 1, length - TAIL, length - 1] {
        let mut bad = bytes(b"vv", 3);
        bad[at] ^= 4;
        for room in [0, 200_000] {
            let before = [bytes(b"vv", 1), bytes(b"vv", 2)].concat();
            fs::write(&first, &before).unwrap();
            fs::write(&second, [bad.clone(), vec![0; room]].concat()).unwrap();
            assert_eq!(examined(directory), damaged(&second, 0), "{at}");
            fs::write(&first, [before, bad.clone(), vec![0; room]].concat()).unwrap();
            fs::write(&second, vec![0; room]).unwrap();
            assert_eq!(examined(directory), damaged(&first, 2 * length), "{at}");
        }
    }
}

/// A commit whose last sector is there, and another one is not.
#[test]
fn a_commit_that_lacks_a_sector_is_torn() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("0.jnl");
    let (before, good) = (bytes(&[7; 4000], 1), bytes(&[7; 4000], 2));
    let examined = |second: &[u8]| {
        fs::write(&path, [&before, second, &[0; 9_000]].concat()).unwrap();
        examined(home.path())
    };
    assert!(matches!(examined(&good), Journals::Whole(Some(_))));
    let place = place(&path, good.len());
    let end = good.len() * 2;
    for first in good.len() / 512..=end / 512 {
        let mut lost = good.clone();
        let from = (first * 512).saturating_sub(good.len());
        let to = ((first + 1) * 512 - good.len()).min(lost.len());
        lost[from..to].fill(0);
        assert_eq!(examined(&lost), Journals::Torn(place.clone()), "sector {first}");
        // A byte less, and it is no sector.
        let mut damaged = good.clone();
        damaged[from..to].fill(0);
        damaged[to - 1] = 9;
        assert_eq!(examined(&damaged), Journals::Damaged(place.clone()), "sector {first}");
    }
}

#[test]
fn commits_whose_numbers_do_not_follow_each_other_are_damaged() {
    let home = tempfile::tempdir().unwrap();
    let paths: [PathBuf; 2] = ["0.jnl", "1.jnl"].map(|name| home.path().join(name));
    let length = bytes(b"vv", 1).len();
    let examined = |journals: [&[u64]; 2]| {
        for (path, numbers) in paths.iter().zip(journals) {
            let commits = numbers.iter().flat_map(|&number| bytes(b"vv", number));
            fs::write(path, commits.collect::<Vec<_>>()).unwrap();
        }
        examined(home.path())
    };
    let damaged =
        |segment: usize, at: usize| Journals::Damaged(place(&paths[segment], length * at));
    assert!(matches!(examined([&[3, 4, 5], &[6, 7]]), Journals::Whole(Some(_))));
    assert!(matches!(examined([&[3, 4], &[]]), Journals::Whole(Some(_))));
    assert_eq!(examined([&[3, 3, 4], &[]]), damaged(0, 1));
    assert_eq!(examined([&[3, 4, 6], &[]]), damaged(0, 2));
    assert_eq!(examined([&[3, 4, 5], &[5]]), damaged(1, 0));
    assert_eq!(examined([&[3, 4, 5], &[7]]), damaged(1, 0));
    assert_eq!(examined([&[u64::MAX, 0], &[]]), damaged(0, 1));
}

/// What looks like a commit but has writes that end elsewhere is none, and nothing panics.
#[test]
fn a_commit_whose_writes_do_not_fill_it_is_bad() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("0.jnl");
    let good = bytes(b"vv", 1);
    for at in HEAD..HEAD + 6 {
        let mut bad = good[..good.len() - TAIL].to_vec();
        bad[at] ^= 1;
        let sum = xxhash_rust::xxh3::xxh3_64(&bad);
        bad.extend_from_slice(&sum.to_le_bytes());
        bad.extend_from_slice(&TRAILER);
        fs::write(&path, &bad).unwrap();
        assert_eq!(examined(home.path()), Journals::Damaged(place(&path, 0)), "{at}");
    }
}
