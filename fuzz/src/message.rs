//! A message to a worker or a listener.

use abide_protocol::Message;

/// Reads a message as a worker does.
///
/// # Panics
/// When what must hold of any message does not hold.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Some(message) = Message::from_json(text) else { return };
    let again = Message::from_json(&message.to_json("http://localhost"));
    assert_eq!(again, Some(message), "what was read is not what is written");
}
