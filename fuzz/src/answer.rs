//! The answer to a request, as a client reads it.

use abide_protocol::{Kind, ResponseEnvelope};

/// The first byte says which request it answers.
///
/// # Panics
/// When what must hold of any answer does not hold.
pub fn check(bytes: &[u8]) {
    let Some((&first, json)) = bytes.split_first() else { return };
    let kind = Kind::ALL[usize::from(first) % Kind::ALL.len()];
    match ResponseEnvelope::from_json(kind, json) {
        Ok(answer) => {
            let written = answer.response.to_json(kind.as_str(), &answer.corr_id);
            let again = ResponseEnvelope::from_json(kind, &written);
            assert_eq!(again, Ok(answer), "what was read is not what is written");
        }
        Err(why) => assert!(!why.0.is_empty()),
    }
}
