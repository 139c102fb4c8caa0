use http::{HeaderMap, header};

/// The token that requests must carry, if any.
pub(crate) struct Token(Option<Box<[u8]>>);

impl Token {
    pub(crate) fn new(token: Option<&str>) -> Self {
        Token(token.map(|token| token.as_bytes().into()))
    }

    /// Whether a request is admitted: by the token in its envelope or by that in its headers.
    pub(crate) fn admits(&self, auth: Option<&str>, headers: &HeaderMap) -> bool {
        let Some(token) = &self.0 else { return true };
        let auth = auth.is_some_and(|given| same(given.as_bytes(), token));
        auth || bearer(headers).is_some_and(|given| same(given, token))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
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
        let headers =
            |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        let none = HeaderMap::new();
        for (auth, headers, admitted) in [
            (None, none.clone(), false),
            (Some("secret"), none.clone(), true),
            (Some("secre"), none.clone(), false),
            (Some("secrets"), none.clone(), false),
            (Some(""), none.clone(), false),
            (None, headers("Bearer secret"), true),
            (None, headers("bearer  secret "), true),
            (None, headers("Basic secret"), false),
            (None, headers("Bearer"), false),
            (None, headers("Bearer "), false),
            (Some("wrong"), headers("Bearer secret"), true),
        ] {
            assert_eq!(token.admits(auth, &headers), admitted, "{auth:?} {headers:?}");
        }
        assert!(Token::new(None).admits(None, &none));
    }
}
