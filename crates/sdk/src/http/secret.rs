//! Whether somebody knows the secret.

use ::http::{HeaderMap, Uri, header};

/// The parameter of a URL that may hold it.
const PARAMETER: &str = "secret";

/// Something that only the server and those who configured it know.
#[derive(Clone)]
pub(super) struct Secret(Box<[u8]>);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        Self(text.as_bytes().into())
    }

    /// Whether a request shows it: as a bearer token, or in its URL.
    pub(super) fn is_shown(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let header = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        let bearer = header.and_then(|value| match value.split_at_checked(7) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => Some(token),
            _ => None,
        });
        let parameter = uri.query().unwrap_or_default().split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == PARAMETER).then_some(value.as_bytes())
        });
        bearer.is_some_and(|token| self.is(token)) || parameter.is_some_and(|text| self.is(text))
    }

    /// Compares in a time that says nothing about where the difference is.
    fn is(&self, other: &[u8]) -> bool {
        let differences = self.0.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
        self.0.len() == other.len() && differences == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_as_a_bearer_or_in_the_url() {
        let secret = Secret::new("open sesame");
        let shown = |uri: &'static str, bearer: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(bearer) = bearer {
                headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
            }
            secret.is_shown(&Uri::from_static(uri), &headers)
        };
        assert!(shown("/", Some("Bearer open sesame")));
        assert!(shown("/", Some("bearer open sesame")));
        let secret = Secret::new("k");
        assert!(secret.is_shown(&Uri::from_static("/abide?a=b&secret=k"), &HeaderMap::new()));
        for (uri, bearer) in [
            ("/", None),
            ("/", Some("open sesame")),
            ("/", Some("Bearer")),
            ("/", Some("Bearer open sesam")),
            ("/", Some("Bearer open sesame ")),
            ("/", Some("Bearer open sesamE")),
            ("/?secret=", None),
            ("/?secret", None),
            ("/?secrets=open", None),
        ] {
            assert!(!shown(uri, bearer), "{uri} {bearer:?}");
        }
    }
}
