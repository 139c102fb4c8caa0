use http::{HeaderValue, Response, StatusCode, Uri, header};

use crate::{Origins, reply::Whole};

/// How long a browser may remember what it was allowed: a day, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// Which pages may use the server, and how browsers are told.
pub(crate) struct Cors(Origins);

impl Cors {
    pub(crate) fn new(origins: Origins) -> Self {
        Cors(origins)
    }

    pub(crate) fn allows(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        match &self.0 {
            Origins::Any => true,
            Origins::Only(origins) => origins.iter().any(|allowed| allowed == origin),
            Origins::Local => is_local(origin),
        }
    }

    /// Allows the page of this origin to read the response.
    pub(crate) fn allow<B>(&self, response: &mut Response<B>, origin: HeaderValue) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }

    /// Answers a browser that asks what it may do.
    pub(crate) fn preflight(&self) -> Response<Whole> {
        let mut response = Response::new(Whole::default());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        let methods = HeaderValue::from_static("GET, POST, OPTIONS");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        let allowed = HeaderValue::from_static("authorization, content-type");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        response
    }
}

fn is_local(origin: &str) -> bool {
    let uri = origin.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host);
    matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let only = Origins::Only(vec!["https://console.example.com".into()]);
        for (origins, origin, allowed) in [
            (Origins::Local, "http://localhost:3000", true),
            (Origins::Local, "https://127.0.0.1", true),
            (Origins::Local, "http://[::1]:5173", true),
            (Origins::Local, "http://localhost.example.com", false),
            (Origins::Local, "http://localhost@example.com", false),
            (Origins::Local, "https://example.com", false),
            (Origins::Local, "null", false),
            (Origins::Any, "https://example.com", true),
            (Origins::Any, "null", true),
            (only.clone(), "https://console.example.com", true),
            (only.clone(), "http://console.example.com", false),
            (only, "http://localhost:3000", false),
        ] {
            let cors = Cors::new(origins.clone());
            let value = HeaderValue::from_static(origin);
            assert_eq!(cors.allows(&value), allowed, "{origins:?} {origin}");
        }
    }
}
