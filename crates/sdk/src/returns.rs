//! What a durable function returns.

use crate::call::Call;

/// The call of a durable function that returns `R`: for `Result<T, E>`, it is [`Call<T, E>`].
///
/// This is what the signature of a durable function says where its `Result` is an alias, which
/// knows the type of the error.
///
/// ```
/// use abide::{Call, CallOf, prelude::*};
///
/// let call: CallOf<Result<u32>> = rpc::<u32>("double", (21,)).on("workers");
/// let the_same: Call<u32> = call;
/// # let _ = the_same;
/// ```
pub type CallOf<R> = Call<<R as Returns>::Value, <R as Returns>::Error>;

/// A `Result`, whatever its alias is called.
#[diagnostic::on_unimplemented(
    message = "a durable function cannot return `{Self}`",
    label = "this is not a `Result`",
    note = "a durable call can fail: return `abide::Result<T>`, or `Result<T, E>` with an error \
            type of your own"
)]
pub trait Returns {
    /// The value.
    type Value;
    /// The error.
    type Error;
}

impl<T, E> Returns for Result<T, E> {
    type Value = T;
    type Error = E;
}
