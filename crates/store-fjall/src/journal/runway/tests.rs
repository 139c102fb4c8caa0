use std::fs;

use super::*;

/// How long a segment becomes here.
const ROOM: u64 = 4 << 20;

/// A segment of that length, without a block.
fn segment(directory: &tempfile::TempDir) -> File {
    let file = File::create_new(directory.path().join("0.jnl")).unwrap();
    file.set_len(ROOM).unwrap();
    file
}

fn again(directory: &tempfile::TempDir) -> File {
    File::options().write(true).open(directory.path().join("0.jnl")).unwrap()
}

/// Waits until there are zeros as far as they are to go, and says how far.
fn prepared(runway: &Runway) -> u64 {
    let mut state = runway.shared.lock();
    while state.busy || state.next().is_some() {
        state = runway.shared.changed.wait(state).unwrap();
    }
    state.written
}

#[test]
fn zeros_are_never_written_over_a_commit() {
    let directory = tempfile::tempdir().unwrap();
    let mut file = segment(&directory);
    let runway = Runway::start().unwrap();
    let (mut rest, mut expected) = (0x2545_f491_u64, Vec::new());
    for round in 1..=u8::MAX {
        // Of one byte up to more than a stretch; pages and stretches begin anywhere in them.
        rest = rest.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let length = 1 + (rest >> 33) % if round % 64 == 0 { 2 * STRETCH } else { 9_000 };
        let begin = expected.len() as u64;
        if round % 100 == 1 {
            runway.lead(again(&directory), begin, ROOM);
        }
        runway.claim(begin + length);
        let commit = vec![round; length as usize];
        file.write_all(&commit).unwrap();
        expected.extend(commit);
        if round % 3 == 0 {
            prepared(&runway);
        }
    }
    drop(runway);
    let found = fs::read(directory.path().join("0.jnl")).unwrap();
    assert!(found.len() as u64 >= ROOM);
    assert!(found.starts_with(&expected), "there are other bytes than those of the commits");
    assert!(found[expected.len()..].iter().all(|&byte| byte == 0));
}

#[test]
fn as_much_is_prepared_as_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let _segment = segment(&directory);
    let runway = Runway::start().unwrap();
    runway.lead(again(&directory), 1_000, ROOM);
    assert_eq!(prepared(&runway), PAGE, "nothing was written yet");
    for (end, at_least, at_most) in [
        (1_001, SHORTEST / 2, SHORTEST + PAGE),
        (1 << 20, 1 << 19, (1 << 20) + PAGE),
        (ROOM - 1, 1, 1),
        (ROOM + 5, PAGE - 5, PAGE - 5),
    ] {
        runway.claim(end);
        let ahead = prepared(&runway) - end;
        assert!((at_least..=at_most).contains(&ahead), "{ahead} after {end}");
    }
}

#[test]
fn the_zeros_have_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let mut segment = segment(&directory);
    let runway = Runway::start().unwrap();
    runway.lead(again(&directory), 0, ROOM);
    runway.claim(1);
    segment.write_all(b"!").unwrap();
    let end = prepared(&runway);
    assert!(end > SHORTEST / 2);
    let found = fs::read(directory.path().join("0.jnl")).unwrap();
    assert!(found[0] == b'!' && found[1..].iter().all(|&byte| byte == 0));
    #[cfg(target_os = "linux")]
    assert_eq!(rustix::fs::seek(&segment, rustix::fs::SeekFrom::Hole(1)), Ok(end));
}

#[test]
fn a_segment_that_cannot_be_prepared_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let _segment = segment(&directory);
    let runway = Runway::start().unwrap();
    // It may not be written to.
    runway.lead(File::open(directory.path().join("0.jnl")).unwrap(), 0, ROOM);
    runway.claim(1);
    prepared(&runway);
    runway.claim(ROOM);
    assert!(runway.shared.lock().file.is_none());
    // The next one is.
    runway.lead(again(&directory), 0, ROOM);
    runway.claim(1);
    assert!(prepared(&runway) > 1);
}
