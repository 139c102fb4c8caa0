//! Rust sources as tokens, so that comments and strings are not mistaken for code.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A token and the line it is on. Groups are flattened into their brackets' content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Ident,
    /// A string, a number, a character.
    Literal,
    /// Everything else, an opening bracket included.
    Punct,
}

/// The tokens of a source, without comments and doc comments.
///
/// # Errors
/// When it is not Rust.
pub fn read(source: &str) -> Result<Vec<Token>, String> {
    let stream: TokenStream = source.parse().map_err(|error| format!("{error}"))?;
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    Ok(tokens)
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let (kind, text) = match tree {
            // A doc comment reads as the attribute `#[doc = "..."]`, or `#![doc = "..."]`.
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                while trees.next_if(|next| is_doc(next) || is_bang(next)).is_some() {}
                continue;
            }
            TokenTree::Group(group) => {
                let open = match group.delimiter() {
                    Delimiter::Parenthesis => "(",
                    Delimiter::Brace => "{",
                    Delimiter::Bracket => "[",
                    Delimiter::None => "",
                };
                tokens.push(Token { kind: Kind::Punct, text: open.into(), line });
                flatten(group.stream(), tokens);
                continue;
            }
            TokenTree::Ident(ident) => (Kind::Ident, ident.to_string()),
            TokenTree::Literal(literal) => (Kind::Literal, literal.to_string()),
            TokenTree::Punct(punct) => (Kind::Punct, punct.to_string()),
        };
        tokens.push(Token { kind, text, line });
    }
}

fn is_bang(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '!')
}

fn is_doc(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}

#[cfg(test)]
mod tests {
    use super::{Kind, read};

    fn idents(source: &str) -> Vec<String> {
        let tokens = read(source).unwrap();
        tokens.into_iter().filter(|t| t.kind == Kind::Ident).map(|t| t.text).collect()
    }

    #[test]
    fn comments_are_not_code() {
        let source = "//! a promise\n/// a task\n#[derive(Debug)] struct X; // schedule";
        assert_eq!(idents(source), ["derive", "Debug", "struct", "X"]);
    }

    #[test]
    fn groups_are_flattened_and_lines_kept() {
        let tokens = read("fn f() {\n  g(\n    \"x\")\n}").unwrap();
        let found = tokens.iter().find(|token| token.kind == Kind::Literal).unwrap();
        assert_eq!((found.text.as_str(), found.line), ("\"x\"", 3));
    }

    #[test]
    fn what_is_not_rust_is_an_error() {
        assert!(read("fn f( {").is_err());
    }
}
