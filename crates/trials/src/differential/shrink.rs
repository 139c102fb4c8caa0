use super::script::{Step, Turn};

/// The most scripts that are tried to find a smaller one.
const TRIES: usize = 200;

/// A smaller script for which they differ as well, and how.
pub(super) fn shrink(
    mut turns: Vec<Turn>,
    mut why: String,
    differ: impl Fn(&[Turn]) -> Result<(), String>,
) -> (Vec<Turn>, String) {
    let mut tries = 0;
    let mut size = turns.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < turns.len() && tries < TRIES {
            let mut fewer = turns.clone();
            fewer.drain(from..(from + size).min(turns.len()));
            tries += 1;
            match differ(&fewer) {
                Err(other) => (turns, why) = (fewer, other),
                Ok(()) => from += size,
            }
        }
        size /= 2;
    }
    for at in 0..turns.len() {
        while let Step::Ask(requests) = &turns[at].step {
            let smaller = (0..requests.len()).filter(|_| requests.len() > 1).find_map(|without| {
                let mut fewer = turns.clone();
                if let Step::Ask(requests) = &mut fewer[at].step {
                    requests.remove(without);
                }
                tries += 1;
                let other = if tries < TRIES { differ(&fewer).err() } else { None };
                other.map(|other| (fewer, other))
            });
            match smaller {
                Some(smaller) => (turns, why) = smaller,
                None => break,
            }
        }
    }
    (turns, why)
}
