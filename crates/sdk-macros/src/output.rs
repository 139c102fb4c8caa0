//! What a durable function returns.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    GenericArgument, Ident, PathArguments, Result, ReturnType, Type, TypePath, spanned::Spanned,
};

use crate::{errors::Errors, text};

/// Types that are not a `Result` and are often written where one belongs.
const NEVER: [&str; 22] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize", "String", "Vec", "Option", "Box", "HashMap", "BTreeMap",
];

/// The type after the arrow.
pub(crate) struct Output {
    /// As it is written.
    pub(crate) ty: Type,
    value: Option<Type>,
    error: Failure,
}

/// What is known of the error type.
enum Failure {
    /// It is written out.
    Given(Box<Type>),
    /// It is `abide::Error`.
    Abide,
    /// The alias knows.
    Alias,
}

impl Output {
    /// The type of the call. It is spelled out where that can be told without resolving names,
    /// since that is what rustdoc and editors show.
    pub(crate) fn call(&self) -> TokenStream {
        let ty = &self.ty;
        match (&self.value, &self.error) {
            (Some(value), Failure::Given(error)) => quote!(::abide::Call<#value, #error>),
            (Some(value), Failure::Abide) => quote!(::abide::Call<#value>),
            _ => quote_spanned!(ty.span()=> ::abide::CallOf<#ty>),
        }
    }

    /// How the value and the error are recorded, each checked where it is written.
    pub(crate) fn recorders(&self) -> [TokenStream; 2] {
        let at = self.ty.span();
        let value = match &self.value {
            Some(value) => one("value", Some(value), value.span()),
            None => one("value", None, at),
        };
        let error = match &self.error {
            Failure::Given(error) => one("error", Some(&**error), error.span()),
            Failure::Abide => quote_spanned!(at=> ::abide::__private::error::<::abide::Error>()),
            Failure::Alias => {
                let ty = &self.ty;
                quote_spanned! {at=>
                    ::abide::__private::error::<<#ty as ::abide::__private::Returns>::Error>()
                }
            }
        };
        let error = quote! {{
            #[allow(unused_imports)]
            use ::abide::__private::{ByContent as _, ByText as _};
            (&#error).recorder()
        }};
        [value, error]
    }
}

fn one(what: &str, ty: Option<&Type>, at: Span) -> TokenStream {
    let what = Ident::new(what, at);
    match ty {
        Some(ty) => quote_spanned!(at=> ::abide::__private::#what::<#ty>()),
        None => quote_spanned!(at=> ::abide::__private::#what()),
    }
}

/// Reads what a function returns.
pub(crate) fn read(name: &Ident, output: &ReturnType) -> Result<Output> {
    let mut errors = Errors::default();
    match output {
        ReturnType::Default => {
            errors.add(
                name,
                "a durable function returns a `Result`, since a durable call can fail: write \
                 `-> abide::Result<()>`",
            );
            errors.done(None)
        }
        ReturnType::Type(_, ty) => {
            if let Type::ImplTrait(_) = &**ty {
                errors.add(
                    ty,
                    "the result of a durable function is recorded, so its type is known: name it, \
                     as in `-> abide::Result<T>`",
                );
            } else if !may_be_result(ty) {
                errors.add(
                    ty,
                    format!(
                        "a durable function returns a `Result`, since a durable call can fail: \
                         write `-> abide::Result<{}>`",
                        text::of(ty)
                    ),
                );
            }
            errors.done(Some(known((**ty).clone())))
        }
    }
    .map(|output| output.expect("there is an output or an error"))
}

/// What can be told from a type without resolving its names.
fn known(ty: Type) -> Output {
    let Type::Path(TypePath { qself: None, path, .. }) = &ty else {
        return Output { ty, value: None, error: Failure::Alias };
    };
    let last = path.segments.last().filter(|last| last.ident == "Result");
    let Some(PathArguments::AngleBracketed(given)) = last.map(|last| &last.arguments) else {
        return Output { ty, value: None, error: Failure::Alias };
    };
    let types: Vec<_> = given
        .args
        .iter()
        .map_while(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty.clone()),
            _ => None,
        })
        .collect();
    let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let ours = names == ["abide", "Result"];
    let (value, error) = match <[Type; 2]>::try_from(types) {
        Ok([value, error]) => (Some(value), Failure::Given(Box::new(error))),
        Err(types) => {
            let error = if ours { Failure::Abide } else { Failure::Alias };
            (types.into_iter().next(), error)
        }
    };
    Output { ty, value, error }
}

/// Whether a type could be a `Result`. An alias of another name is judged by the compiler.
fn may_be_result(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            path.path.segments.last().is_none_or(|last| !NEVER.iter().any(|n| last.ident == n))
        }
        Type::Macro(_) | Type::Paren(_) | Type::Group(_) => true,
        _ => false,
    }
}
