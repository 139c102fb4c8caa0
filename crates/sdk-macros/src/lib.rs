//! The `#[durable]` attribute of the crate `abide`.

mod check;
mod expand;
mod options;
mod span;

use proc_macro::TokenStream;
use syn::parse_macro_input;

use crate::options::Options;

/// Makes an async function durable: calling it gives an `abide::Call`, which is a future, and its
/// result is recorded.
///
/// ```
/// use abide::prelude::*;
///
/// #[durable(timeout = "90s")]
/// async fn charge(card: String, cents: u64) -> Result<String> {
///     Ok(format!("charged {cents} to {card}"))
/// }
/// ```
///
/// The arguments and the result are recorded, so they are owned, `Serialize` and
/// `DeserializeOwned`. Options are the defaults of every call:
///
/// - `name = "..."`: the name under which it is called, from anywhere; else that of the function
/// - `version = 2`: its version
/// - `on = "group"`: the group that executes it
/// - `timeout = "90s"`: how long it may take (`ms`, `s`, `m`, `h`, `d`)
/// - `retry = Retry::never()`: how a failure is retried, any constant expression
#[proc_macro_attribute]
pub fn durable(options: TokenStream, function: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as Options);
    let function = parse_macro_input!(function as syn::ItemFn);
    let expanded = match check::check(&function) {
        Ok(arguments) => expand::expand(&options, &function, &arguments),
        Err(error) => expand::refused(&function, &error),
    };
    expanded.into()
}
