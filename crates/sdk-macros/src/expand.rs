//! What the attribute expands to.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, Ident, ItemFn, ext::IdentExt, spanned::Spanned};

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
    let slots: Vec<_> = (0..parameters.len()).map(|n| format_ident!("__{n}")).collect();

    let of_body = parameters
        .iter()
        .map(|Parameter { attributes, pattern, ty, .. }| quote!(#(#attributes)* #pattern: #ty));
    let given = parameters.iter().zip(&slots).filter(|(parameter, _)| !parameter.state);
    let signature = given.clone().map(|(parameter, _)| {
        let (name, ty) = (parameter.name(), &parameter.ty);
        quote!(#name: #ty)
    });
    let arguments = given.map(|(parameter, slot)| {
        let name = parameter.name();
        quote!(.with(#name, #slot))
    });
    // What is wrong with the body as a future is reported at the function's name.
    let at = ident.span().resolved_at(Span::call_site());
    let inputs = Ident::new("_inputs", at);
    let passed = parameters.iter().zip(&slots).map(|(parameter, slot)| {
        let name = parameter.name().unraw().to_string();
        if parameter.state {
            quote!(#inputs.state(#slot)?)
        } else {
            quote!(#inputs.next(#name, #slot)?)
        }
    });
    let constants =
        parameters.iter().zip(&slots).map(|(parameter, slot)| constant(parameter, slot));
    let settings = settings(options, parameters, &slots);
    let (call, ty) = (output.call(), &output.ty);
    let [value, error] = output.recorders();
    let run = quote_spanned! {at=>
        |#inputs| ::abide::__private::run(
            #inputs,
            |#inputs| ::core::result::Result::Ok(#body(#(#passed),*)),
            #value,
            #error,
        )
    };
    quote! {
        #(#outside)*
        #[allow(dead_code)]
        #[track_caller]
        #vis fn #ident(#(#signature),*) -> #call {
            #(#inside)*
            async fn #body(#(#of_body),*) -> #ty #block

            #(#constants)*
            static __FUNCTION: ::abide::__private::Function = ::abide::__private::Function::new(
                #name,
                #run,
            )#settings;

            ::abide::__private::inventory::submit! {
                ::abide::__private::Registered(&__FUNCTION)
            }

            ::abide::__private::call(&__FUNCTION, ::abide::__private::arguments()#(#arguments)*)
        }
    }
}

/// How a parameter is recorded, or found; checked where its type is written.
fn constant(parameter: &Parameter, slot: &Ident) -> TokenStream {
    let ty = &parameter.ty;
    if parameter.state {
        let name = parameter.name().unraw().to_string();
        let state = quote_spanned!(ty.span()=> ::abide::__private::state::<#ty>(#name));
        quote!(const #slot: ::abide::__private::Injected<#ty> = #state;)
    } else {
        let argument = quote_spanned!(ty.span()=> ::abide::__private::argument::<#ty>());
        quote!(const #slot: ::abide::__private::Recorder<#ty> = #argument;)
    }
}

/// What differs from the defaults.
fn settings(options: &Options, parameters: &[Parameter], slots: &[Ident]) -> TokenStream {
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
    if parameters.iter().any(|parameter| parameter.state) {
        let needs = parameters.iter().zip(slots).filter(|(parameter, _)| parameter.state);
        let needs = needs.map(|(_, slot)| quote!(#slot.need()));
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
