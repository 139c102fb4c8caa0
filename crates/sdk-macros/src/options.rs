//! The options of the attribute.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Expr, Ident, LitInt, LitStr, Result, Token,
    parse::{Parse, ParseStream},
};

use crate::span;

/// `name = "...", version = 2, on = "...", timeout = "1h", retry = ...`
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<u32>,
    pub(crate) on: Option<LitStr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<TokenStream>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let option: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            match option.to_string().as_str() {
                "name" => options.name = Some(text(input)?),
                "on" => options.on = Some(text(input)?),
                "version" => options.version = Some(version(input)?),
                "timeout" => options.timeout = Some(timeout(input)?),
                "retry" => options.retry = Some(input.parse::<Expr>()?.into_token_stream()),
                _ => {
                    return Err(syn::Error::new_spanned(
                        option,
                        "there is no such option; there are name, version, on, timeout and retry",
                    ));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

fn text(input: ParseStream<'_>) -> Result<LitStr> {
    let text: LitStr = input.parse()?;
    if text.value().is_empty() {
        return Err(syn::Error::new_spanned(text, "this must not be empty"));
    }
    Ok(text)
}

fn version(input: ParseStream<'_>) -> Result<u32> {
    let number: LitInt = input.parse()?;
    match number.base10_parse()? {
        0 => Err(syn::Error::new_spanned(number, "versions count from 1")),
        version => Ok(version),
    }
}

fn timeout(input: ParseStream<'_>) -> Result<Duration> {
    let text: LitStr = input.parse()?;
    span::parse(&text.value()).ok_or_else(|| {
        let message = "write a number with its unit: \"500ms\", \"90s\", \"5m\", \"1h\" or \"7d\"";
        syn::Error::new_spanned(&text, message)
    })
}
