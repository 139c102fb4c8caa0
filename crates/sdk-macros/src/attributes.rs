//! Where the attributes of a function go.

use syn::Attribute;

/// Attributes that speak of the function as others see it. Everything else, such as
/// `#[tracing::instrument]`, is about the body.
const OUTSIDE: [&str; 11] = [
    "allow",
    "cfg",
    "cfg_attr",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "must_use",
    "rustfmt",
    "warn",
];

/// The attributes of the function that makes the call, and those of the body.
pub(crate) fn split(attributes: &[Attribute]) -> (Vec<&Attribute>, Vec<&Attribute>) {
    attributes.iter().partition(|attribute| {
        let first = attribute.path().segments.first();
        first.is_some_and(|first| OUTSIDE.iter().any(|name| first.ident == name))
    })
}
