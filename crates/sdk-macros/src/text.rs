//! Types as a person writes them.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// A type as text, without the blanks that a token stream prints around every token.
pub(crate) fn of(ty: &impl ToTokens) -> String {
    let mut text = String::new();
    write(ty.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut after_word = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
                after_word = false;
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if matches!(punct.as_char(), ',' | ';') && punct.spacing() == Spacing::Alone {
                    text.push(' ');
                }
                after_word = false;
            }
            word => {
                if after_word {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                // A lifetime is a quote and a word, and what follows it is apart.
                after_word = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::{Type, parse_str};

    #[test]
    fn types_look_as_they_are_written() {
        for text in ["Vec<String>", "Option<(u32, [u8; 4])>", "std::io::Result<()>", "dyn Send"] {
            assert_eq!(super::of(&parse_str::<Type>(text).unwrap()), text);
        }
    }
}
