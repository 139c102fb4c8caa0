//! What a durable function must look like, and what to write instead.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, FnArg, Ident, ItemFn, Pat, Result, ReturnType, Type};

/// One argument.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

/// Checks a function and gives its arguments. All that is wrong is reported at once.
pub(crate) fn check(function: &ItemFn) -> Result<Vec<Argument>> {
    let signature = &function.sig;
    let mut errors = Errors(None);
    if signature.asyncness.is_none() {
        errors.add(
            signature.fn_token,
            format!("a durable function is async: write `async fn {}`", signature.ident),
        );
    }
    if !signature.generics.params.is_empty() {
        errors.add(
            &signature.generics,
            "a durable function cannot be generic: it is called by its name, also by other \
             processes; write one function for each type, or take an enum",
        );
    }
    match &signature.output {
        ReturnType::Default => errors.add(
            &signature.ident,
            "a durable function returns a `Result`, since a durable call can fail: write \
             `-> abide::Result<()>`",
        ),
        ReturnType::Type(_, ty) if !may_be_result(ty) => errors.add(
            ty,
            format!(
                "a durable function returns a `Result`, since a durable call can fail: write \
                 `-> abide::Result<{}>`",
                ty.to_token_stream()
            ),
        ),
        ReturnType::Type(..) => {}
    }
    let mut arguments = Vec::new();
    for input in &signature.inputs {
        match argument(input) {
            Ok(argument) => arguments.push(argument),
            Err(error) => errors.push(error),
        }
    }
    errors.done(arguments)
}

fn argument(input: &FnArg) -> Result<Argument> {
    let FnArg::Typed(typed) = input else {
        return Err(Error::new_spanned(
            input,
            "a durable function has no `self`: it may run again in another process, where this \
             value does not exist; write a free function and pass what it needs",
        ));
    };
    if let Some(instead) = borrowed(&typed.ty) {
        return Err(Error::new_spanned(
            &typed.ty,
            format!("the arguments of a durable function are recorded, so it owns them: {instead}"),
        ));
    }
    if let Type::ImplTrait(_) = &*typed.ty {
        return Err(Error::new_spanned(
            &typed.ty,
            "the arguments of a durable function are recorded, so their types are known: name the \
             type instead of `impl Trait`",
        ));
    }
    match &*typed.pat {
        Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
            Ok(Argument { name: ident.ident.clone(), ty: (*typed.ty).clone() })
        }
        pattern => Err(Error::new_spanned(
            pattern,
            "an argument of a durable function has a name: take it apart in the body",
        )),
    }
}

/// What to write instead of a type that borrows.
fn borrowed(ty: &Type) -> Option<String> {
    if let Type::Reference(reference) = ty {
        let inner = reference.elem.to_token_stream().to_string();
        let owned = match &*reference.elem {
            Type::Slice(slice) => format!("Vec<{}>", slice.elem.to_token_stream()),
            _ if inner == "str" => "String".to_owned(),
            _ if inner == "Path" => "PathBuf".to_owned(),
            _ => inner,
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

/// Whether a type could be a `Result`. An alias of another name is judged by the compiler.
fn may_be_result(ty: &Type) -> bool {
    const NEVER: [&str; 20] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "String", "Vec", "Option", "Box",
    ];
    match ty {
        Type::Path(path) => {
            path.path.segments.last().is_none_or(|last| !NEVER.iter().any(|n| last.ident == n))
        }
        Type::Macro(_) | Type::Paren(_) | Type::Group(_) => true,
        _ => false,
    }
}

struct Errors(Option<Error>);

impl Errors {
    fn add(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.push(Error::new_spanned(at, message));
    }

    fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    fn done<T>(self, value: T) -> Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}
