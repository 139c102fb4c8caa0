use abide_store::{Batch, Commit, Family, Key, ShardId, Store};

use super::{
    parser::{END, ITEM, START, TRAILER},
    *,
};
use crate::{FjallStore, Options};
use xxhash_rust::xxh3::Xxh3;

/// Real commits of all shapes, in real journals: the description above is the engine's layout.
#[test]
fn every_batch_of_the_engine_is_understood() {
    let home = tempfile::tempdir().unwrap();
    let store = FjallStore::open(home.path(), Options::default()).unwrap();
    let shard = ShardId(0);
    let epoch = store.claim(shard, "node", 0, 0).unwrap().epoch;
    for n in 0..50usize {
        let mut batch = Batch::at(n as i64);
        for at in 0..=n {
            let key = Key::new(Family(1), &vec![at as u8; at * 30]);
            if at % 3 == 2 { batch.delete(key) } else { batch.put(key, vec![3; at * n]) }
        }
        store.commit(&[Commit { shard, epoch, batch }]).unwrap();
    }
    let tree = home.path().join("tree");
    let paths = journals(&tree).unwrap();
    assert_eq!(paths.len(), 1);
    let bytes = fs::read(&paths[0]).unwrap();
    let written = bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let mut numbers = Numbers::default();
    let Whole::Batches { whole, last: length } =
        whole_batches(&mut bytes.as_slice(), &mut numbers).unwrap()
    else {
        panic!("the numbers of the engine grow");
    };
    assert_eq!(whole, written as u64);
    drop(store);
    let place = Place { file: paths[0].clone(), offset: whole - length };
    let last = Last { place, length };
    // With the room of a new journal, and without it, as a recovery leaves it.
    let file = OpenOptions::new().write(true).open(&paths[0]).unwrap();
    for length in [64 << 20, whole] {
        file.set_len(length).unwrap();
        assert_eq!(examine(&tree).unwrap().journals, Journals::Whole(Some(last.clone())));
    }
    last.harden().unwrap();
    assert!(fs::read(&paths[0]).unwrap() == bytes[..written], "nothing has changed");
    file.set_len(0).unwrap();
    assert_eq!(examine(&tree).unwrap().journals, Journals::Whole(None));
}

#[test]
fn a_bad_batch_is_torn_until_a_whole_one_follows() {
    let tree = tempfile::tempdir().unwrap();
    let [first, second] = ["9.jnl", "10.jnl"].map(|name| tree.path().join(name));
    let item = [&[ITEM, 0, 0][..], &[0; 8], &[1, 0, 2, 0, 0, 0, 2, 0, 0, 0], b"kvv"].concat();
    let mut hash = Xxh3::new();
    hash.update(&item);
    let head = [START, 1, 0, 0, 0];
    let tail = [&[END][..], &hash.digest().to_le_bytes(), &TRAILER].concat();
    let good = [&head[..], &[7; 8], &item, &tail].concat();
    let length = good.len();
    let mut bad = good.clone();
    let value = length - tail_length() - 1;
    bad[value] = 0;
    let room = vec![0; 200_000];
    let place = |file: &PathBuf, offset: usize| Place { file: file.clone(), offset: offset as u64 };
    let check = |one: &[&[u8]], other: &[&[u8]]| {
        let mut numbers = 1..;
        let mut numbered = |parts: &[&[u8]]| -> Vec<u8> {
            let parts = parts.iter().map(|part| renumbered(part, numbers.next().unwrap()));
            parts.collect::<Vec<_>>().concat()
        };
        fs::write(&first, numbered(one)).unwrap();
        fs::write(&second, numbered(other)).unwrap();
        examine(tree.path()).unwrap().journals
    };
    let torn = |file, offset| Journals::Torn(place(file, offset));
    let damaged = |file, offset| Journals::Damaged(place(file, offset));
    let whole = |file, offset| {
        Journals::Whole(Some(Last { place: place(file, offset), length: length as u64 }))
    };
    assert_eq!(check(&[&good, &good, &room], &[&good, &good, &room]), whole(&second, length));
    assert_eq!(check(&[&good, &good, &room], &[&room]), whole(&first, length));
    assert_eq!(check(&[&good], &[]), whole(&first, 0));
    // Written in part: without its end, or by a length that does not reach the end of the file.
    let cut = &good[..length - tail_length()];
    assert_eq!(check(&[&good], &[&good, cut]), torn(&second, length));
    assert_eq!(check(&[&good], &[&good, cut, &room]), torn(&second, length));
    assert_eq!(check(&[&good], &[&good, &room, cut]), torn(&second, length));
    assert_eq!(check(&[&good], &[&good[..length - 1]]), torn(&second, 0));
    assert_eq!(check(&[&good, cut, &room], &[&room]), torn(&first, length));
    assert_eq!(check(&[&good, cut, &room], &[cut]), torn(&first, length));
    assert_eq!(check(&[&good, cut, &room], &[&good]), damaged(&first, length));
    // Written whole, and changed: in the middle, in its end, in its lengths.
    for at in [value, length - 1, length - tail_length(), 1, 30] {
        let mut bad = good.clone();
        bad[at] ^= 4;
        assert_eq!(check(&[&good], &[&good, &bad]), damaged(&second, length), "{at}");
        assert_eq!(check(&[&good], &[&good, &bad, &room]), damaged(&second, length), "{at}");
        assert_eq!(check(&[&good, &bad, &room], &[&room]), damaged(&first, length), "{at}");
    }
    assert_eq!(check(&[&good], &[&bad, &good]), damaged(&second, 0));
    assert_eq!(check(&[&good], &[&good, &room, &good]), damaged(&second, length));
    assert_eq!(check(&[&bad, &good], &[]), damaged(&first, 0));
}

