//! What the attribute expands to.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn, ReturnType};

use crate::{check::Argument, options::Options};

/// The function that makes the call, with the body and the registration inside it.
pub(crate) fn expand(options: &Options, function: &ItemFn, arguments: &[Argument]) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let ReturnType::Type(_, output) = &sig.output else { unreachable!("it was checked") };
    let (ident, inputs) = (&sig.ident, &sig.inputs);
    let names: Vec<_> = arguments.iter().map(|argument| &argument.name).collect();
    let types: Vec<_> = arguments.iter().map(|argument| &argument.ty).collect();
    let name = match &options.name {
        Some(name) => name.value(),
        None => ident.to_string().trim_start_matches("r#").to_owned(),
    };
    let version = options.version.unwrap_or(1);
    let on = option(options.on.as_ref());
    let timeout = option(options.timeout.map(|timeout| {
        let millis = timeout.as_millis() as u64;
        quote!(::core::time::Duration::from_millis(#millis))
    }));
    let retry = option(options.retry.as_ref());
    quote! {
        #(#attrs)*
        #[track_caller]
        #vis fn #ident(
            #(#names: #types),*
        ) -> ::abide::Call<
            <#output as ::abide::__private::Returns>::Value,
            <#output as ::abide::__private::Returns>::Error,
        > {
            async fn body(#inputs) -> #output #block

            fn run(arguments: &str) -> ::abide::__private::Running {
                ::abide::__private::run(
                    arguments,
                    |(#(#names,)*): (#(#types,)*)| body(#(#names),*),
                )
            }

            static FUNCTION: ::abide::__private::Function = ::abide::__private::Function {
                name: #name,
                version: #version,
                on: #on,
                timeout: #timeout,
                retry: #retry,
                run,
            };

            ::abide::__private::inventory::submit! {
                ::abide::__private::Registered(&FUNCTION)
            }

            ::abide::Call::new(&FUNCTION, (#(#names,)*))
        }
    }
}

fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// The errors, and the function as it was, so that no second error says that it is missing.
pub(crate) fn refused(function: &ItemFn, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote! {
        #error
        #[allow(dead_code, unused)]
        #function
    }
}
