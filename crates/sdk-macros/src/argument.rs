//! The parameters of a durable function: arguments, which are recorded, and state, which is not.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Error, FnArg, Ident, Meta, Pat, PatIdent, Result, Type};

/// One parameter.
pub(crate) struct Parameter {
    /// Its attributes, without `#[state]`.
    pub(crate) attributes: Vec<Attribute>,
    /// What the body sees: the name, maybe with `mut`.
    pub(crate) pattern: PatIdent,
    /// Its type.
    pub(crate) ty: Type,
    /// Whether the process gives it, and not the caller.
    pub(crate) state: bool,
}

impl Parameter {
    /// Its name.
    pub(crate) fn name(&self) -> &Ident {
        &self.pattern.ident
    }
}

/// Reads a parameter.
pub(crate) fn read(input: &FnArg) -> Result<Parameter> {
    let FnArg::Typed(typed) = input else {
        return Err(Error::new_spanned(
            input,
            "a durable function has no `self`: it may run again in another process, where this \
             value does not exist; write a free function and pass what it needs",
        ));
    };
    if let Some(cfg) = typed.attrs.iter().find(|attribute| names_cfg(attribute)) {
        return Err(Error::new_spanned(
            cfg,
            "a durable function takes the same arguments in every program that calls it: leave \
             out `#[cfg]`, or put it on the whole function",
        ));
    }
    let state = is_state(&typed.attrs)?;
    check_type(&typed.ty, state)?;
    let Pat::Ident(pattern) = &*typed.pat else {
        return Err(unnamed(&typed.pat));
    };
    if pattern.by_ref.is_some() || pattern.subpat.is_some() {
        return Err(unnamed(&typed.pat));
    }
    Ok(Parameter {
        attributes: typed.attrs.iter().filter(|a| !names_state(a)).cloned().collect(),
        pattern: pattern.clone(),
        ty: (*typed.ty).clone(),
        state,
    })
}

/// Takes `#[state]` off the parameters, so that no second error says that there is no such
/// attribute.
pub(crate) fn strip(input: &mut FnArg) {
    match input {
        FnArg::Typed(typed) => typed.attrs.retain(|attribute| !names_state(attribute)),
        FnArg::Receiver(receiver) => receiver.attrs.retain(|attribute| !names_state(attribute)),
    }
}

fn names_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

fn names_state(attribute: &Attribute) -> bool {
    attribute.path().is_ident("state")
}

fn is_state(attributes: &[Attribute]) -> Result<bool> {
    let mut found = false;
    for attribute in attributes.iter().filter(|attribute| names_state(attribute)) {
        if !matches!(attribute.meta, Meta::Path(_)) {
            return Err(Error::new_spanned(
                attribute,
                "state is found by its type: write `#[state]`",
            ));
        }
        if found {
            return Err(Error::new_spanned(attribute, "write `#[state]` once"));
        }
        found = true;
    }
    Ok(found)
}

fn unnamed(pattern: &Pat) -> Error {
    let text = match pattern {
        Pat::Wild(_) => {
            "an argument of a durable function has a name: write `_name` if the body \
                         does not use it"
        }
        _ => "an argument of a durable function has a name: take it apart in the body",
    };
    Error::new_spanned(pattern, text)
}

fn check_type(ty: &Type, state: bool) -> Result<()> {
    if let Some(owned) = owned(ty) {
        let why = if state {
            "state is cloned into each run of a durable function, so it owns it"
        } else {
            "the arguments of a durable function are recorded, so it owns them"
        };
        return Err(Error::new_spanned(ty, format!("{why}: {owned}")));
    }
    if mentions_impl(ty.to_token_stream()) {
        let why = if state {
            "state is found by its type"
        } else {
            "the arguments of a durable function are recorded, so their types are known"
        };
        let text = format!("{why}: name the type instead of `impl Trait`");
        return Err(Error::new_spanned(ty, text));
    }
    Ok(())
}

/// What to write instead of a type that borrows.
fn owned(ty: &Type) -> Option<String> {
    if let Type::Reference(reference) = ty {
        let inner = crate::text::of(&reference.elem);
        let owned = match &*reference.elem {
            Type::Slice(slice) => format!("Vec<{}>", crate::text::of(&slice.elem)),
            _ => match inner.as_str() {
                "str" => "String".to_owned(),
                "Path" => "PathBuf".to_owned(),
                "OsStr" => "OsString".to_owned(),
                _ => inner,
            },
        };
        return Some(format!("write `{owned}`"));
    }
    borrows(ty.to_token_stream()).then(|| "write a type without references".to_owned())
}

fn borrows(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '&',
        TokenTree::Group(group) => borrows(group.stream()),
        _ => false,
    })
}

fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        _ => false,
    })
}
