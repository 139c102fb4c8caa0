/// The token that requests must carry, if any.
pub(crate) struct Token(Option<Box<[u8]>>);

impl Token {
    pub(crate) fn new(token: Option<&str>) -> Self {
        Token(token.map(|token| token.as_bytes().into()))
    }

    /// Whether a request is admitted by the token in its envelope.
    pub(crate) fn admits(&self, auth: Option<&str>) -> bool {
        self.is(auth.map(str::as_bytes))
    }

    /// Whether a request is admitted by its header `authorization`.
    pub(crate) fn bears(&self, authorization: Option<&[u8]>) -> bool {
        self.is(authorization.and_then(bearer))
    }

    fn is(&self, given: Option<&[u8]>) -> bool {
        let Some(token) = &self.0 else { return true };
        given.is_some_and(|given| same(given, token))
    }
}

fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

/// Compares in a time that does not tell how much of a guess was right.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differences = given.iter().zip(token).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(differences) == 0 && given.len() == token.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_admitted() {
        let token = Token::new(Some("secret"));
        for (auth, header, admitted) in [
            (None, None, false),
            (Some("secret"), None, true),
            (Some("secre"), None, false),
            (Some("secrets"), None, false),
            (Some(""), None, false),
            (None, Some("Bearer secret"), true),
            (None, Some("bearer  secret "), true),
            (None, Some("Basic secret"), false),
            (None, Some("Bearer"), false),
            (None, Some("Bearer "), false),
            (Some("wrong"), Some("Bearer secret"), true),
        ] {
            let header = header.map(str::as_bytes);
            assert_eq!(token.admits(auth) || token.bears(header), admitted, "{auth:?} {header:?}");
        }
        assert!(Token::new(None).admits(None) && Token::new(None).bears(None));
    }
}
