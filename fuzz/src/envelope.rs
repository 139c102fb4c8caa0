//! One request, as bytes.

use abide_protocol::{Envelope, VERSION};
use serde_json::Value;

/// Reads a body as the server does and checks what must hold of any.
///
/// # Panics
/// When it does not hold.
pub fn check(bytes: &[u8]) {
    match Envelope::from_json(bytes) {
        Ok(envelope) => {
            // Whether it is valid or not, finding out must not panic.
            let _ = envelope.request.validate();
            let again = Envelope::from_json(&envelope.to_json());
            assert_eq!(again, Ok(envelope), "what was read is not what is written");
        }
        Err(refused) => {
            let answer: Value = serde_json::from_slice(&refused.to_json()).expect("JSON");
            assert_eq!(answer["head"]["status"], 400);
            assert_eq!(answer["head"]["version"], VERSION);
            assert!(answer["head"]["corrId"].is_string(), "{answer}");
            assert!(answer["kind"].as_str().is_some_and(|kind| !kind.is_empty()), "{answer}");
            assert!(answer["data"].as_str().is_some_and(|text| !text.is_empty()), "{answer}");
        }
    }
}
