//! What the attribute expands to.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, ItemFn, ext::IdentExt, spanned::Spanned};

use crate::{argument, argument::Parameter, attributes, check::Checked, options::Options};

/// The function that makes the call, with the body and the registration inside it. The names
/// within it begin with two underscores, since the body sees them.
pub(crate) fn expand(options: &Options, function: &ItemFn, checked: &Checked) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let (outside, inside) = attributes::split(attrs);
    let Checked { parameters, output } = checked;
    let ident = &sig.ident;
    let name = options.name.as_ref().map_or_else(|| ident.unraw().to_string(), |n| n.value());
    let body = format_ident!("__{}", ident.unraw(), span = ident.span());
    let given: Vec<_> = parameters.iter().filter(|parameter| !parameter.state).collect();
    let recorded: Vec<_> = (0..given.len()).map(|n| format_ident!("__{n}")).collect();

    let inputs = parameters
        .iter()
        .map(|Parameter { attributes, pattern, ty, .. }| quote!(#(#attributes)* #pattern: #ty));
    let signature = given.iter().map(|parameter| {
        let (name, ty) = (parameter.name(), &parameter.ty);
        quote!(#name: #ty)
    });
    let recorders = given.iter().zip(&recorded).map(|(parameter, recorder)| {
        let ty = &parameter.ty;
        let argument = quote_spanned!(ty.span()=> ::abide::__private::argument::<#ty>());
        quote!(const #recorder: ::abide::__private::Recorder<#ty> = #argument;)
    });
    let mut recorder = recorded.iter();
    let passed = parameters.iter().map(|parameter| {
        let name = parameter.name().unraw().to_string();
        if parameter.state {
            quote!(inputs.state()?)
        } else {
            let recorder = recorder.next();
            quote!(inputs.next(#name, #recorder)?)
        }
    });
    let arguments = given.iter().zip(&recorded).map(|(parameter, recorder)| {
        let name = parameter.name();
        quote!(.with(#name, #recorder))
    });
    let settings = settings(options, parameters);
    let (call, ty) = (output.call(), &output.ty);
    let [value, error] = output.recorders();
    let run = quote_spanned!(ident.span()=> ::abide::__private::run);
    quote! {
        #(#outside)*
        #[allow(dead_code)]
        #[track_caller]
        #vis fn #ident(#(#signature),*) -> #call {
            #(#inside)*
            async fn #body(#(#inputs),*) -> #ty #block

            #(#recorders)*
            static __FUNCTION: ::abide::__private::Function = ::abide::__private::Function::new(
                #name,
                |inputs| #run(
                    inputs,
                    |inputs| ::core::result::Result::Ok(#body(#(#passed),*)),
                    #value,
                    #error,
                ),
            )#settings;

            ::abide::__private::inventory::submit! {
                ::abide::__private::Registered(&__FUNCTION)
            }

            ::abide::__private::call(&__FUNCTION, ::abide::__private::arguments()#(#arguments)*)
        }
    }
}

/// What differs from the defaults.
fn settings(options: &Options, parameters: &[Parameter]) -> TokenStream {
    let mut settings = TokenStream::new();
    if let Some(version) = options.version {
        settings.extend(quote!(.version(#version)));
    }
    if let Some(on) = &options.on {
        settings.extend(quote!(.on(#on)));
    }
    if let Some(timeout) = options.timeout {
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        settings.extend(quote!(.timeout(#millis)));
    }
    if let Some(retry) = &options.retry {
        settings.extend(quote_spanned!(retry.span()=> .retry(#retry)));
    }
    let needs = parameters.iter().filter(|parameter| parameter.state).map(|parameter| {
        let (name, ty) = (parameter.name().unraw().to_string(), &parameter.ty);
        quote_spanned!(ty.span()=> ::abide::__private::need::<#ty>(#name))
    });
    if parameters.iter().any(|parameter| parameter.state) {
        settings.extend(quote!(.state(&[#(#needs),*])));
    }
    settings
}

/// The errors, and the function as it was, so that no second error says that it is missing.
pub(crate) fn refused(function: &ItemFn, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let mut function = function.clone();
    function.sig.inputs.iter_mut().for_each(argument::strip);
    quote! {
        #error
        #[allow(dead_code, unused)]
        #function
    }
}