/// A batch whose last sector is there, and another one is not.
#[test]
fn a_batch_that_lacks_a_sector_is_torn() {
    let tree = tempfile::tempdir().unwrap();
    let path = tree.path().join("0.jnl");
    let item =
        [&[ITEM, 0, 0][..], &[0; 8], &[1, 0, 0xa0, 0x0f, 0, 0, 0xa0, 0x0f, 0, 0, b'k']].concat();
    let item = [item, vec![b'v'; 4000]].concat();
    let mut hash = Xxh3::new();
    hash.update(&item);
    let head = [&[START, 1, 0, 0, 0][..], &[7; 8]].concat();
    let tail = [&[END][..], &hash.digest().to_le_bytes(), &TRAILER].concat();
    let good = [head, item, tail].concat();
    let place = Place { file: path.clone(), offset: good.len() as u64 };
    let (before, good) = (renumbered(&good, 1), renumbered(&good, 2));
    let examined = |second: &[u8]| {
        fs::write(&path, [&before, second, &[0; 9_000]].concat()).unwrap();
        examine(tree.path()).unwrap().journals
    };
    assert!(matches!(examined(&good), Journals::Whole(Some(_))));
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

/// The engine's checksum leaves the numbers out, by which it tells the newer of two images of a key.
#[test]
fn batches_whose_numbers_do_not_grow_by_little_are_damaged() {
    let tree = tempfile::tempdir().unwrap();
    let paths = ["0.jnl", "1.jnl"].map(|name| tree.path().join(name));
    let mut hash = Xxh3::new();
    let item = [&[ITEM, 0, 0][..], &[0; 8], &[1, 0, 2, 0, 0, 0, 2, 0, 0, 0], b"kvv"].concat();
    hash.update(&item);
    let tail = [&[END][..], &hash.digest().to_le_bytes(), &TRAILER].concat();
    let batch = [&[START, 1, 0, 0, 0][..], &[0; 8], &item, &tail].concat();
    let examined = |journals: [&[u64]; 2]| {
        for (path, numbers) in paths.iter().zip(journals) {
            let batches = numbers.iter().map(|&number| renumbered(&batch, number));
            fs::write(path, batches.collect::<Vec<_>>().concat()).unwrap();
        }
        examine(tree.path()).unwrap().journals
    };
    let damaged = |journal: usize, number: usize| {
        let offset = (batch.len() * number) as u64;
        Journals::Damaged(Place { file: paths[journal].clone(), offset })
    };
    assert!(matches!(examined([&[3, 4, 7], &[8, 9]]), Journals::Whole(Some(_))));
    assert!(matches!(examined([&[3, 4, 7], &[]]), Journals::Whole(Some(_))));
    assert_eq!(examined([&[3, 3, 7], &[]]), damaged(0, 1));
    assert_eq!(examined([&[3, 9, 7], &[]]), damaged(0, 2));
    assert_eq!(examined([&[3, 4, 7], &[6]]), damaged(1, 0));
    assert_eq!(examined([&[3, 4, 1 << 40], &[]]), damaged(0, 2));
    assert_eq!(examined([&[u64::MAX], &[]]), damaged(0, 0));
}

fn renumbered(batch: &[u8], number: u64) -> Vec<u8> {
    let mut batch = batch.to_vec();
    if batch[0] == START {
        batch[5..13].copy_from_slice(&number.to_le_bytes());
    }
    batch
}

fn tail_length() -> usize {
    1 + 8 + TRAILER.len()
}
