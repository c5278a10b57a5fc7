//! The page, as it was when this program was built.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Page;

pub(super) async fn index() -> Response {
    file("index.html", "no-cache")
}

/// Vite puts a hash into these names, so they never change.
pub(super) async fn asset(Path(path): Path<String>) -> Response {
    file(&format!("assets/{path}"), "public, max-age=31536000, immutable")
}

fn file(path: &str, caching: &'static str) -> Response {
    let Some(file) = Page::get(path) else {
        return (StatusCode::NOT_FOUND, "Not found").into_response();
    };
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    let headers = [
        (header::CONTENT_TYPE, media_type.essence_str().to_owned()),
        (header::CACHE_CONTROL, caching.to_owned()),
    ];
    (headers, file.data).into_response()
}
