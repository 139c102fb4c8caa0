//! The body of `POST /batch`.

use abide_protocol::{batch, limit};
use serde_json::value::RawValue;

/// Divides a body into its members, and compares with a plain reading of the same JSON.
///
/// # Panics
/// When what must hold of any body does not hold.
pub fn check(bytes: &[u8]) {
    let plain = serde_json::from_slice::<Vec<Box<RawValue>>>(bytes).ok();
    match batch::members(bytes) {
        Ok(members) => {
            assert!((1..=limit::BATCH).contains(&members.len()), "{}", members.len());
            let plain = plain.expect("a batch is JSON");
            assert!(plain.iter().map(|member| member.get()).eq(members.iter().copied()));
            let written = format!("[{}]", members.join(","));
            let again = batch::members(written.as_bytes());
            assert_eq!(again, Ok(members), "what was read is not what is written");
        }
        Err(why) => {
            assert!(!why.is_empty());
            let whole = plain.is_some_and(|all| (1..=limit::BATCH).contains(&all.len()));
            assert!(!whole, "a batch is refused: {why}");
        }
    }
}
