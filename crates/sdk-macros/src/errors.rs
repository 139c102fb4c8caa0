//! All that is wrong with a function, reported at once.

use std::fmt::Display;

use quote::ToTokens;
use syn::{Error, Result};

/// The errors so far.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Something is wrong there.
    pub(crate) fn add(&mut self, at: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(at, message));
    }

    /// One more.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// The value, if nothing was wrong.
    pub(crate) fn done<T>(self, value: T) -> Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}
