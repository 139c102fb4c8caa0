//! What is counted.

pub(crate) mod codecs;
pub(crate) mod durable;
pub(crate) mod life;
pub(crate) mod many;
pub(crate) mod workflow;

use abide_protocol::{Response, Status};

/// A script in which something is refused counts something else than it says.
fn done(response: &Response) {
    assert_eq!(response.status, Status::Ok, "{:?}", response.body);
}
