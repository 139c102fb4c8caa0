//! The options of the attribute.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use syn::{
    Expr, ExprLit, Ident, Lit, LitStr, Result, Token,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::{errors::Errors, span};

const NAMES: &str = "there are name, version, on, timeout and retry";

/// `name = "...", version = 2, on = "...", timeout = "1h", retry = ...`
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<u32>,
    pub(crate) on: Option<LitStr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<Expr>,
}

impl Options {
    /// Reads the options. All that is wrong is reported at once.
    pub(crate) fn read(tokens: TokenStream) -> Result<Self> {
        let parser = |input: ParseStream<'_>| Self::parse(input);
        parser.parse2(tokens)
    }

    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        let mut errors = Errors::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let option: Ident = input.parse().map_err(|error| shape(error.span()))?;
            input.parse::<Token![=]>().map_err(|_| shape(option.span()))?;
            let value: Expr = input.parse().map_err(|_| shape(option.span()))?;
            if seen.contains(&option) {
                errors.add(&option, format!("`{option}` is given twice"));
            } else if let Err(error) = options.set(&option, value) {
                errors.push(error);
            }
            seen.push(option);
            if !input.is_empty() {
                input.parse::<Token![,]>().map_err(|error| {
                    syn::Error::new(error.span(), "options are separated by a comma")
                })?;
            }
        }
        errors.done(options)
    }

    fn set(&mut self, option: &Ident, value: Expr) -> Result<()> {
        match option.to_string().as_str() {
            "name" => self.name = Some(text(option, &value)?),
            "on" => self.on = Some(text(option, &value)?),
            "version" => self.version = Some(version(&value)?),
            "timeout" => self.timeout = Some(timeout(&value)?),
            "retry" => self.retry = Some(value),
            "group" => {
                let message = "there is no option `group`: write `on = \"...\"`";
                return Err(syn::Error::new_spanned(option, message));
            }
            _ => {
                let message = format!("there is no option `{option}`; {NAMES}");
                return Err(syn::Error::new_spanned(option, message));
            }
        }
        Ok(())
    }
}

fn shape(at: Span) -> syn::Error {
    let message = format!("options are written as `name = value`; {NAMES}");
    syn::Error::new(at, message)
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn text(option: &Ident, value: &Expr) -> Result<LitStr> {
    match literal(value) {
        Some(Lit::Str(text)) if !text.value().is_empty() => Ok(text.clone()),
        Some(Lit::Str(text)) => {
            Err(syn::Error::new_spanned(text, format!("`{option}` must not be empty")))
        }
        _ => {
            let message = format!("write a text in quotes: `{option} = \"...\"`");
            Err(syn::Error::new_spanned(value, message))
        }
    }
}

fn version(value: &Expr) -> Result<u32> {
    let number = match literal(value) {
        Some(Lit::Int(number)) => number.base10_parse().ok(),
        _ => None,
    };
    match number {
        Some(0) => Err(syn::Error::new_spanned(value, "versions count from 1")),
        Some(version) => Ok(version),
        None => Err(syn::Error::new_spanned(value, "write a whole number: `version = 2`")),
    }
}

fn timeout(value: &Expr) -> Result<Duration> {
    let span = match literal(value) {
        Some(Lit::Str(text)) => span::parse(&text.value()),
        _ => None,
    };
    match span {
        Some(Duration::ZERO) => {
            let message = "nothing can be done in no time: give it some, or leave out the option";
            Err(syn::Error::new_spanned(value, message))
        }
        Some(span) => Ok(span),
        None => {
            let message = "write a number with its unit: \"500ms\", \"90s\", \"5m\", \"1h\" or \
                           \"7d\"";
            Err(syn::Error::new(value.span(), message))
        }
    }
}
