//! Who may ask: only pages of this very server. Stops DNS rebinding (Host) and other sites' pages (Origin, Sec-Fetch-Site).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;

/// The page may load from here and nowhere else; this also proves that it works offline.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Refuses strangers and adds the headers that every answer carries.
pub(super) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = match stranger(request.headers(), port) {
        Some(why) => refuse(why),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refuse(why: &'static str) -> Response {
    let hint = "Open the address that `naturalcad serve` printed; other sites may not talk to it";
    ApiError::new(StatusCode::FORBIDDEN, "stranger", why, hint).into_response()
}

/// Why a request is none of this server's own; `None` when it is.
fn stranger(headers: &HeaderMap, port: u16) -> Option<&'static str> {
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) {
        (Some(host), None) if ours.iter().any(|our| our == host) => {}
        _ => return Some("The Host header does not name this server"),
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        if !ours.iter().any(|our| origin.strip_prefix("http://") == Some(our)) {
            return Some("The Origin header names another site");
        }
    }
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => None,
        Some(_) => Some("Another site's page asked for this"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        stranger(&headers, 8123)
    }

    #[test]
    fn only_pages_of_this_server_may_ask() {
        assert_eq!(asked(&[("host", "127.0.0.1:8123")]), None);
        assert_eq!(asked(&[("host", "localhost:8123"), ("origin", "http://localhost:8123")]), None);
        assert_eq!(asked(&[("host", "localhost:8123"), ("sec-fetch-site", "none")]), None);
        for refused in [
            &[][..],
            &[("host", "")],
            &[("host", "evil.example:8123")],
            &[("host", "127.0.0.1:8124")],
            &[("host", "127.0.0.1:8123"), ("host", "evil.example")],
            &[("host", "localhost.:8123")],
            &[("host", "127.0.0.1:8123"), ("origin", "null")],
            &[("host", "127.0.0.1:8123"), ("origin", "http://evil.example")],
            &[("host", "127.0.0.1:8123"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(asked(refused).is_some(), "{refused:?}");
        }
    }
}
