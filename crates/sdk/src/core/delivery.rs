//! The list of deliveries that a record carries: ordinals, coded compactly.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};

/// First byte of a list coded as plain differences.
const DIFFERENCES: u8 = 0;
/// First byte of a list coded as runs: a difference, then the length of the run less one.
const RUNS: u8 = 1;

/// The longest text that is decoded in place.
const SHORT: usize = 32;

/// Codes a list as text. The empty list is the empty text.
pub(crate) fn encode(ordinals: &[u32]) -> String {
    let mut text = String::new();
    push(&mut text, ordinals);
    text
}

/// Adds a list to a text.
pub(crate) fn push(text: &mut String, ordinals: &[u32]) {
    match ordinals {
        [] => {}
        // Most lists are of one delivery, and need no memory of their own.
        [only] => {
            let (mut bytes, mut end) = ([DIFFERENCES; SHORT], 1);
            each_byte(zigzag((*only).into()), |byte| {
                bytes[end] = byte;
                end += 1;
            });
            let mut coded = [0; SHORT];
            let length = BASE64.encode_slice(&bytes[..end], &mut coded);
            let length = length.expect("a number takes a few bytes");
            text.push_str(str::from_utf8(&coded[..length]).expect("base64 is text"));
        }
        _ => text.push_str(&BASE64.encode(coded(ordinals))),
    }
}

fn coded(ordinals: &[u32]) -> Vec<u8> {
    let differences = differences(ordinals);
    // Without two in a row, each run is longer than the difference it stands for.
    if !ordinals.windows(2).any(|two| two[0].checked_add(1) == Some(two[1])) {
        return differences;
    }
    let runs = runs(ordinals);
    if runs.len() < differences.len() { runs } else { differences }
}

/// Reads a list; `None` if the text is not one, or holds more than `limit` ordinals.
pub(crate) fn decode(text: &str, limit: usize) -> Option<Vec<u32>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    // Most lists are of one delivery, and need no memory of their own.
    let (mut short, long);
    let bytes = if text.len() <= SHORT {
        short = [0; SHORT];
        let length = BASE64.decode_slice(text, &mut short).ok()?;
        &short[..length]
    } else {
        long = BASE64.decode(text).ok()?;
        &long[..]
    };
    let (&mode, mut rest) = bytes.split_first()?;
    let mut ordinals = Vec::with_capacity(rest.len().min(limit));
    let mut expected = 0_i64;
    while !rest.is_empty() {
        let start = expected + unzigzag(take(&mut rest)?);
        let length = match mode {
            DIFFERENCES => 1,
            RUNS => take(&mut rest)?.checked_add(1)?,
            _ => return None,
        };
        if length > (limit - ordinals.len()) as u64 {
            return None;
        }
        for i in 0..length as i64 {
            ordinals.push(u32::try_from(start.checked_add(i)?).ok()?);
        }
        expected = start + length as i64;
    }
    Some(ordinals)
}

fn differences(ordinals: &[u32]) -> Vec<u8> {
    let mut bytes = vec![DIFFERENCES];
    let mut expected = 0_i64;
    for &ordinal in ordinals {
        put(&mut bytes, zigzag(i64::from(ordinal) - expected));
        expected = i64::from(ordinal) + 1;
    }
    bytes
}

fn runs(ordinals: &[u32]) -> Vec<u8> {
    let mut bytes = vec![RUNS];
    let mut expected = 0_i64;
    for run in ordinals.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        put(&mut bytes, zigzag(i64::from(run[0]) - expected));
        put(&mut bytes, run.len() as u64 - 1);
        expected = i64::from(run[0]) + run.len() as i64;
    }
    bytes
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

fn put(bytes: &mut Vec<u8>, n: u64) {
    each_byte(n, |byte| bytes.push(byte));
}

fn each_byte(mut n: u64, mut take: impl FnMut(u8)) {
    while n >= 0x80 {
        take(n as u8 | 0x80);
        n >>= 7;
    }
    take(n as u8);
}

/// Takes a number of at most 42 bits, which is more than two ordinals can differ by.
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..42).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 20_000;

    #[test]
    fn ten_thousand_in_order_are_a_few_bytes_and_in_disorder_a_few_kilobytes() {
        let ordered: Vec<u32> = (1..=10_000).collect();
        assert!(encode(&ordered).len() <= 8, "{}", encode(&ordered));
        let disordered: Vec<u32> = (1..=10_000).map(|n| n * 7_919 % 10_007).collect();
        assert!(encode(&disordered).len() < 28_000, "{}", encode(&disordered).len());
    }

    proptest! {
        #[test]
        fn a_list_survives(list in prop::collection::vec(any::<u32>(), 0..200)) {
            prop_assert_eq!(decode(&encode(&list), LIMIT), Some(list));
        }

        #[test]
        fn one_delivery_is_coded_like_any_list(only: u32) {
            prop_assert_eq!(encode(&[only]), BASE64.encode(coded(&[only])));
        }

        #[test]
        fn runs_survive(runs in prop::collection::vec((0u32..1000, 1u32..50), 0..20)) {
            let list: Vec<u32> = runs.iter().flat_map(|&(s, n)| s..s + n).collect();
            prop_assert_eq!(decode(&encode(&list), LIMIT), Some(list));
        }

        #[test]
        fn garbage_is_refused_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(list) = decode(&BASE64.encode(bytes), LIMIT) {
                prop_assert!(list.len() <= LIMIT);
            }
        }
    }
}
