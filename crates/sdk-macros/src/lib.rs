//! The `#[durable]` attribute of the crate `abide`.

mod argument;
mod attributes;
mod check;
mod errors;
mod expand;
mod options;
mod output;
mod span;
mod text;

use proc_macro::TokenStream;
use syn::ItemFn;

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
/// `DeserializeOwned`. The error may be your own type, if it is that and `From<abide::Error>`.
///
/// Options are the defaults of every call:
///
/// - `name = "..."`: the name under which it is called, from anywhere; else that of the function
/// - `version = 2`: its version
/// - `on = "group"`: the group that executes it
/// - `timeout = "90s"`: how long it may take (`ms`, `s`, `m`, `h`, `d`)
/// - `retry = Retry::never()`: how a failure is retried, any constant expression
///
/// # State
///
/// A parameter with `#[state]` is not an argument: the process that executes the function gives
/// it, by its type, from what it was given by `Abide::state`. It is cloned for each run and never
/// recorded, so it may be anything that is `Clone + Send + Sync + 'static`: a pool of connections,
/// a client, an `Arc`.
///
/// ```
/// use abide::prelude::*;
///
/// #[derive(Clone)]
/// struct Mailer;
///
/// #[durable]
/// async fn welcome(#[state] mailer: Mailer, name: String) -> Result<()> {
///     let _ = (mailer, name);
///     Ok(())
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<()> {
/// let abide = Abide::memory().await?.state(Mailer);
/// abide.run("welcome/ada", welcome("Ada".into())).await
/// # }
/// ```
#[proc_macro_attribute]
pub fn durable(options: TokenStream, function: TokenStream) -> TokenStream {
    let function = match syn::parse::<ItemFn>(function.clone()) {
        Ok(function) => function,
        Err(error) => return not_a_function(&error, function),
    };
    let expanded = match (Options::read(options.into()), check::check(&function)) {
        (Ok(options), Ok(checked)) => expand::expand(&options, &function, &checked),
        (Err(mut error), Err(other)) => {
            error.combine(other);
            expand::refused(&function, &error)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => expand::refused(&function, &error),
    };
    expanded.into()
}

/// Says what the attribute is for, and leaves the item as it is.
fn not_a_function(error: &syn::Error, item: TokenStream) -> TokenStream {
    let message = format!(
        "`#[durable]` goes on an async function with a body: \
         `async fn name(...) -> abide::Result<...> {{ ... }}` ({error})"
    );
    let mut tokens: TokenStream =
        syn::Error::new(error.span(), message).into_compile_error().into();
    tokens.extend(item);
    tokens
}
