//! The id of the running function.

use crate::core::ambient;

/// The id of the promise that the function being executed will settle: the same in every run.
/// `None` outside an execution. Hand it to the outside world as an idempotency key.
pub fn id() -> Option<String> {
    ambient::current().map(|scope| scope.id.to_string())
}
