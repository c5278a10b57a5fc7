//! `/artifacts/<job>.<extension>`: the files of a job, from a closed set of names.

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use crate::domain::artifact::Format;
use crate::domain::id::JobId;
use crate::http::Face;
use crate::http::error::ApiError;

#[derive(Deserialize)]
pub(crate) struct HowQuery {
    download: Option<String>,
}

pub(crate) async fn get_artifact(
    State(face): State<Face>,
    Path(name): Path<String>,
    Query(how): Query<HowQuery>,
    request: Request,
) -> Result<Response, ApiError> {
    let missing = || ApiError::not_found("There is no such file");
    let (job, extension) = name.split_once('.').ok_or_else(missing)?;
    let job: JobId = job.parse().map_err(|_| missing())?;
    let media_type = match extension {
        "py" => "text/x-python; charset=utf-8",
        "json" => "application/json",
        other => Format::ALL.into_iter().find(|f| f.extension() == other).ok_or_else(missing)?.media_type(),
    };
    let path = face.jobs.store().path(job, extension).ok_or_else(missing)?;
    // Ranges and conditional requests are the library's work.
    let Ok(response) = ServeFile::new(path).oneshot(request).await;
    let mut response = response.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // An artifact may change once: a re-export after a restart. `no-cache` lets the browser revalidate.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Drawings and data of generated code are never a document of this origin.
    let inline = how.download.is_none() && !matches!(extension, "svg");
    if !inline && let Ok(value) = HeaderValue::from_str(&disposition(&face, job, extension)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A name that a person finds again in the downloads folder.
fn disposition(face: &Face, job: JobId, extension: &str) -> String {
    let prompt = face.jobs.get(job).and_then(|record| record.prompt).unwrap_or_else(|| "part".into());
    let stem = crate::domain::artifact::file_stem(&prompt);
    let id = job.to_string();
    let tail = &id[id.len() - 6..];
    format!("attachment; filename=\"{stem}-{tail}.{extension}\"")
}
