//! Requests to one machine, one a line.

use abide_machine::{Config, testing::Model};
use abide_protocol::{Envelope, ResponseEnvelope};

/// The most requests of one conversation. The model looks at all it holds at each step.
const MAX_REQUESTS: usize = 32;

/// The time of the first request. Each further one is a second later.
const START: i64 = 1_000_000;

/// Carries out each line that is a request, fires what is due in between, and reads each answer
/// back. The model checks the catalogue of properties at each step.
///
/// # Panics
/// When a property does not hold.
pub fn check(bytes: &[u8]) {
    let mut model = Model::new(Config::default());
    let lines = bytes.split(|byte| *byte == b'\n');
    let requests = lines.filter_map(|line| Envelope::from_json(line).ok());
    for (second, Envelope { request, .. }) in requests.take(MAX_REQUESTS).enumerate() {
        // The debug surface belongs to whoever drives the machine.
        if request.kind().is_debug() {
            continue;
        }
        let now = START + 1000 * second as i64;
        let outcome = model.request(&request, now);
        let response = outcome.response.expect("each request is answered");
        let json = response.to_json(request.kind().as_str(), "c");
        let read = ResponseEnvelope::from_json(request.kind(), &json).expect("it can be read");
        assert_eq!(read.response, response, "what was answered is not what is read");
        model.drain(now);
        model.tick(now);
    }
}
