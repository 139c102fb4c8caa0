//! What a durable function must look like, and what to write instead.

use syn::{ItemFn, Result, Safety, Signature};

use crate::{
    argument::{self, Parameter},
    errors::Errors,
    output::{self, Output},
};

/// A function that can be durable.
pub(crate) struct Checked {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Output,
}

/// Checks a function. All that is wrong is reported at once.
pub(crate) fn check(function: &ItemFn) -> Result<Checked> {
    let signature = &function.sig;
    let mut errors = Errors::default();
    qualifiers(signature, &mut errors);
    generics(signature, &mut errors);
    let mut parameters = Vec::new();
    for input in &signature.inputs {
        match argument::read(input) {
            Ok(parameter) => parameters.push(parameter),
            Err(error) => errors.push(error),
        }
    }
    if let Some(variadic) = &signature.variadic {
        errors.add(variadic, "a durable function takes a fixed number of arguments: take a `Vec`");
    }
    let output = match output::read(&signature.ident, &signature.output) {
        Ok(output) => Some(output),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let output = errors.done(output)?;
    Ok(Checked { parameters, output: output.expect("there is an output or an error") })
}

fn qualifiers(signature: &Signature, errors: &mut Errors) {
    if let Some(token) = &signature.constness {
        errors.add(token, "a durable function runs later and elsewhere: leave out `const`");
    } else if signature.asyncness.is_none() {
        errors.add(
            signature.fn_token,
            format!("a durable function is async: write `async fn {}`", signature.ident),
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.add(
            token,
            "a durable function is called by its name, also by other processes, so nobody could \
             vouch for it: leave out `unsafe`, and use an `unsafe` block within the body",
        );
    }
    if let Some(abi) = &signature.abi {
        errors.add(
            abi,
            "a durable function is called by its name through the engine: leave out `extern`; \
             other languages call it by that name too",
        );
    }
}

fn generics(signature: &Signature, errors: &mut Errors) {
    let generics = &signature.generics;
    if generics.lifetimes().next().is_some() {
        errors.add(
            generics,
            "a durable function may run again when its caller is long gone, so it borrows \
             nothing: leave out the lifetimes and take owned values",
        );
    } else if !generics.params.is_empty() {
        errors.add(
            generics,
            "a durable function cannot be generic: it is called by its name, also by other \
             processes; write one function for each type, or take an enum",
        );
    }
    if let Some(clause) = &generics.where_clause
        && generics.params.is_empty()
    {
        errors.add(
            clause,
            "a durable function is not generic, so there is nothing to bound: leave out `where`",
        );
    }
}
