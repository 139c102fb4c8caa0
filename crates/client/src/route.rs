use http::{HeaderValue, Method, Uri, header};

/// A method and a place, and what the head of each request to it says.
#[derive(Debug)]
pub(crate) struct Route {
    /// All that is the same every time.
    head: Vec<u8>,
    has_body: bool,
}

impl Route {
    /// A route to `path` below the base URL. Only a POST has a body, which is JSON.
    pub(crate) fn new(
        method: &Method,
        base: &Uri,
        path: &str,
        bearer: Option<&HeaderValue>,
    ) -> Self {
        let before = base.path().trim_end_matches('/');
        let host = host(base);
        let mut head = format!("{method} {before}{path} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
        if let Some(bearer) = bearer {
            for part in
                [header::AUTHORIZATION.as_str().as_bytes(), b": ", bearer.as_bytes(), b"\r\n"]
            {
                head.extend_from_slice(part);
            }
        }
        let has_body = method == Method::POST;
        if has_body {
            head.extend_from_slice(b"content-type: application/json\r\ncontent-length: ");
        } else {
            // It is asked once, and a server takes what is posted over connections on which
            // nothing else comes by a shorter way.
            head.extend_from_slice(b"connection: close\r\n");
        }
        Route { head, has_body }
    }

    /// Writes the head of a request whose body has this length.
    pub(crate) fn write_head(&self, length: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        if self.has_body {
            out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// The host as a request names it: without the port if that is the usual one.
fn host(base: &Uri) -> String {
    let host = base.host().unwrap_or_default();
    let usual = if base.scheme_str() == Some("https") { 443 } else { 80 };
    match base.port_u16() {
        Some(port) if port != usual => format!("{host}:{port}"),
        _ => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(url: &str, method: &Method, length: usize) -> String {
        let bearer = HeaderValue::from_static("Bearer secret");
        let bearer = url.contains("8443").then_some(&bearer);
        let mut out = Vec::new();
        Route::new(method, &url.parse().unwrap(), "/batch", bearer).write_head(length, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_head_says_where_it_goes_and_how_much_follows() {
        assert_eq!(
            written("http://host:8001", &Method::POST, 1_234),
            "POST /batch HTTP/1.1\r\nhost: host:8001\r\ncontent-type: application/json\r\n\
             content-length: 1234\r\n\r\n"
        );
        assert_eq!(
            written("https://host:8443/behind/a/proxy/", &Method::GET, 0),
            "GET /behind/a/proxy/batch HTTP/1.1\r\nhost: host:8443\r\n\
             authorization: Bearer secret\r\nconnection: close\r\n\r\n"
        );
    }

    #[test]
    fn the_port_is_named_where_it_is_not_the_usual_one() {
        for (url, host) in [
            ("http://host", "host"),
            ("http://host:80", "host"),
            ("https://host:443/", "host"),
            ("http://host:443", "host:443"),
            ("https://host:80", "host:80"),
            ("http://user:word@host:9", "host:9"),
            ("http://[::1]:8001/", "[::1]:8001"),
            ("http://[::1]", "[::1]"),
        ] {
            let head = written(url, &Method::GET, 0);
            assert!(head.contains(&format!("\r\nhost: {host}\r\n")), "{url}: {head}");
        }
    }
}
